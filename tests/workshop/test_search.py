"""Searching: what may be changed, going on after a kill, several processes, the best recipe."""

import contextlib
import dataclasses
import json
import os
import signal
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import optuna
import pytest
from optuna.trial import TrialState
from typer.testing import CliRunner

from florapp.core.errors import DataError
from training.__main__ import app
from training.config import Range, Recipe, load_recipe
from training.fit import fit
from training.search import check_choices, search
from training.space import check_space, suggested
from training.state import State
from training.studies import opened, study_in

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
    return load_recipe(space_file)


@pytest.mark.parametrize(
    ("space", "about"),
    [
        ({}, r"says nothing of what to search"),
        (
            {"fine_tune.learning_rat": Range(low=1, high=2)},
            "Did you mean 'fine_tune.learning_rate'",
        ),
        ({"data.valid_fraction": Range(low=0.1, high=0.2)}, "has no 'data.valid_fraction'"),
        ({"fine_tune.batch": Range(low=8, high=8)}, "a low below a high"),
        ({"fine_tune.schedule": Range(low=1, high=2)}, "as it is not a number"),
        ({"fine_tune.l2": Range(high=1, log=True)}, "needs a low above 0"),
        ({"fine_tune.batch": Range(choices=("8",))}, "expected: a whole number"),
        (
            {"fine_tune.batch": Range(choices=(8, 0))},
            "fine_tune.batch and head.batch are at least 1",
        ),
        ({"fine_tune.warmup_steps": Range(low=0.3, high=8, log=True)}, "needs a low above 0"),
        ({"model.dropout": Range(low=0.0, high=1.5)}, "model.dropout is in"),
        ({"model.backbone": Range(choices=("cnn", "resnet50"))}, "cannot be searched"),
        ({"model.start": Range(choices=("imagenet", "random"))}, "cannot be searched"),
    ],
)
def test_a_space_that_makes_no_sense(space, about):
    with pytest.raises(DataError, match=about):
        check_space(Recipe(search=space))


@pytest.mark.parametrize(
    ("key", "value", "about"),
    [
        ("fine_tune.train_from", "conv9", "begins with 'conv9'"),
        ("model.output", "sigmoid", "for two classes"),
    ],
)
def test_a_choice_that_cannot_be_trained_is_told_before_anything_long(key, value, about):
    with pytest.raises(DataError, match=about):
        check_choices(Recipe(search={key: Range(choices=(value,))}), 3)


def test_values_are_put_where_they_belong(spacious):
    check_space(spacious)
    made = suggested(
        optuna.trial.FixedTrial(
            {
                "fine_tune.learning_rate": 2e-3,
                "fine_tune.batch": "16",
                "model.dropout": 0.1,
                "head.epochs": 3,
                "augmentation.scale": "[0.8, 1.0]",
            }
        ),
        spacious,
    )
    assert (made.fine_tune.learning_rate, made.fine_tune.batch) == (2e-3, 16)
    assert (made.model.dropout, made.head.epochs, made.augmentation.scale) == (0.1, 3, (0.8, 1.0))
    assert made.fine_tune.sizes == spacious.fine_tune.sizes


def test_a_search_ends_in_a_recipe_that_fit_takes(spacious, labels, dataset, weights, tmp_path):
    folder = tmp_path / "search"
    study = search(spacious, labels, dataset, weights, folder, trials=3)
    counted = study.get_trials(states=(TrialState.COMPLETE, TrialState.PRUNED))
    assert len(counted) == 3
    assert {path.name for path in folder.iterdir()} == {"study.db", "best.toml"}
    best = load_recipe(folder / "best.toml")
    assert best == dataclasses.replace(
        suggested(optuna.trial.FixedTrial(study.best_params), spacious), search={}
    )
    assert f"{study.best_value:.4f}" in (folder / "best.toml").read_text()
    state = fit(best, labels, dataset, weights, tmp_path / "run")
    assert state.kept["valid_accuracy"] == pytest.approx(study.best_value)  # it ends alike


