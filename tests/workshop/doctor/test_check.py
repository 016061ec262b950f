"""The data doctor as a command, with its network; and a training without what it found."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from florapp.core.drawing import draw
from training.__main__ import app


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The folder where features are kept."""
    folder = tmp_path / "cache"
    monkeypatch.setattr("training.features.cache_folder", lambda: folder)
    return folder


@pytest.fixture
def run_it():
    """A function that runs a command and gives what it printed, or the sentence it failed with."""

    def run_it(*arguments):
        done = CliRunner().invoke(app, [str(argument) for argument in arguments])
        return done.output if done.exit_code == 0 else str(done.exception)

    return run_it


def kept(cache):
    """The names in each file of kept features."""
    files = {}
    for path in cache.rglob("*.npz"):
        with np.load(path) as saved:
            assert saved["features"].shape == (len(saved["names"]), 16)
            files[path] = set(saved["names"].tolist())
    return files


def test_a_recipe_that_begins_from_nothing_has_its_photographs_looked_at_by_the_usual_network(
    cache, run_it, copied, tmp_path, weights
):
    recipe = tmp_path / "cnn.toml"
    recipe.write_text('[model]\nbackbone = "cnn"\nsize = 40\n[model.cnn]\nfilters = [4]\n'
                      "[fine_tune]\nsizes = [40]\n")  # fmt: skip
    root = copied()
    said = run_it("check", root, "--recipe", recipe, "--weights", weights)
    assert "60 photographs of 3 classes" in said
    (path,) = kept(cache)
    with np.load(path) as saved:
        first = saved["features"]
    path.unlink()
    run_it("check", root, "--recipe", recipe, "--weights", weights)
    with np.load(path) as saved:
        np.testing.assert_array_equal(saved["features"], first)  # none of random weights


def test_features_are_computed_once(cache, run_it, copied, recipe_file, weights, monkeypatch):
    root = copied()
    command = ("check", root, "--recipe", recipe_file, "--weights", weights)
    first = run_it(*command)
    assert "60 photographs of 3 classes" in first
    assert "frozen network: 60 to compute" in first
    (known,) = kept(cache)
    with monkeypatch.context() as patch:
        patch.setattr("training.features._network", lambda *args: pytest.fail("computed"))
        (root / "tulip" / "tulip_0.png").rename(root / "tulip" / "another_name.png")
        again = run_it(*command)
    assert "frozen network" not in again
    assert again.splitlines()[-1] == first.splitlines()[-1]
    (root / "tulip" / "new.png").write_bytes((root / "tulip" / "tulip_1.png").read_bytes() + b"\n")
    assert "frozen network: 1 to compute" in run_it(*command)
    assert sorted(len(names) for names in kept(cache).values()) == [1, 60]
    known.write_bytes(known.read_bytes()[:1000])  # by a full disk, say
    assert "frozen network: 60 to compute" in run_it(*command)


def test_other_weights_or_another_size_are_other_features(
    cache, run_it, photographs, recipe_file, weights, tmp_path
):
    run_it("check", photographs, "--recipe", recipe_file, "--weights", weights)
    other = tmp_path / "size.toml"
    other.write_text(recipe_file.read_text().replace("[head]\nsize = 32", "[head]\nsize = 40"))
    run_it("check", photographs, "--recipe", other, "--weights", weights)
    assert len(list(cache.iterdir())) == 2


def test_the_network_tells_wrong_labels_and_strangers(
    cache, run_it, recipe_file, weights, tmp_path
):
    """Flowers without blue, and without red: whatever network looks at them can tell these."""
    root, random = tmp_path / "data", np.random.default_rng(1)

    def put(name, number, missing):
        pixels = draw("tulip", 48, 48, centre=tuple(random.uniform(0.3, 0.7, 2)))
        pixels[..., missing] = 0
        folder = root / ("train" if number else "valid") / name
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{name}{number}.png")

    for number in range(25):
        put("red", number, 2)
        put("blue", number, 2 if number in (0, 7) else 0)
    stripes = np.zeros((48, 48, 3), np.uint8)
    stripes[::6] = 255
    Image.fromarray(stripes).save(root / "train" / "red" / "stripes.png")
    csv, page = tmp_path / "out.csv", tmp_path / "page.html"
    command = ("check", root, "--recipe", recipe_file, "--weights", weights)
    said = run_it(*command, "--csv", csv, "--html", page)
    assert "2  label in doubt  1 of them to leave out" in said
    first, *others = csv.read_text(encoding="utf-8").splitlines()[1:]
    assert first.startswith("train/blue/blue7.png,label in doubt,\"Looks like 'red'") and not others
    assert "train/red/stripes.png" in page.read_text(encoding="utf-8").replace("<wbr>", "")
    assert "1  unlike the others\n" in said
    assert "out.csv, 1 photograph to leave out" in said


def test_without_weights(cache, run_it, photographs, tmp_path):
    missing = tmp_path / "none.h5"
    said = run_it("check", photographs, "--weights", missing)
    assert "There is no weights file" in said and said.endswith("--no-features.")
    said = run_it("check", photographs, "--no-features")
    assert "60 photographs of 3 classes" in said
    assert "were not looked for" in said
    assert not cache.exists()


def test_what_is_proposed_is_left_out_of_the_training(
    cache, run_it, copied, recipe_file, weights, tmp_path
):
    root, run, csv, html = copied(), tmp_path / "run", tmp_path / "out.csv", tmp_path / "page.html"
    shutil.copy(root / "tulip" / "tulip_3.png", root / "tulip" / "tulip_3_again.png")
    (root / "sunflower" / "broken.png").write_bytes(b"no picture")
    files = {path: path.read_bytes() for path in root.rglob("*.png")}
    run_it("check", root, "--no-features", "--csv", csv, "--html", html)
    assert {path: path.read_bytes() for path in root.rglob("*.png")} == files
    page = html.read_text(encoding="utf-8").replace("<wbr>", "")
    assert "tulip/tulip_3_again.png" in page
    left_out = {line.split(",")[0] for line in csv.read_text().splitlines()[1:]}
    assert {"sunflower/broken.png", "tulip/tulip_3_again.png"} <= left_out
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(recipe_file.read_text().replace("[32, 32, 40, 32]", "[32]"))
    data = ("--data", root)
    command = ("fit", *data, "--out", run, "--recipe", recipe, "--weights", weights)
    assert "broken.png: left out" not in run_it(*command, "--exclude", csv)
    facts = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert sum(facts["photographs"].values()) == 62 - len(left_out)
    assert set(facts["recipe"]["data"]["exclude"]) == left_out
    assert "validation photographs of the training data" in run_it("evaluate", run, *data)
    csv.write_text("path\ntulip/never_there.png\n")
    said = run_it(*command, "--exclude", csv, "--out", tmp_path / "another")
    assert f"in {root}: tulip/never_there.png." in said
