"""What fit does not begin, or go on, with: another recipe, other photographs, another's folder."""

import dataclasses
import shutil

import pytest

from florapp.core.errors import DataError
from tests.workshop.hands import changed
from training.config import Model
from training.dataset import find
from training.fit import fit
from training.lock import alone
from training.prepare import listed_as
from training.run import check, load


def test_another_recipe_in_the_same_folder_is_refused(finished, recipe, labels, dataset, weights):
    with pytest.raises(DataError, match=r"begun with another recipe.*--out"):
        fit(changed(recipe, batch=9), labels, dataset, weights, finished)


def test_another_runs_network_that_does_not_fit_is_refused_before_a_photograph_is_opened(
    finished, recipe, dataset, tmp_path
):
    cnn = dataclasses.replace(recipe, model=Model(backbone="cnn", size=64))
    with pytest.raises(DataError, match="is of another network"):
        check(tmp_path, cnn, dataset, finished)
    others = dataclasses.replace(dataset, classes=dataset.classes[::-1])
    with pytest.raises(DataError, match="is of other classes"):
        check(tmp_path, recipe, others, finished)
    check(tmp_path, recipe, dataset, finished)
    assert not list(tmp_path.iterdir())


def test_other_photographs_left_out_are_told_as_such(finished, recipe, dataset, weights):
    data = dataclasses.replace(recipe.data, exclude=["tulip/tulip_0.png"])
    with pytest.raises(DataError, match=r"begun with other photographs left out.*--exclude"):
        check(finished, dataclasses.replace(recipe, data=data), dataset, weights)


def test_a_folder_that_is_no_run_is_refused_at_once(start, photographs, recipe_file, tmp_path):
    (tmp_path / "empty").mkdir()
    command = ["fit", "--recipe", recipe_file, "--data", photographs, "--out", tmp_path / "run"]
    said, errors = start(*command, "--weights", tmp_path / "empty").communicate(timeout=120)
    assert "is not a training run" in errors
    assert "photographs to train on" not in said


def test_other_photographs_in_the_same_folder_are_refused(
    finished, recipe, labels, copied, weights
):
    root = copied()
    next((root / "tulip").iterdir()).unlink()
    with pytest.raises(DataError, match=r"begun with other photographs.*--out"):
        fit(recipe, labels, find(root, recipe.data), weights, finished)


def test_photographs_added_between_two_calls_are_told(finished, copied, recipe, labels, weights):
    root = copied()
    (root / "rose").mkdir()
    for number in range(4):
        shutil.copy(root / "tulip" / f"tulip_{number}.png", root / "rose" / f"{number}.png")
    with pytest.raises(DataError, match=r"begun with other photographs.*--out"):
        fit(recipe, labels, find(root, recipe.data), weights, finished)


def test_what_was_wrong_before_anything_was_learnt_may_be_put_right(
    recipe, labels, dataset, weights, tmp_path
):
    wild = changed(recipe, learning_rate=1e30, warmup_steps=0)
    hopeless = dataclasses.replace(wild, head=dataclasses.replace(wild.head, learning_rate=1e30))
    with pytest.raises(DataError, match="head's training diverged"):
        fit(hopeless, labels, dataset, weights, tmp_path)
    assert (tmp_path / "run.json").exists()
    state = fit(changed(recipe, sizes=(32,)), labels, dataset, weights, tmp_path)
    assert state.epoch == 1
    assert load(tmp_path).recipe.fine_tune.sizes == (32,)


def test_what_no_network_can_be_made_of_is_told_before_a_photograph_is_opened(
    recipe, photographs, tmp_path
):
    for wrong, words in (
        (changed(recipe, train_from="conv9"), "no layer of resnet50 begins with 'conv9'"),
        (
            dataclasses.replace(recipe, model=dataclasses.replace(recipe.model, output="sigmoid")),
            "for two classes, and there are 3",
        ),
    ):
        with pytest.raises(DataError, match=words):
            listed_as(wrong, photographs, None, beside=None)


def test_two_trainings_in_one_folder(recipe, labels, dataset, weights, tmp_path):
    with alone(tmp_path), pytest.raises(DataError, match="Another process is training in"):
        fit(recipe, labels, dataset, weights, tmp_path)
    with alone(tmp_path):
        pass