def silent_for_long(database):
    """Let the last sign of life of every trial in a study be of long ago."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        changed = connection.execute("UPDATE trial_heartbeats SET heartbeat = '2020-02-02 02:02'")
        assert changed.rowcount == 1
        connection.commit()


def test_a_killed_search_goes_on_and_two_share_a_study(
    start, space_file, spacious, photographs, weights, tmp_path
):
    out = tmp_path / "search"
    command = ["search", "--recipe", space_file, "--data", photographs, "--trials", 5]
    command += ["--weights", weights, "--out", out, "--plot", tmp_path / "study.png"]
    first = start(*command, pause=0.2)
    until = time.monotonic() + 120
    while not list(out.glob("trial-*/state.json")):  # in the middle of the first trial
        assert first.poll() is None, first.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    silent_for_long(out / "study.db")
    both = [start(*command), start(*command)]
    told = [process.communicate(timeout=240) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert sum(said.count("going on after epoch 1") for said, _ in told) == 1
    study = opened(spacious.name, f"sqlite:///{out / 'study.db'}")
    counted = study.get_trials(states=(TrialState.COMPLETE, TrialState.PRUNED))
    assert len(counted) in (5, 6)  # both may finish one at the end
    chosen = [tuple(trial.params.values()) for trial in counted]
    assert len(set(chosen)) == len(chosen)  # no two have tried the same
    assert not list(out.glob("trial-*"))
    assert load_recipe(out / "best.toml").name == spacious.name
    assert (tmp_path / "study.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_several_may_begin_a_study_at_once(tmp_path):
    """Threads stand for processes; that catch_warnings is not of a thread is no matter there."""
    for folder in (tmp_path / "one", tmp_path / "another"):
        together = threading.Barrier(4)

        def begin(number, folder=folder, together=together):
            together.wait()
            return study_in(folder, "mine").study_name

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(begin, range(4))) == ["mine"] * 4


def test_what_killed_trials_have_left_goes_when_nobody_is_at_one_any_more(
    spacious, labels, dataset, weights, tmp_path, monkeypatch
):
    def fit(*_, after_epoch):
        return State(1, 0.1, 1, [{"valid_accuracy": 0.9}])

    monkeypatch.setattr("training.search.fit", fit)
    folders = [tmp_path / name for name in ("trial-000", "trial-mine")]
    search(spacious, labels, dataset, weights, tmp_path, trials=1)
    for folder in folders:
        folder.mkdir()
    study = study_in(tmp_path, spacious.name)
    with pytest.warns(UserWarning, match="Heartbeat"):
        other = study.ask()  # another process is at it
    search(spacious, labels, dataset, weights, tmp_path, trials=1)
    assert all(folder.exists() for folder in folders)
    study.tell(other, 0.5)
    search(spacious, labels, dataset, weights, tmp_path, trials=1)
    assert [folder.exists() for folder in folders] == [False, True]


def test_a_trial_that_is_broken_off_by_ctrl_c_is_gone_on_with(
    spacious, labels, dataset, weights, tmp_path, monkeypatch
):
    folder, chosen = tmp_path / "search", []

    def broken_off(recipe, labels, dataset, weights, run, *, after_epoch):
        chosen.append((recipe, run))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("training.search.fit", broken_off)
        with pytest.raises(KeyboardInterrupt):
            search(spacious, labels, dataset, weights, folder, trials=1)

    def whole(recipe, *arguments, after_epoch):
        chosen.append((recipe, arguments[-1]))
        return fit(recipe, *arguments, after_epoch=after_epoch)

    monkeypatch.setattr("training.search.fit", whole)
    search(spacious, labels, dataset, weights, folder, trials=1)
    before, after = chosen
    assert before == after  # the same values, in the same folder


def test_a_trial_that_diverges_is_told_and_the_rest_goes_on(
    spacious, labels, dataset, weights, tmp_path, capsys
):
    rate = "fine_tune.learning_rate"
    wild = dataclasses.replace(
        spacious,
        search={rate: Range(choices=(1e30, 1e-3))},
        fine_tune=dataclasses.replace(spacious.fine_tune, warmup_steps=0, sizes=(32,)),
    )
    folder = tmp_path / "search"
    folder.mkdir()
    study = opened(wild.name, f"sqlite:///{folder / 'study.db'}")
    study.enqueue_trial({rate: "1e+30"})
    with pytest.raises(DataError, match="No trial has come to an end"):
        search(wild, labels, dataset, weights, folder, trials=1)
    assert "diverged in epoch 1" in capsys.readouterr().out
    study.enqueue_trial({rate: "0.001"})
    found = search(wild, labels, dataset, weights, folder, trials=2)
    assert [trial.state for trial in found.trials] == [TrialState.PRUNED, TrialState.COMPLETE]


def test_a_trial_that_falls_behind_is_given_up(
    spacious, labels, dataset, weights, tmp_path, monkeypatch
):
    """Five trials reach 0.9; the sixth stays at 0.1 and is not trained to its end."""
    epochs_of: list[int] = []

    def fit(recipe, labels, dataset, weights, run, *, after_epoch):
        state, good = State(), len(epochs_of) < 5
        epochs_of.append(0)
        for epoch in range(1, 11):
            state.history.append({"valid_accuracy": 0.9 if good else 0.1})
            state.epoch = state.best_epoch = epoch
            epochs_of[-1] = epoch
            after_epoch(state)
        return state

    monkeypatch.setattr("training.search.fit", fit)
    study = search(spacious, labels, dataset, weights, tmp_path / "search", trials=6)
    assert epochs_of[:5] == [10] * 5
    assert epochs_of[5] < 10
    assert study.trials[5].state is TrialState.PRUNED


def test_what_is_wrong_with_all_trials_ends_the_search(spacious, labels, dataset, tmp_path):
    with pytest.raises(DataError, match="There is no weights file"):
        search(spacious, labels, dataset, tmp_path / "none.h5", tmp_path / "search", trials=3)
    assert not (tmp_path / "search").exists()


def test_a_study_belongs_to_its_recipe_and_photographs(
    spacious, labels, dataset, weights, tmp_path
):
    folder = tmp_path / "search"
    search(spacious, labels, dataset, weights, folder, trials=1)
    other = dataclasses.replace(spacious, seed=2)
    with pytest.raises(DataError, match="begun with another recipe"):
        search(other, labels, dataset, weights, folder, trials=2)
    fewer = dataclasses.replace(dataset, fingerprint="0123456789abcdef")
    with pytest.raises(DataError, match="begun with other photographs"):
        search(spacious, labels, fewer, weights, folder, trials=2)
    others = tmp_path / "other.weights.h5"
    others.write_bytes(b"others")
    with pytest.raises(DataError, match="begun with other starting weights"):
        search(spacious, labels, dataset, others, folder, trials=2)


def test_a_database_that_cannot_be_used(spacious, labels, dataset, weights, tmp_path):
    (tmp_path / "study.db").write_bytes(b"no database, but long enough to be taken for one" * 9)
    with pytest.raises(DataError, match="The study's database cannot be used"):
        search(spacious, labels, dataset, weights, tmp_path, trials=1)
    with pytest.raises(DataError, match="driver has to be installed"):
        search(spacious, labels, dataset, weights, tmp_path, trials=1, database="postgresql://x/y")


def test_an_address_that_is_none_is_told_before_the_photographs_are_opened(
    space_file, photographs, weights, tmp_path, monkeypatch
):
    monkeypatch.setattr("training.prepare.prepared", lambda *_: pytest.fail("opened photographs"))
    command = ["search", "--recipe", space_file, "--data", photographs, "--weights", weights]
    command += ["--out", tmp_path / "search", "--database", "nonsense"]
    done = CliRunner().invoke(app, [str(word) for word in command])
    assert isinstance(done.exception, DataError)
    said = str(done.exception)
    assert said.startswith("The study's database cannot be used: ")
    assert said.endswith(
        ". An address is such as postgresql://USER@MACHINE/NAME or sqlite:///FILE."
    )
    assert ".." not in said and "driver" not in said
    assert not (tmp_path / "search").exists()


def test_folders_with_braces_in_their_names(spacious, labels, dataset, weights, tmp_path):
    search(spacious, labels, dataset, weights, tmp_path / "{a} ü", trials=1)
    assert (tmp_path / "{a} ü" / "best.toml").exists()


def test_the_best_recipe_finds_its_labels(space_file, photographs, weights, tmp_path):
    classes = ("sunflower", "tulip", "water_lily")
    names = "\n".join(f'[{name}]\nname = "{name}!"' for name in classes)
    (space_file.parent / "names.toml").write_text(names)
    text = space_file.read_text().replace("[data]", '[data]\nlabels = "names.toml"')
    space_file.write_text(text.replace("[32, 32]", "[32]"))
    out, run = tmp_path / "deep" / "search", tmp_path / "run"
    given = ("--data", photographs, "--weights", weights)
    search_it = ("search", "--recipe", space_file, "--trials", 1, "--out", out, *given)
    fit_it = ("fit", "--recipe", out / "best.toml", "--out", run, *given)
    for command in (search_it, fit_it):
        done = CliRunner().invoke(app, [str(word) for word in command])
        assert done.exit_code == 0, done.exception
    facts = json.loads((run / "run.json").read_text())
    assert [label["name"] for label in facts["labels"]] == ["sunflower!", "tulip!", "water_lily!"]
