import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from PIL import Image
from scipy.special import softmax
from typer.testing import CliRunner

from florapp import Classifier
from florapp.core.errors import DataError, FlorAppError
from florapp.core.network import Network
from florapp.core.selftest import check
from florapp.core.verdict import Kind
from tests.workshop.hands import folders
from training.__main__ import app
from training.calibrate import said_of
from training.graph import set_card, set_temperature
from training.learn import learn, negative_log_likelihood


@pytest.fixture(scope="module")
def calibrated(exported, photographs, tmp_path_factory):
    """A copy of the int8 file after ``calibrate``."""
    path = tmp_path_factory.mktemp("calibrated") / "tiny.onnx"
    shutil.copy(exported.int8, path)
    noise = tmp_path_factory.mktemp("strangers") / "noise"
    noise.mkdir()
    random = np.random.default_rng(2)
    for number in range(6):
        pixels = random.integers(0, 256, (40, 40, 3), np.uint8)
        Image.fromarray(pixels).save(noise / f"{number}.png")
    arguments = ["calibrate", str(path), "--data", str(photographs), "--strangers", str(noise)]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert list(path.parent.iterdir()) == [path]
    assert "the validation photographs of the training data" in result.output
    return path


def test_graph_and_card_hold_the_same_temperature(calibrated):
    network = Network(calibrated)
    (stored,) = (c for c in onnx.load(str(calibrated)).graph.initializer if c.name == "temperature")
    temperature = network.card.temperature
    assert temperature == pytest.approx(float(numpy_helper.to_array(stored)), rel=1e-6)
    assert abs(temperature - 1) > 0.01
    images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    out = network.run(images)
    np.testing.assert_allclose(
        out.probabilities, softmax(out.logits / temperature, axis=1), atol=1e-6
    )


def test_the_figures_are_those_of_the_file(calibrated, exported, dataset):
    network, truth = Network(calibrated), np.array([photo.label for photo in dataset.valid])
    said = said_of(network, dataset.valid)
    before = said_of(Network(exported.int8), dataset.valid)
    np.testing.assert_array_equal(said.logits, before.logits)
    assert before.novelty is None
    figures = network.card.figures
    assert figures["photographs"] == 15
    assert figures["top1"]["value"] == pytest.approx((said.logits.argmax(axis=1) == truth).mean())
    assert figures["nll_before"] == pytest.approx(negative_log_likelihood(truth, said.logits, 1))
    assert sum(kind["photographs"] for kind in figures["verdicts"].values()) == 15
    assert sum(count for *_, count in figures["reliability"]) == 15
    assert figures["strangers"]["noise"]["photographs"] == 6
    assert {"ece", "ece_if_perfect", "brier", "sets", "together", "weak_classes"} <= set(figures)


def test_what_is_learnt_is_what_the_file_gives(calibrated, dataset):
    network = Network(calibrated)
    assert (network.card.temperature, network.card.calibration) == learn(
        said_of(network, dataset.valid)
    )


def test_the_program_gives_a_verdict_with_it(calibrated, exported, dataset):
    picture = dataset.valid[0].path
    assert Classifier(exported.int8).classify(picture).verdict is None
    answer = Classifier(calibrated).classify(picture)
    assert answer.verdict is not None and answer.verdict.kind in Kind
    assert answer.novelty is not None
    assert answer.calibration is not None and answer.calibration.photographs == 15


def test_the_self_test_expects_the_new_answer(calibrated, exported):
    network = Network(calibrated)
    assert check(network) < 1e-5
    before = Network(exported.int8).card
    assert network.card.self_test.probabilities != before.self_test.probabilities
    unchanged = ("labels", "geometry", "comparison", "recipe", "title", "precision")
    assert all(getattr(network.card, name) == getattr(before, name) for name in unchanged)


def test_calibrating_again_changes_nothing(calibrated, photographs, tmp_path):
    path = tmp_path / "again.onnx"
    shutil.copy(calibrated, path)
    arguments = ["calibrate", str(path), "--data", str(photographs)]
    assert CliRunner().invoke(app, arguments, catch_exceptions=False).exit_code == 0
    again, first = Network(path), Network(calibrated)
    figures = {name: found for name, found in first.card.figures.items() if name != "strangers"}
    assert again.card == dataclasses.replace(first.card, figures=figures)
    images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    np.testing.assert_array_equal(again.run(images).novelty, first.run(images).novelty)


def test_what_it_is_to_be_measured_with_is_not_learnt_from(tiny_model, tmp_path, monkeypatch):
    data = folders(tmp_path / "data", {"train/red": 3, "valid/red": 2, "test/red": 2})
    learnt_from = []

    def calibrate(_, photos, **__):
        learnt_from.extend(photos)
        raise DataError("That is enough.")

    monkeypatch.setattr("training.calibrate.calibrate", calibrate)
    CliRunner().invoke(app, ["calibrate", str(tiny_model), "--data", str(data)])
    assert {photo.path.parents[1].name for photo in learnt_from} == {"valid"}


def test_it_needs_no_keras_and_takes_a_folder_as_it_is(exported, photographs, tmp_path):
    """Keras takes seconds to load. The card's recipe has a key that this version does not know."""
    path, card = tmp_path / "tiny.onnx", Network(exported.int8).card
    model = onnx.load(str(exported.int8))
    set_card(model, dataclasses.replace(card, recipe=card.recipe | {"sharpen": 1.0}))
    onnx.save(model, str(path))
    (tmp_path / "data" / "tulip").mkdir(parents=True)
    for photograph in sorted((photographs / "tulip").iterdir()):  # others: it has learnt from these
        with Image.open(photograph) as image:
            image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(
                tmp_path / "data" / "tulip" / photograph.name
            )
    program = (
        "import sys; from training.__main__ import app; app(standalone_mode=False);"
        "print('heavy', sorted({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "calibrate", path, "--data", tmp_path / "data"],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "heavy []" in done.stdout
    assert f"all photographs in {tmp_path / 'data'}" in done.stdout
    assert "fitted on 20 photographs" in done.stdout


def test_another_answer_fails_the_self_test(calibrated, tmp_path):
    path = tmp_path / "wrong.onnx"
    model, card = onnx.load(str(calibrated)), Network(calibrated).card
    answer = dict(card.self_test.probabilities)
    best = max(answer, key=answer.__getitem__)
    answer[best] -= 0.05
    test = dataclasses.replace(card.self_test, probabilities=answer)
    set_card(model, dataclasses.replace(card, self_test=test))
    onnx.save(model, str(path))
    with pytest.raises(FlorAppError, match=r"answers differently here .* off by 0\.050"):
        check(Network(path))


def test_a_graph_without_a_temperature_is_not_touched(exported):
    model = onnx.load(str(exported.fp32))
    (constant,) = (c for c in model.graph.initializer if c.name == "temperature")
    model.graph.initializer.remove(constant)
    with pytest.raises(DataError, match="no initializer called 'temperature'"):
        set_temperature(model, 2.0)
