"""A training learns what its recipe says, and goes on where it was stopped."""

import dataclasses
import json
import math
import shutil
import time
from collections import Counter

import keras
import numpy as np
import pytest

from florapp.core.errors import DataError
from tests.workshop.hands import changed, last_state, wait_for
from training.config import Cnn, Model
from training.fit import fit
from training.optimize import class_weights, compile_network, rate_after
from training.run import begin, check, load
from training.state import saved_head

BATCH_NORMALIZATION = ("conv1_bn", "conv2_bn")


def test_a_run_learns_and_says_what_it_did(finished, state_of):
    state = state_of(finished)
    history = state["history"]
    assert [line["size"] for line in history] == [32, 32, 40, 32]
    assert history[-1]["loss"] < history[0]["loss"]
    assert state["best_loss"] < history[0]["valid_loss"]
    assert max(line["valid_accuracy"] for line in history) > 0.6  # chance is 0.33
    facts = json.loads((finished / "run.json").read_text())
    assert facts["photographs"] == {"train": 45, "valid": 15}
    assert [label["name"] for label in facts["labels"]] == ["Sunflower", "Tulip", "Water lily"]
    kept = {path.name for path in finished.iterdir()} - {"evaluation.json", ".lock"}
    states = {"epoch-003.npz", "epoch-004.npz"}
    assert kept == {"run.json", "state.json", "head.npz", "best.weights.h5", *states}


def test_only_the_layers_from_train_from_on_have_changed(run, tiny, weights):
    before = tiny.tiny_cnn(weights, False, (None, None, 3), "before")
    after = run.network.get_layer("resnet50")
    for name in ("conv1_conv", *BATCH_NORMALIZATION):
        pairs = zip(
            before.get_layer(name).get_weights(), after.get_layer(name).get_weights(), strict=True
        )
        assert all(np.array_equal(old, new) for old, new in pairs), name
    for name in ("conv2_conv", "conv3_conv"):
        old, new = before.get_layer(name).get_weights()[0], after.get_layer(name).get_weights()[0]
        assert not np.array_equal(old, new), name


def test_a_run_killed_in_both_phases_ends_like_one_that_nobody_stopped(
    start, state_of, finished, photographs, recipe_file, weights, tmp_path
):
    out = tmp_path / "run"
    command = ["fit", "--recipe", recipe_file, "--data", photographs]
    command += ["--weights", weights, "--out", out]

    first = start(*command, pause=3.0)
    wait_for(out / "run.json", first)  # phase 1 begins
    first.kill()
    assert first.wait() < 0
    assert not (out / "head.npz").exists()

    second = start(*command, pause=0.6)
    wait_for(out / "state.json", second)  # the first epoch is saved
    time.sleep(0.2)
    second.kill()
    assert second.wait() < 0
    assert state_of(out)["epoch"] == 1

    third = start(*command)
    said, errors = third.communicate(timeout=120)
    assert third.returncode == 0, errors
    assert "going on after epoch 1" in said

    # Two processes add up in other orders: they were found to differ by 1e-7 at the most.
    state, expected = state_of(out), state_of(finished)
    assert state["best_epoch"] == expected["best_epoch"]
    for line, other in zip(state["history"], expected["history"], strict=True):
        line.pop("seconds"), other.pop("seconds")
        assert line == pytest.approx(other, rel=1e-4)
    weights_now, weights_then = last_state(out, 4), last_state(finished, 4)
    assert weights_now.keys() == weights_then.keys()  # the optimiser's among them
    for name, value in weights_now.items():
        np.testing.assert_allclose(value, weights_then[name], rtol=1e-3, atol=1e-5, err_msg=name)


def test_a_finished_run_stays_as_it_is(finished, recipe, labels, dataset, weights, state_of):
    before = state_of(finished), last_state(finished, 4)
    state = fit(recipe, labels, dataset, weights, finished)
    assert dataclasses.asdict(state) == before[0] == state_of(finished)
    assert all(np.array_equal(v, before[1][k]) for k, v in last_state(finished, 4).items())


