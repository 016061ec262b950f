import json

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    precision_recall_fscore_support,
    top_k_accuracy_score,
)
from typer.testing import CliRunner

from florapp.core.model_file import Label
from training.__main__ import app
from training.measure import (
    Figure,
    brier_score,
    expected_calibration_error,
    figures,
    in_lines,
    stranger_figures,
    weak_classes,
)


def answers(classes, photos, seed=0):
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, photos)
    logits = random.normal(size=(photos, classes)) + 1.5 * np.eye(classes)[truth]
    return truth, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def test_a_case_by_hand():
    truth = np.array([0, 0, 0, 1])
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
    found = figures(truth, probabilities)
    assert set(found) == {"top1", "macro_precision", "macro_recall", "macro_f1"}
    assert found["top1"].value == 0.75
    assert found["macro_precision"].value == pytest.approx((1 + 1 / 2) / 2)
    assert found["macro_recall"].value == pytest.approx((2 / 3 + 1) / 2)
    assert found["macro_f1"].value == pytest.approx((4 / 5 + 2 / 3) / 2)


@pytest.mark.parametrize("classes", [3, 12])
def test_the_same_as_sklearn(classes):
    truth, probabilities = answers(classes, 80)
    found = figures(truth, probabilities)
    best = probabilities.argmax(axis=1)
    macro = precision_recall_fscore_support(truth, best, average="macro", zero_division=0.0)
    assert found["top1"].value == pytest.approx(accuracy_score(truth, best))
    assert found["macro_precision"].value == pytest.approx(macro[0])
    assert found["macro_recall"].value == pytest.approx(macro[1])
    assert found["macro_f1"].value == pytest.approx(macro[2])
    assert ("top5" in found) == (classes > 5)
    if classes > 5:
        expected = top_k_accuracy_score(truth, probabilities, k=5, labels=np.arange(classes))
        assert found["top5"].value == pytest.approx(expected)
    assert all(f.low <= f.value <= f.high for f in found.values())


def test_classes_without_a_photograph_do_not_count():
    truth = np.array([0, 0, 2, 2])
    probabilities = np.eye(5)[[0, 0, 2, 3]]
    found = figures(truth, probabilities)
    assert found["macro_recall"].value == pytest.approx((1 + 1 / 2) / 2)
    assert found["macro_precision"].value == pytest.approx(1)


def test_equal_probabilities_count_as_the_program_would_answer():
    found = figures(np.array([0, 1]), np.array([[0.5, 0.5], [0.5, 0.5]]))
    assert found["top1"].value == found["macro_recall"].value == 0.5


@pytest.mark.parametrize(
    ("right", "photos", "low", "high"),
    [  # by the formula of Wilson (1927), z = 1.95996
        (10, 10, 0.72247, 1.0),
        (81, 263, 0.25529, 0.36620),  # Newcombe (1998), table I: 0.2553, 0.3662
        (1, 29, 0.00611, 0.17176),  # 0.0061, 0.1718
    ],
)
def test_wilson_intervals(right, photos, low, high):
    truth = np.zeros(photos, int)
    top1 = figures(truth, np.eye(2)[(np.arange(photos) >= right).astype(int)])["top1"]
    assert top1.low == pytest.approx(low, abs=1e-4)
    assert top1.high == pytest.approx(high, abs=1e-4)


def test_intervals_narrow_with_more_photographs_and_are_repeatable():
    few, again, many = (figures(*answers(4, photos)) for photos in (40, 40, 400))
    assert few == again
    for name in few:
        assert many[name].high - many[name].low < few[name].high - few[name].low


def test_calibration_error_by_hand():
    # In the last bin two photographs at 0.95, one right; in another two at 0.65, both right.
    probabilities = np.array([[0.95, 0.05], [0.95, 0.05], [0.35, 0.65], [0.35, 0.65]])
    truth = np.array([0, 1, 1, 1])
    expected = (2 * abs(0.95 - 0.5) + 2 * abs(0.65 - 1.0)) / 4
    assert expected_calibration_error(truth, probabilities) == pytest.approx(expected)


