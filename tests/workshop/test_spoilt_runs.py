"""A run in whose folder something is gone or damaged, or a name is in no encoding."""

import dataclasses
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from florapp.core.errors import DataError
from florapp.core.geometry import Geometry
from tests.workshop.hands import changed
from training.dataset import find
from training.evaluate import opened
from training.export import export
from training.fit import fit
from training.measure import figures
from training.report.page import write_report
from training.run import load

STATE = {
    **{"epoch": 1, "best_loss": 0.1, "best_epoch": 1},
    "history": [
        {
            **{"epoch": 1, "size": 32, "loss": 1.5, "accuracy": 0.5},
            **{"valid_loss": 1.2, "valid_accuracy": 0.6, "seconds": 9},
        }
    ],
}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.json", None),
        ("run.json", "{"),
        ("run.json", "[]"),
        ("run.json", "null"),
        ("run.json", '{"recipe": {}, "labels": []}'),
        ("state.json", "{"),
        ("state.json", "[]"),
        ("state.json", '{"epoch": "2", "best_loss": 0.1, "best_epoch": 1, "history": []}'),
        ("state.json", '{"epoch": 2, "best_loss": 0.1, "best_epoch": 1, "history": []}'),
        ("state.json", '{"epoch": 1, "best_loss": 0.1, "best_epoch": 1, "history": [{}]}'),
        ("state.json", '{"epoch": 1, "best_loss": 0.1, "best_epoch": 1, "history": [1]}'),
        *(("state.json", json.dumps(STATE | {"best_epoch": epoch})) for epoch in (0, 2, -1)),
    ],
)
def test_a_run_that_was_spoilt_is_told_by_fit_and_by_evaluate(
    finished, recipe, labels, dataset, weights, tmp_path, name, text
):
    folder = Path(shutil.copytree(finished, tmp_path / "run"))
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(text)
    words = rf"{re.escape(str(folder))}.*( is | are )(damaged|gone|not a training run)"
    with pytest.raises(DataError, match=words):
        opened(folder)
    with pytest.raises(DataError, match=words):
        fit(recipe, labels, dataset, weights, folder)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_photograph_whose_name_is_in_no_encoding_may_be_left_out(
    recipe, labels, copied, weights, tmp_path
):
    """Its name is in the recipe that the run, its model file and its report remember."""
    root = copied()
    odd = os.fsdecode(b"G\xe4nse.png")
    next(iter(sorted((root / "tulip").iterdir()))).rename(root / "tulip" / odd)
    once = changed(recipe, sizes=(32,))
    once = dataclasses.replace(once, data=dataclasses.replace(once.data, exclude=[f"tulip/{odd}"]))
    dataset = find(root, once.data)
    fit(once, labels, dataset, weights, tmp_path / "run")
    files = export(load(tmp_path / "run"), dataset, tmp_path / "odd.onnx", Geometry(32, "stretch"))
    assert opened(files.int8).data.exclude == [f"tulip/{odd}"]
    subject = opened(tmp_path / "run")
    what, photos = subject.held_out(root)
    answers = subject.answer(photos)
    found = figures(answers.truth, answers.probabilities)
    write_report(tmp_path / "report.html", subject, what, answers, found)
    assert "G\ufffdnse.png" in (tmp_path / "report.html").read_text(encoding="utf-8")