def test_a_finished_run_may_be_called_otherwise(
    finished, recipe, labels, dataset, weights, tmp_path
):
    folder = shutil.copytree(finished, tmp_path / "run")
    fit(dataclasses.replace(recipe, title="Flowers"), labels, dataset, weights, folder)
    assert load(folder).recipe == dataclasses.replace(recipe, title="Flowers")


def test_another_runs_network_goes_on_learning(
    finished, recipe, labels, dataset, tmp_path, state_of
):
    fit(changed(recipe, sizes=(32,), learning_rate=1e-9), labels, dataset, finished, tmp_path)
    state, before = state_of(tmp_path), state_of(finished)
    assert state["epoch"] == 1
    assert state["best_loss"] == pytest.approx(before["best_loss"], rel=1e-3)
    assert not (tmp_path / "head.npz").exists()  # it was taken over too


def test_a_run_that_began_otherwise_can_be_gone_on_from(
    recipe, labels, dataset, weights, tmp_path, state_of
):
    model = dataclasses.replace(recipe.model, start="random")
    once = changed(recipe, sizes=(32,), train_from="")
    fit(dataclasses.replace(once, model=model), labels, dataset, None, tmp_path / "nothing")
    still = changed(recipe, sizes=(32,), learning_rate=1e-9)
    fit(still, labels, dataset, tmp_path / "nothing", tmp_path / "on")
    before, after = (state_of(tmp_path / name)["best_loss"] for name in ("nothing", "on"))
    assert after == pytest.approx(before, rel=1e-3)
    (tmp_path / "nothing" / "best.weights.h5").write_bytes(b"torn")
    with pytest.raises(DataError, match="are damaged"):
        fit(still, labels, dataset, tmp_path / "nothing", tmp_path / "torn")


def test_classes_count_alike_by_what_an_epoch_shows_of_them(
    recipe, labels, dataset, weights, tmp_path, monkeypatch
):
    counted, given, learn = [], [], keras.Model.fit

    def learn_with(network, *data, **options):
        given.append(options["class_weight"])
        return learn(network, *data, **options)

    monkeypatch.setattr(keras.Model, "fit", learn_with)

    def spy(photos, classes):
        counted.append(Counter(photo.label for photo in photos))
        return class_weights(photos, classes)

    monkeypatch.setattr("training.fit.class_weights", spy)
    limited = changed(recipe, sizes=(32,), class_weights=True, most_of_class=5)
    fit(limited, labels, dataset, weights, tmp_path)
    assert set(Counter(photo.label for photo in dataset.train).values()) == {15}
    assert counted[-1] == {0: 5, 1: 5, 2: 5}
    assert given == [pytest.approx({0: 1, 1: 1, 2: 1})] * 2  # by the head, and by the network


def test_a_run_of_an_earlier_version_goes_on(finished, recipe, dataset, weights, tmp_path):
    """What it did not know yet is as usual, and what is known no more does not matter."""
    facts = json.loads((finished / "run.json").read_text())
    del facts["recipe"]["data"]["exclude"]
    facts["recipe"]["fine_tune"]["restart_after"] = []  # an earlier version had it
    folder = shutil.copytree(finished, tmp_path / "run")
    (folder / "run.json").write_text(json.dumps(facts))
    check(folder, recipe, dataset, weights)
    with pytest.raises(DataError, match="another recipe"):
        check(folder, changed(recipe, batch=9), dataset, weights)


def test_the_rate_of_a_plateau_is_that_of_the_losses_before(
    recipe, labels, dataset, weights, tmp_path, monkeypatch
):
    """Those of the epochs: that the network was better before them cuts nothing."""
    losses = [1.5, 1.6, 1.7, 1.8, 1.9]
    found = iter([(loss, 0.5) for loss in (1.0, *losses)])
    monkeypatch.setattr(keras.Model, "evaluate", lambda *_, **__: next(found))
    plateau = changed(recipe, sizes=(32,) * 5, schedule="plateau", optimizer="sgd", patience=9)
    fit(plateau, labels, dataset, weights, tmp_path)
    expected = rate_after(plateau.fine_tune, losses[:-1])
    assert expected < plateau.fine_tune.learning_rate  # else nothing is shown
    assert last_state(tmp_path, 5)["o1"] == pytest.approx(expected)  # after the count of steps


