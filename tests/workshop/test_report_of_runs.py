"""The report of a run, or of its file: how it learnt, and what it looks at."""

import json
import shutil

import numpy as np
import pytest

from florapp.core.geometry import FITS
from florapp.core.prediction import Answer
from tests.core.mapped import BLOB, blob_picture, save_mapped_model
from tests.workshop.hands import evaluated, plain_text
from training.dataset import Photo
from training.evaluate import opened
from training.report.examples import examples


def test_a_run_shows_how_it_learnt(finished, photographs, tmp_path, state_of):
    page = evaluated(finished, photographs, tmp_path / "page.html")
    text = plain_text(page)
    assert f"Epoch {state_of(finished)['best_epoch']} was kept for its validation loss" in text
    assert 'aria-label="Learning curves"' in page
    assert "speaks most for the class named" in text and page.count("what speaks for") >= 4
    assert "Three drawn flowers" in text


def test_a_network_kept_from_before_the_first_epoch_is_told(finished, photographs, tmp_path):
    run = shutil.copytree(finished, tmp_path / "run")
    state = json.loads((run / "state.json").read_text())
    before = {"valid_loss": 0.01, "valid_accuracy": 1.0}
    (run / "state.json").write_text(json.dumps(state | {"best_epoch": 0, "before": before}))
    text = plain_text(evaluated(run, photographs, tmp_path / "page.html"))
    assert "No epoch has a lower validation loss than the network had before the first" in text
    assert "was kept for its validation loss" not in text


def test_a_run_stopped_before_an_epoch_was_over_is_not_called_a_mean(
    finished, photographs, tmp_path
):
    run = shutil.copytree(finished, tmp_path / "run")
    (run / "state.json").unlink()  # what is there when it is stopped in its first epoch
    text = plain_text(evaluated(run, photographs, tmp_path / "page.html"))
    assert "No epoch of it has ended: this is the network that it began with" in text
    facts = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(facts | {"mean_of": {"one": 0.5, "other": 0.5}}))
    text = plain_text(evaluated(run, photographs, tmp_path / "page.html"))
    assert "It is the mean of other runs" in text


def test_the_file_exported_from_it_shows_that_and_its_class_maps(exported, photographs, tmp_path):
    page = evaluated(exported.int8, photographs, tmp_path / "page.html")
    assert 'aria-label="Learning curves"' in page
    assert "There are no class maps" not in plain_text(page)


def test_a_run_explains_itself_as_its_file_does(finished, exported, dataset):
    run, file = (opened(path).explained(dataset.valid[:2]) for path in (finished, exported.fp32))
    for ours, theirs in zip(run, file, strict=True):
        assert isinstance(ours, Answer) and isinstance(theirs, Answer)
        assert ours.class_maps is not None and theirs.class_maps is not None
        assert [one.label for one in ours.candidates] == [one.label for one in theirs.candidates]
        assert (ours.size, ours.placement) == (theirs.size, theirs.placement)
        largest = np.abs(theirs.class_maps).max()
        np.testing.assert_allclose(ours.class_maps, theirs.class_maps, atol=1e-4 * largest)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("size", [(300, 200), (200, 300)], ids=["wide", "tall"])
def test_a_map_lies_on_what_speaks_for_the_class(fit, size, card, tmp_path):
    subject = opened(save_mapped_model(tmp_path / "mapped.onnx", card, fit))
    path = tmp_path / "blob.png"
    path.write_bytes(blob_picture(*size))
    (example,) = examples(subject, subject.answer([Photo(path, 0)]))
    (map_,) = (one for one in example.maps if one.name == "Red")
    assert map_.right and example.name == "Red"
    changed = np.abs(np.asarray(map_.image, float) - np.asarray(example.image, float)).sum(axis=2)
    row, column = np.argwhere(changed > 0.8 * changed.max()).mean(axis=0)
    height, width = changed.shape
    assert (column / width, row / height) == pytest.approx(BLOB, abs=0.1)