def test_calibration_error_of_the_sure():
    assert expected_calibration_error(np.array([0, 1]), np.eye(2)) == 0
    assert expected_calibration_error(np.array([1, 0]), np.eye(2)) == 1


def test_the_brier_score_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4]])
    assert brier_score(np.array([0, 1]), probabilities) == pytest.approx((0.02 + 0.72) / 2)


def test_weak_classes_by_hand():
    labels = tuple(Label(name, name) for name in "abcd")
    truth = np.repeat(np.arange(4), (20, 4, 3, 7))
    answers = truth.copy()
    answers[:3] = 1, 1, 2  # 17 of 20 found: just weak
    answers[20] = 0  # 3 of 4; of the third there are too few to tell
    answers[24] = 0
    answers[27:30] = 0  # 4 of 7
    assert weak_classes(truth, np.eye(4)[answers], labels) == [
        {"id": "d", "photographs": 7, "right": 4, "taken_for": {"a": 3}},
        {"id": "b", "photographs": 4, "right": 3, "taken_for": {"a": 1}},
        {"id": "a", "photographs": 20, "right": 17, "taken_for": {"b": 2, "c": 1}},
    ]


def test_strangers_by_hand():
    found = stranger_figures(np.array([0.0, 1.0, 2.0]), np.array([0.5, 2.0, 3.0, 4.0]), 2.0)
    assert found == {"photographs": 4, "auroc": pytest.approx(9.5 / 12), "told": 0.5}


def test_lines_for_the_terminal():
    lines: list[str] = []
    in_lines({"top1": Figure(0.5, 0.25, 0.75)}, lines.append)
    assert lines == ["top1              50.00%   95 % interval 25.00% to 75.00%"]


def evaluated(*arguments):
    result = CliRunner().invoke(app, ["evaluate", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_run_and_its_file_do_equally_well(finished, exported, photographs, tmp_path):
    out = tmp_path / "new" / "file.json"
    said = [
        evaluated(finished, "--data", photographs),
        evaluated(exported.fp32, "--data", photographs, "--out", out),
    ]
    assert "15 photographs of 3 classes" in said[0]
    of_run = json.loads((finished / "evaluation.json").read_text())
    of_file = json.loads(out.read_text())
    assert of_file.pop("model") == exported.fp32.name
    assert of_run.pop("model") == finished.name
    assert of_run == of_file
    assert of_run["photographs"] == 15
    assert set(of_run["top1"]) == {"value", "low", "high"}
    for text in said:
        assert f"{of_run['top1']['value']:.2%}" in text


def test_where_the_figures_go(finished, exported, photographs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for model in (finished, exported.fp32):
        evaluated(model, "--data", photographs)
        assert "validation photographs" in evaluated(model, "--data", photographs, "--source", ".")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"tiny-fp32.evaluation.json", "tiny-fp32-..evaluation.json"}
    part = finished / "evaluation-..json"
    assert json.loads(part.read_text()) == json.loads((finished / "evaluation.json").read_text())
    part.unlink()


def test_a_photograph_that_cannot_be_read_is_named(finished, exported, copied, dataset, tmp_path):
    root = copied()
    broken = root / dataset.valid[0].path.parent.name / dataset.valid[0].path.name
    broken.write_bytes(b"x" * broken.stat().st_size)  # the same data, gone bad on the disk
    for model in (finished, exported.fp32):
        said = evaluated(model, "--data", root, "--out", tmp_path / "figures.json")
        assert f"{broken}: left out." in said
        assert "14 photographs of 3 classes" in said


@pytest.mark.parametrize(("right", "value"), [(True, 1.0), (False, 0.0)])
def test_no_interval_is_narrower_than_that_of_the_accuracy(right, value):
    truth = np.arange(20) % 4
    given = truth if right else (truth + 1) % 4
    found = figures(truth, np.eye(4)[given])
    for name in ("macro_precision", "macro_recall", "macro_f1"):
        assert found[name] == found["top1"]
    assert found["top1"].value == value
    assert found["top1"].high - found["top1"].low > 0.1