def test_from_nothing_too_a_seed_gives_the_same_network(recipe, labels, dataset, tmp_path):
    """Its first weights, the order, the changes of photographs and what dropout leaves out."""
    cnn = Model(backbone="cnn", size=32, cnn=Cnn((4, 8), dense=(16,), batch_norm=True))
    once = dataclasses.replace(changed(recipe, sizes=(32,), train_from=""), model=cnn)
    for folder in ("one", "again"):
        fit(once, labels, dataset, None, tmp_path / folder)
    one, again = (last_state(tmp_path / folder, 1) for folder in ("one", "again"))
    for name, value in one.items():
        np.testing.assert_allclose(again[name], value, rtol=1e-3, atol=1e-5, err_msg=name)


def test_the_head_is_the_same_whether_features_were_kept_or_not(
    recipe, labels, dataset, weights, tmp_path, monkeypatch
):
    monkeypatch.setattr("training.features.cache_folder", lambda: tmp_path / "features")
    once = changed(recipe, sizes=(32,))
    for name in ("computed", "kept"):
        fit(once, labels, dataset, weights, tmp_path / name)
    heads = [saved_head(tmp_path / name / "head.npz") for name in ("computed", "kept")]
    for computed, kept in zip(*heads, strict=True):
        np.testing.assert_allclose(computed, kept, rtol=1e-4, atol=1e-6)


def test_beginning_again_clears_up_and_takes_new_names(
    finished, recipe, labels, dataset, weights, tmp_path
):
    folder = shutil.copytree(finished, tmp_path / "run")
    kept = {path.name for path in folder.iterdir()}
    for left in (".part-7-epoch-004.npz", "epoch-002.npz"):
        (folder / left).write_bytes(b"left by a kill")
    renamed = [dataclasses.replace(label, name=label.name.upper()) for label in labels]
    begin(folder, recipe, renamed, dataset, weights)
    assert {path.name for path in folder.iterdir()} == kept
    facts = json.loads((folder / "run.json").read_text())
    assert [label["name"] for label in facts["labels"]] == ["SUNFLOWER", "TULIP", "WATER LILY"]
    fewer = dataclasses.replace(dataset, train=dataset.train[1:])
    with pytest.raises(DataError, match="photographs could be read"):
        begin(folder, recipe, labels, fewer, weights)
    (folder / "state.json").unlink()  # the head is fitted, to these weights
    with pytest.raises(DataError, match="begun with other starting weights"):
        begin(folder, recipe, labels, dataset, None)


def test_what_was_trained_in_half_precision_is_loaded_in_full(
    recipe, labels, dataset, weights, tmp_path, monkeypatch
):
    computed: set[str] = set()

    def spy(network, *given):
        computed.update(layer.compute_dtype for layer in network.get_layer("resnet50").layers)
        compile_network(network, *given)

    monkeypatch.setattr("training.fit.compile_network", spy)
    model = dataclasses.replace(recipe.model, precision="mixed_bfloat16")
    half = dataclasses.replace(changed(recipe, sizes=(32,)), model=model)
    state = fit(half, labels, dataset, weights, tmp_path)
    assert math.isfinite(state.best_loss)
    assert computed == {"bfloat16"}
    network = load(tmp_path).network
    assert keras.mixed_precision.global_policy().name == "float32"
    assert {layer.compute_dtype for layer in network.get_layer("resnet50").layers} == {"float32"}


def test_a_second_head_costs_no_features(recipe, labels, dataset, weights, tmp_path, monkeypatch):
    once = changed(recipe, sizes=(32,))
    fit(once, labels, dataset, weights, tmp_path / "first")
    monkeypatch.setattr("training.features._network", lambda *args: pytest.fail("computed"))
    head = dataclasses.replace(recipe.head, epochs=2)
    other = dataclasses.replace(once, head=head)
    fit(other, labels, dataset, weights, tmp_path / "second")


def test_what_is_called_after_an_epoch_can_end_the_training(
    recipe, labels, dataset, weights, tmp_path, state_of
):
    def enough(state):
        if state.epoch == 2:
            raise StopIteration

    with pytest.raises(StopIteration):
        fit(recipe, labels, dataset, weights, tmp_path, after_epoch=enough)
    assert state_of(tmp_path)["epoch"] == 2
