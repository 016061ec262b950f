"""Which network a training keeps, and when it ends early."""

import dataclasses

import numpy as np
import pytest

from florapp.core.geometry import Geometry
from tests.workshop.hands import changed, last_state
from training.batches import PlainBatches
from training.fit import fit
from training.optimize import compile_network
from training.run import load


def test_it_is_chosen_by_the_loss_without_the_penalty(
    finished, recipe, labels, dataset, tmp_path, state_of
):
    still = changed(recipe, sizes=(32,), learning_rate=1e-9, l2=1.0)
    fit(still, labels, dataset, finished, tmp_path)
    state, before = state_of(tmp_path), state_of(finished)
    assert state["best_loss"] == pytest.approx(before["best_loss"], rel=1e-3)
    assert state["history"][0]["loss"] > 2 * state["best_loss"]


def test_it_stops_early_and_keeps_the_best(recipe, labels, dataset, tmp_path, state_of):
    wild = changed(recipe, sizes=(32,) * 12, learning_rate=0.3, patience=2, train_from="")
    wild = dataclasses.replace(wild, model=dataclasses.replace(recipe.model, start="random"))
    state = fit(wild, labels, dataset, None, tmp_path)
    assert state.epoch == state.best_epoch + 2 < 12
    losses = [line["valid_loss"] for line in state.history]
    assert state.best_loss == min(losses) == losses[state.best_epoch - 1]
    assert state_of(tmp_path) == dataclasses.asdict(state)
    network = load(tmp_path).network
    compile_network(network, wild.fine_tune, len(dataset.train))
    valid = PlainBatches(dataset.valid, 3, Geometry(32, "stretch"))
    assert network.evaluate(valid, verbose=0)[0] == pytest.approx(state.best_loss, rel=1e-4)


def test_where_no_epoch_is_better_the_network_before_them_is_kept(
    finished, recipe, labels, dataset, tmp_path, state_of
):
    """All the epochs that the recipe has patience for are tried before."""
    wild = changed(recipe, sizes=(32,) * 9, learning_rate=10.0, optimizer="sgd", patience=2)
    state = fit(wild, labels, dataset, finished, tmp_path)
    losses = [line["valid_loss"] for line in state.history]
    assert state.best_epoch == 0 and state.best_loss == state.before["valid_loss"] < min(losses)
    assert state.epoch == losses.index(min(losses)) + 1 + 2
    assert state_of(tmp_path) == dataclasses.asdict(state)
    kept, before = load(tmp_path).network, load(finished).network
    for one, other in zip(kept.get_weights(), before.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    again = fit(wild, labels, dataset, finished, tmp_path)
    assert dataclasses.asdict(again) == dataclasses.asdict(state)


def test_the_head_alone_is_measured_before_the_first_epoch(finished, state_of):
    state = state_of(finished)
    assert 0 < state["before"]["valid_accuracy"] <= 1
    assert state["before"]["valid_loss"] > state["best_loss"]


def test_a_network_that_knows_nothing_is_not_measured(recipe, labels, dataset, tmp_path):
    model = dataclasses.replace(recipe.model, start="random")
    nothing = dataclasses.replace(changed(recipe, sizes=(32,), train_from=""), model=model)
    state = fit(nothing, labels, dataset, None, tmp_path)
    assert (state.best_epoch, state.before) == (1, {})


def test_a_running_mean_is_what_is_validated_and_kept_and_a_stop_does_not_lose_it(
    recipe, labels, dataset, weights, tmp_path
):
    def stop(state):
        raise KeyboardInterrupt

    mean = changed(
        recipe, sizes=(32, 32), learning_rate=1e-3, warmup_steps=0, l2=0.01, ema_momentum=0.9
    )
    whole = fit(mean, labels, dataset, weights, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        fit(mean, labels, dataset, weights, tmp_path / "stopped", after_epoch=stop)
    gone_on = fit(mean, labels, dataset, weights, tmp_path / "stopped")
    assert whole.best_epoch == gone_on.best_epoch == 2
    assert gone_on.best_loss == pytest.approx(whole.best_loss, rel=1e-4)

    kept, last = load(tmp_path / "stopped").network, last_state(tmp_path / "stopped", 2)
    apart = [not np.allclose(w, last[f"w{i}"]) for i, w in enumerate(kept.get_weights())]
    assert any(apart)
    compile_network(kept, mean.fine_tune, len(dataset.train))
    valid = PlainBatches(dataset.valid, 3, Geometry(32, "stretch"))
    loss = kept.evaluate(valid, verbose=0)[0] - sum(map(float, kept.losses))
    assert loss == pytest.approx(whole.best_loss, rel=1e-4)
