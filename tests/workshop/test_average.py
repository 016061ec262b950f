"""Two runs become one whose weights are their mean."""

import dataclasses
import json
import shutil

import numpy as np
import onnx
import pytest

from florapp.core.errors import DataError
from florapp.core.network import Network
from training.average import average
from training.config import Model
from training.dequantize import dequantize
from training.evaluate import opened
from training.fit import fit
from training.learnt import from_facts, from_photos
from training.run import check, load


@pytest.fixture(scope="module")
def other(finished, recipe, labels, dataset, tmp_path_factory):
    """A run that went on from the finished one."""
    folder = tmp_path_factory.mktemp("runs") / "other"
    tune = dataclasses.replace(recipe.fine_tune, sizes=(32,), learning_rate=1e-3, warmup_steps=0)
    fit(dataclasses.replace(recipe, fine_tune=tune), labels, dataset, finished, folder)
    return folder


def changed_facts(run, folder, change):
    """A copy of ``run`` whose facts ``change`` has changed."""
    shutil.copytree(run, folder)
    facts = json.loads((folder / "run.json").read_text())
    change(facts)
    (folder / "run.json").write_text(json.dumps(facts))
    return folder


@pytest.fixture
def plain_of(tmp_path):
    """A function that writes a model file without its rounding."""

    def plain(path):
        onnx.save(dequantize(onnx.load(str(path))), str(tmp_path / "plain.onnx"))
        return tmp_path / "plain.onnx"

    return plain


@pytest.mark.parametrize(("shares", "part"), [((1.0, 1.0), 0.5), ((0.5, 1.5), 0.25)])
def test_the_weights_are_the_mean_by_the_shares(finished, other, tmp_path, shares, part):
    average([finished, other], shares, tmp_path / "mean")
    mean = load(tmp_path / "mean")
    weights = (load(folder).network.get_weights() for folder in (finished, other))
    expected = [part * a + (1 - part) * b for a, b in zip(*weights, strict=True)]
    for given, wanted in zip(mean.network.get_weights(), expected, strict=True):
        np.testing.assert_allclose(given, wanted, rtol=1e-5, atol=1e-7)
    assert mean.facts["mean_of"] == {"finished": part, "other": 1 - part}


def test_the_mean_of_a_model_file_and_a_run_that_began_from_it(
    finished, exported, plain_of, recipe, labels, dataset, tmp_path
):
    tune = dataclasses.replace(recipe.fine_tune, sizes=(32,), learning_rate=1e-3, warmup_steps=0)
    began = dataclasses.replace(recipe, fine_tune=tune)
    fit(began, labels, dataset, exported.int8, tmp_path / "run")
    average([tmp_path / "run", exported.int8], [0.0, 1.0], tmp_path / "mean")
    mean = load(tmp_path / "mean")
    images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    expected = Network(plain_of(exported.int8)).run(images).logits
    given = mean.network.predict(images, verbose=0)
    np.testing.assert_allclose(given, expected, rtol=1e-3, atol=1e-3)
    assert mean.facts["mean_of"] == {"run": 0.0, exported.int8.name: 1.0}
    with pytest.raises(DataError, match="within the convolutions"):
        average([finished, exported.int8], [1.0, 1.0], tmp_path / "odd")


def test_what_it_is_the_mean_of_goes_into_the_model_file(finished, other, tmp_path, start):
    out = tmp_path / "mean"
    made = start("average", finished, other, "--out", out, "--share", "3", "--share", "1")
    said, errors = made.communicate(timeout=120)
    assert made.returncode == 0, errors
    assert said.strip() == f"written: {out}"
    exported = start("export", out, "--out", tmp_path / "mean.onnx", "--size", "32")
    _, errors = exported.communicate(timeout=120)
    assert exported.returncode == 0, errors
    card = Network(tmp_path / "mean-int8.onnx").card
    assert card.data["mean_of"] == {"finished": 0.75, "other": 0.25}


def other_network(facts):
    facts["recipe"]["model"] = dataclasses.asdict(Model(backbone="cnn", size=64))


def other_classes(facts):
    facts["labels"].reverse()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (other_network, "of another network"),
        (other_classes, "of other classes"),
    ],
)
def test_runs_that_do_not_fit_together_are_refused(finished, tmp_path, change, words):
    stranger = changed_facts(finished, tmp_path / "stranger", change)
    with pytest.raises(DataError, match=words):
        average([finished, stranger], [1.0, 1.0], tmp_path / "mean")
    assert not (tmp_path / "mean").exists()


@pytest.mark.parametrize(
    "shares",
    [
        (),
        (1.0,),
        (1.0, 1.0, 1.0),
        (0.0, 0.0),
        (-1.0, 2.0),
        (float("nan"), 1.0),
        (1.0, float("inf")),
    ],
)
def test_shares_that_make_no_sense_are_refused(finished, other, tmp_path, shares):
    with pytest.raises(DataError, match="share"):
        average([finished, other], shares, tmp_path / "mean")


def test_a_run_is_not_written_over(finished, other):
    with pytest.raises(DataError, match="is a run already"):
        average([finished, other], [1.0, 1.0], other)


def test_it_is_not_measured_with_what_one_of_them_has_learnt_from(
    finished, dataset, photographs, tmp_path
):
    def has_learnt_from_the_first(facts):
        learnt = from_facts(facts) | from_photos(dataset.valid[:1])
        facts |= learnt.as_facts()

    stranger = changed_facts(finished, tmp_path / "stranger", has_learnt_from_the_first)
    average([finished, stranger], [1.0, 1.0], tmp_path / "mean")
    what, photos = opened(tmp_path / "mean").held_out(photographs)
    assert what.endswith("but for 1 that it has learnt from")
    assert [photo.path for photo in photos] == [photo.path for photo in dataset.valid[1:]]


def see_a_twin(facts):
    facts["recipe"]["data"]["twins"] = ["tulip/tulip_3.png"]


def test_it_is_told_of_a_run_that_has_seen_twins_of_what_is_held_back(finished, tmp_path, capsys):
    stranger = changed_facts(finished, tmp_path / "stranger", see_a_twin)
    average([finished, stranger], [1.0, 1.0], tmp_path / "mean")
    assert "1 photographs whose picture is held back" in capsys.readouterr().out


def test_a_run_that_does_not_tell_what_it_has_learnt_from_is_told_of(
    finished, photographs, tmp_path, capsys
):
    stranger = changed_facts(finished, tmp_path / "old", lambda facts: facts.pop("learnt_from"))
    average([finished, stranger], [1.0, 1.0], tmp_path / "mean")
    assert "Not all of them tell what they have learnt from" in "".join(capsys.readouterr())
    what, _ = opened(tmp_path / "mean").held_out(photographs)
    assert what.endswith("that flatters it")


def test_two_runs_of_one_name_are_refused(finished, tmp_path):
    shutil.copytree(finished, tmp_path / finished.name)
    with pytest.raises(DataError, match="the same name"):
        average([finished, tmp_path / finished.name], [1.0, 1.0], tmp_path / "mean")


def test_no_training_goes_on_in_the_folder_of_a_mean(
    finished, other, recipe, dataset, weights, tmp_path
):
    average([finished, other], [1.0, 1.0], tmp_path / "mean")
    with pytest.raises(DataError, match="is the mean of other runs"):
        check(tmp_path / "mean", recipe, dataset, weights)
    check(tmp_path / "more", recipe, dataset, tmp_path / "mean")  # but it may begin another
