"""The best weights of a run are lost: what takes their place, and what is said of it."""

import dataclasses
import shutil
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from florapp.core.errors import DataError
from tests.workshop.hands import changed, last_state
from training.evaluate import opened
from training.fit import fit
from training.report import charts
from training.run import load


@pytest.fixture
def valid_losses(monkeypatch):
    """Say what the validation losses are to be: before the first epoch, and after each."""

    def say(*losses):
        found = iter(losses)
        monkeypatch.setattr(keras.Model, "evaluate", lambda *_, **__: (next(found), 0.5))

    return say


def cut_in_half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("ema_momentum", [0.0, 0.5])
@pytest.mark.parametrize(
    ("losses", "instead"),
    [
        ([1.6, 1.5, 1.4, 1.3], 3),
        ([1.6, 1.5, 1.3, 1.4], 2),
        ([1.6, 1.2, 1.5, 1.4], 3),
        ([1.1, 1.2, 1.3, 1.4], 2),
    ],
    ids=["the last was the best", "the one before", "one that is gone", "none of the epochs"],
)
def test_the_better_of_the_last_two_epochs_takes_their_place(
    recipe, labels, dataset, weights, tmp_path, valid_losses, capsys, losses, instead, ema_momentum
):
    given = changed(recipe, sizes=(32,) * 3, ema_momentum=ema_momentum)
    valid_losses(*losses)
    fit(given, labels, dataset, weights, tmp_path)
    whole = load(tmp_path).network.get_weights()
    saved = last_state(tmp_path, instead)
    learnt = [saved[f"w{i}"] for i in range(len(whole))]
    cut_in_half(tmp_path / "best.weights.h5")
    with pytest.raises(DataError, match=r"are damaged.*run 'fit' as before"):
        load(tmp_path)
    state = fit(given, labels, dataset, weights, tmp_path)
    assert f"epoch {instead}'s are taken in their place" in capsys.readouterr().out
    assert (state.best_epoch, state.best_loss) == (instead, losses[instead])
    mended = load(tmp_path)
    assert charts.best(mended.history, mended.before) == instead
    kept = mended.network.get_weights()
    assert same(kept, whole) == (losses[instead] == min(losses))
    assert same(kept, learnt) == (not ema_momentum)  # else it is their running mean


def test_a_later_epoch_need_only_be_better_than_what_took_their_place(
    recipe, labels, dataset, weights, tmp_path, valid_losses
):
    def stop(state):
        if state.epoch == 3:
            raise KeyboardInterrupt

    valid_losses(1.6, 1.2, 1.5, 1.4, 1.3)
    with pytest.raises(KeyboardInterrupt):
        fit(recipe, labels, dataset, weights, tmp_path, after_epoch=stop)
    cut_in_half(tmp_path / "best.weights.h5")
    state = fit(recipe, labels, dataset, weights, tmp_path)
    assert (state.epoch, state.best_epoch, state.best_loss) == (4, 4, 1.3)
    saved, kept = last_state(tmp_path, 4), load(tmp_path).network.get_weights()
    assert same(kept, [saved[f"w{i}"] for i in range(len(kept))])


def test_a_stop_in_the_middle_of_it_is_made_good_by_the_next_call(
    finished, recipe, labels, dataset, weights, tmp_path, monkeypatch, state_of
):
    def stop(*_):
        raise KeyboardInterrupt

    folder = Path(shutil.copytree(finished, tmp_path / "run"))
    (folder / "best.weights.h5").unlink()
    with monkeypatch.context() as patched:
        patched.setattr("training.state.keep", stop)
        with pytest.raises(KeyboardInterrupt):
            fit(recipe, labels, dataset, weights, folder)
    with pytest.raises(DataError, match=r"best\.weights\.h5 is gone.*run 'fit' as before"):
        opened(folder)
    state = fit(recipe, labels, dataset, weights, folder)
    assert state_of(folder) == dataclasses.asdict(state)
    saved, kept = last_state(folder, state.best_epoch), load(folder).network.get_weights()
    assert same(kept, [saved[f"w{i}"] for i in range(len(kept))])


def test_what_cannot_be_read_just_now_is_left_as_it_is(
    finished, recipe, labels, dataset, weights, tmp_path, monkeypatch
):
    def refuse(*_):
        raise BlockingIOError(11, "unable to lock file")

    folder = Path(shutil.copytree(finished, tmp_path / "run"))
    best = folder / "best.weights.h5"
    before = best.read_bytes()
    monkeypatch.setattr(keras.Model, "load_weights", refuse)
    with pytest.raises(BlockingIOError) as told:
        fit(recipe, labels, dataset, weights, folder)
    assert told.value.filename == str(best)
    assert best.read_bytes() == before


@pytest.mark.parametrize("spoil", ["damaged", "of another network"])
def test_where_the_states_are_lost_as_well_it_is_told(
    finished, recipe, labels, dataset, weights, tmp_path, spoil
):
    folder = Path(shutil.copytree(finished, tmp_path / "run"))
    cut_in_half(folder / "best.weights.h5")
    for state in folder.glob("epoch-*.npz"):
        if spoil == "damaged":
            cut_in_half(state)
        else:
            with np.load(state) as saved:
                arrays = dict(saved) | {"w0": np.zeros((1, 2, 3))}
            np.savez(state, **arrays)
    with pytest.raises(DataError, match=r"run cannot go on: its best weights are damaged or gone"):
        fit(recipe, labels, dataset, weights, folder)


def test_what_is_kept_are_the_weights_alone(finished):
    """The optimizer's variables, twice as much, are in the states from which fit goes on."""
    with h5py.File(finished / "best.weights.h5") as kept:
        assert "optimizer" not in kept
