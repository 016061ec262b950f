"""Trials that do not come to their end: killed, broken off, diverged, given up."""

import contextlib
import dataclasses
import os
import signal
import sqlite3
import time

import pytest
from optuna.trial import TrialState

from florapp.core.errors import DataError
from training.config import Range, load_recipe
from training.fit import fit
from training.search import search
from training.state import State
from training.studies import opened, study_in


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
