"""What the workshop's tests share: drawn photographs, a tiny network, one run, its model files."""

import importlib.util
import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from florapp.core.drawing import draw

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CLASSES = ("sunflower", "tulip", "water_lily")

RECIPE = """
name = "tiny"
title = "Three drawn flowers"
[data]
valid_fraction = 0.25
licence = "drawn"
provenance = "drawn by florapp.core.drawing"
[model]
size = 32
[head]
size = 32
epochs = 40
learning_rate = 1e-2
batch = 16
[fine_tune]
sizes = [32, 32, 40, 32]
train_from = "conv2"
batch = 8
learning_rate = 3e-3
warmup_steps = 3
"""

if importlib.util.find_spec("tensorflow") is None:
    collect_ignore_glob = ["test_*.py"]


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.workshop)


@pytest.fixture(scope="session", autouse=True)
def tiny(tmp_path_factory):
    """What is in tiny.py, whose network stands in ResNet50's place from here on.

    What is kept for later runs is kept in a folder of the tests' own.
    """
    module = SimpleNamespace(**runpy.run_path(str(HERE / "tiny.py")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setattr("training.measure._RESAMPLES", 50)  # saves a second or two each time
        patch.setitem(module.backbones.BACKBONES, "resnet50", module.TINY)
        yield module


@pytest.fixture(scope="session")
def photographs(tmp_path_factory):
    """A folder of three classes, 20 drawn flowers of 48 px each."""
    root, random = tmp_path_factory.mktemp("photographs"), np.random.default_rng(12)  # no twins
    for name in CLASSES:
        (root / name).mkdir()
        for number in range(20):
            x, y = random.uniform(0.3, 0.7, 2)
            pixels = draw(name, 48, 48, centre=(x, y), radius=random.uniform(0.2, 0.45))
            Image.fromarray(pixels).save(root / name / f"{name}_{number}.png")
    return root


@pytest.fixture(scope="session")
def copied(photographs, tmp_path_factory):
    """A function that gives a copy of the photographs, to be spoilt."""
    return lambda: Path(
        shutil.copytree(photographs, tmp_path_factory.mktemp("copy"), dirs_exist_ok=True)
    )


@pytest.fixture(scope="session")
def weights(tiny, tmp_path_factory):
    """A file of starting weights, with BatchNormalization that does something."""
    import keras

    keras.utils.set_random_seed(3)
    network = tiny.tiny_cnn(None, False, (None, None, 3), "resnet50")
    random = np.random.default_rng(3)
    for name, size in (("conv1_bn", 8), ("conv2_bn", 16)):
        gamma, beta, mean = random.uniform(0.5, 1.5, size), random.normal(size=size), np.zeros(size)
        variance = np.full(size, 3000.0 if name == "conv1_bn" else 1.0)
        network.get_layer(name).set_weights([gamma, beta, mean, variance])
    path = tmp_path_factory.mktemp("weights") / "tiny.weights.h5"
    network.save_weights(path)
    return path


@pytest.fixture(scope="session")
def recipe_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("recipe") / "tiny.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def recipe(recipe_file):
    from training.config import load_recipe

    return load_recipe(recipe_file)


@pytest.fixture(scope="session")
def dataset(photographs, recipe):
    from training.dataset import find

    return find(photographs, recipe.data)


@pytest.fixture(scope="session")
def labels(dataset):
    from training.labels import read_labels

    return read_labels(None, dataset.classes)


@pytest.fixture(scope="session")
def finished(recipe, labels, dataset, weights, tmp_path_factory):
    """The folder of a run that nobody stopped."""
    from training.fit import fit

    folder = tmp_path_factory.mktemp("runs") / "finished"
    fit(recipe, labels, dataset, weights, folder)
    return folder


@pytest.fixture
def run(finished):
    from training.run import load

    return load(finished)


@pytest.fixture(scope="session")
def exported(finished, dataset, tmp_path_factory):
    """The model files of the finished run, fp32 and int8. Not to be changed."""
    from florapp.core.geometry import Geometry
    from training.export import export
    from training.run import load

    out = tmp_path_factory.mktemp("models") / "tiny.onnx"
    return export(load(finished), dataset, out, Geometry(32, "stretch"))


@pytest.fixture
def start(tmp_path):
    """A function that starts the workshop's command line in a process of its own.

    No features are known to it that another test has computed.
    """
    started, cache = [], {"XDG_CACHE_HOME": str(tmp_path / "cache")}

    def start(*arguments, pause=0.0):
        process = subprocess.Popen(
            [sys.executable, str(HERE / "tiny.py"), *map(str, arguments)],
            cwd=ROOT,
            env=os.environ | cache | {"TINY_PAUSE": str(pause), "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def state_of():
    """A function that reads where a run stands."""
    return lambda folder: json.loads((folder / "state.json").read_text(encoding="utf-8"))


SPACE = """
[search]
"fine_tune.learning_rate" = {low = 1e-4, high = 1e-2, log = true}
"fine_tune.batch" = {choices = [8, 16]}
"model.dropout" = {low = 0.0, high = 0.5}
"head.epochs" = {low = 2, high = 6}
"augmentation.scale" = {choices = [[0.3, 1.0], [0.8, 1.0]]}
"""


@pytest.fixture
def space_file(recipe_file, tmp_path):
    path = tmp_path / "space.toml"
    path.write_text(recipe_file.read_text().replace("[32, 32, 40, 32]", "[32, 32]") + SPACE)
    return path


@pytest.fixture
def spacious(space_file):
    from training.config import load_recipe

    return load_recipe(space_file)
