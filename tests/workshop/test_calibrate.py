import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from scipy.special import softmax
from typer.testing import CliRunner

from florapp.core.errors import DataError, FlorAppError
from florapp.core.network import Network
from florapp.core.selftest import check
from training.__main__ import app
from training.calibrate import fit_temperature, logits_of, negative_log_likelihood
from training.graph import set_card, set_temperature
from training.measure import expected_calibration_error


def drawn(temperature, photos=6000, classes=5):
    """Logits that are too sure by ``temperature``, and truths drawn from what would be right."""
    random = np.random.default_rng(1)
    logits = random.normal(scale=2.0, size=(photos, classes))
    right = softmax(logits, axis=1)
    truth = (random.random((photos, 1)) > right.cumsum(axis=1)).sum(axis=1)
    return truth, (logits * temperature).astype(np.float32)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 1.7, 6.0])
def test_the_temperature_is_found_again(temperature):
    truth, logits = drawn(temperature)
    found = fit_temperature(truth, logits)
    assert found == pytest.approx(temperature, rel=0.05)
    best = negative_log_likelihood(truth, logits, found)
    assert best <= negative_log_likelihood(truth, logits, 1.0)
    assert best <= negative_log_likelihood(truth, logits, found * 1.05)
    assert best <= negative_log_likelihood(truth, logits, found / 1.05)


def test_negative_log_likelihood_by_hand():
    logits = np.log(np.array([[0.25, 0.75], [0.5, 0.5]], np.float32))
    truth = np.array([1, 0])
    expected = -(np.log(0.75) + np.log(0.5)) / 2
    assert negative_log_likelihood(truth, logits, 1.0) == pytest.approx(expected)


@pytest.fixture(scope="module")
def calibrated(exported, photographs, tmp_path_factory):
    """A copy of the int8 file after ``calibrate``, and what the command printed."""
    path = tmp_path_factory.mktemp("calibrated") / "tiny.onnx"
    shutil.copy(exported.int8, path)
    arguments = ["calibrate", str(path), "--data", str(photographs)]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert list(path.parent.iterdir()) == [path]
    assert "the validation photographs of the training data" in result.output
    words = [line.split() for line in result.output.splitlines()]
    return path, {words[0]: float(words[1]) for words in words if len(words) == 2}


def test_graph_and_card_hold_the_same_temperature(calibrated, dataset):
    path, said = calibrated
    network = Network(path)
    (stored,) = (c for c in onnx.load(str(path)).graph.initializer if c.name == "temperature")
    temperature = network.card.temperature
    assert temperature == pytest.approx(float(numpy_helper.to_array(stored)), rel=1e-6)
    assert temperature == pytest.approx(said["temperature"], abs=1e-4)
    assert abs(temperature - 1) > 0.01
    images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    out = network.run(images)
    np.testing.assert_allclose(
        out.probabilities, softmax(out.logits / temperature, axis=1), atol=1e-6
    )


def test_the_report_is_what_the_file_gives(calibrated, exported, dataset):
    path, said = calibrated
    network, truth = Network(path), np.array([photo.label for photo in dataset.valid])
    logits = logits_of(network, dataset.valid)
    np.testing.assert_array_equal(logits, logits_of(Network(exported.int8), dataset.valid))
    after = softmax(logits / network.card.temperature, axis=1)
    assert said["nll_after"] <= said["nll_before"]
    assert said["nll_before"] == pytest.approx(negative_log_likelihood(truth, logits, 1), abs=1e-3)
    assert said["ece_after"] == pytest.approx(expected_calibration_error(truth, after), abs=1e-3)
    figures = network.card.figures
    assert figures["photographs"] == 15
    assert figures["ece"] == pytest.approx(said["ece_after"], abs=1e-4)
    assert figures["top1"]["value"] == pytest.approx((logits.argmax(axis=1) == truth).mean())


def test_the_self_test_expects_the_new_answer(calibrated, exported):
    network = Network(calibrated[0])
    assert check(network) < 1e-5
    before = Network(exported.int8).card
    assert network.card.self_test.probabilities != before.self_test.probabilities
    unchanged = ("labels", "geometry", "comparison", "recipe", "title", "precision")
    assert all(getattr(network.card, name) == getattr(before, name) for name in unchanged)


def test_calibrating_again_changes_nothing(calibrated, photographs, tmp_path):
    path = tmp_path / "again.onnx"
    shutil.copy(calibrated[0], path)
    arguments = ["calibrate", str(path), "--data", str(photographs)]
    assert CliRunner().invoke(app, arguments, catch_exceptions=False).exit_code == 0
    assert Network(path).card == Network(calibrated[0]).card


def test_it_needs_no_keras_and_takes_a_folder_as_it_is(exported, photographs, tmp_path):
    """Keras takes seconds to load. The card's recipe has a key that this version does not know."""
    path, card = tmp_path / "tiny.onnx", Network(exported.int8).card
    model = onnx.load(str(exported.int8))
    set_card(model, dataclasses.replace(card, recipe=card.recipe | {"sharpen": 1.0}))
    onnx.save(model, str(path))
    shutil.copytree(photographs / "tulip", tmp_path / "data" / "tulip")
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
    model, card = onnx.load(str(calibrated[0])), Network(calibrated[0]).card
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
