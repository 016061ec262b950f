import dataclasses
import json
import math
import shutil
import time
from collections import Counter
from pathlib import Path
from urllib.error import URLError

import keras
import numpy as np
import pytest

from florapp.core.errors import DataError
from florapp.core.geometry import Geometry
from training.__main__ import main
from training.backbones import BACKBONES, build_backbone
from training.batches import PlainBatches
from training.config import Model
from training.dataset import find
from training.fit import fit
from training.network import build
from training.optimize import class_weights, compile_network
from training.run import begin, check, load

BATCH_NORMALIZATION = ("conv1_bn", "conv2_bn")


def changed(recipe, **fine_tune):
    return dataclasses.replace(recipe, fine_tune=dataclasses.replace(recipe.fine_tune, **fine_tune))


def last_state(folder, epoch):
    with np.load(folder / f"epoch-{epoch:03d}.npz") as saved:
        return {name: saved[name] for name in saved}


def wait_for(path, process):
    until = time.monotonic() + 90
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)


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
    kept = {path.name for path in finished.iterdir()} - {"evaluation.json"}
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


def test_another_recipe_in_the_same_folder_is_refused(finished, recipe, labels, dataset, weights):
    with pytest.raises(DataError, match=r"begun with another recipe.*--out"):
        fit(changed(recipe, batch=9), labels, dataset, weights, finished)


def test_another_runs_network_goes_on_learning(
    finished, recipe, labels, dataset, tmp_path, state_of
):
    fit(changed(recipe, sizes=(32,), learning_rate=1e-9), labels, dataset, finished, tmp_path)
    state, before = state_of(tmp_path), state_of(finished)
    assert state["epoch"] == 1
    assert state["best_loss"] == pytest.approx(before["best_loss"], rel=1e-3)
    assert not (tmp_path / "head.npz").exists()  # it was taken over too


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


def test_a_folder_that_is_no_run_is_refused_at_once(start, photographs, recipe_file, tmp_path):
    (tmp_path / "empty").mkdir()
    command = ["fit", "--recipe", recipe_file, "--data", photographs, "--out", tmp_path / "run"]
    said, errors = start(*command, "--weights", tmp_path / "empty").communicate(timeout=120)
    assert "is not a training run" in errors
    assert "photographs to train on" not in said


def test_classes_count_alike_by_what_an_epoch_shows_of_them(
    recipe, labels, dataset, weights, tmp_path, monkeypatch
):
    counted = []

    def spy(photos, classes):
        counted.append(Counter(photo.label for photo in photos))
        return class_weights(photos, classes)

    monkeypatch.setattr("training.fit.class_weights", spy)
    limited = changed(recipe, sizes=(32,), class_weights=True, most_of_class=5)
    fit(limited, labels, dataset, weights, tmp_path)
    assert set(Counter(photo.label for photo in dataset.train).values()) == {15}
    assert counted[-1] == {0: 5, 1: 5, 2: 5}


def test_a_run_of_an_earlier_version_goes_on(finished, recipe, dataset, weights, tmp_path):
    """What it did not know yet is as usual, and what is known no more does not matter."""
    facts = json.loads((finished / "run.json").read_text())
    del facts["recipe"]["data"]["exclude"]
    facts["recipe"]["fine_tune"]["restart_after"] = []  # an earlier version had it
    (tmp_path / "run.json").write_text(json.dumps(facts))
    check(tmp_path, recipe, dataset, weights)
    with pytest.raises(DataError, match="another recipe"):
        check(tmp_path, changed(recipe, batch=9), dataset, weights)


def test_other_photographs_in_the_same_folder_are_refused(
    finished, recipe, labels, copied, weights
):
    root = copied()
    next((root / "tulip").iterdir()).unlink()
    with pytest.raises(DataError, match=r"begun with other photographs.*--out"):
        fit(recipe, labels, find(root, recipe.data), weights, finished)


def test_it_stops_early_and_keeps_the_best(recipe, labels, dataset, weights, tmp_path, state_of):
    wild = changed(recipe, sizes=(32,) * 12, learning_rate=0.3, patience=2)
    state = fit(wild, labels, dataset, weights, tmp_path)
    assert state.epoch == state.best_epoch + 2 < 12
    losses = [line["valid_loss"] for line in state.history]
    assert state.best_loss == min(losses) == losses[state.best_epoch - 1]
    assert state_of(tmp_path) == dataclasses.asdict(state)
    network = load(tmp_path).network
    compile_network(network, wild.fine_tune, len(dataset.train))
    valid = PlainBatches(dataset.valid, 3, Geometry(32, "stretch"))
    assert network.evaluate(valid, verbose=0)[0] == pytest.approx(state.best_loss, rel=1e-4)


def test_a_training_that_diverges_says_so(recipe, labels, dataset, weights, tmp_path):
    wild = changed(recipe, learning_rate=1e30, warmup_steps=0)
    with pytest.raises(DataError, match=r"diverged in epoch 1.*lower learning_rate"):
        fit(wild, labels, dataset, weights, tmp_path)
    assert not (tmp_path / "best.weights.h5").exists()


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
    recipe, labels, dataset, weights, tmp_path
):
    model = dataclasses.replace(recipe.model, precision="mixed_bfloat16")
    half = dataclasses.replace(changed(recipe, sizes=(32,)), model=model)
    state = fit(half, labels, dataset, weights, tmp_path)
    assert math.isfinite(state.best_loss)
    network = load(tmp_path).network
    assert keras.mixed_precision.global_policy().name == "float32"
    assert {layer.compute_dtype for layer in network.get_layer("resnet50").layers} == {"float32"}


def test_a_run_that_cannot_be_loaded(tmp_path, recipe, labels, dataset, weights):
    with pytest.raises(DataError, match="is not a training run"):
        load(tmp_path)
    with pytest.raises(DataError, match="no layer of resnet50 begins with 'conv9'"):
        fit(changed(recipe, train_from="conv9"), labels, dataset, weights, tmp_path)
    assert not (tmp_path / "head.npz").exists()  # it was told before anything long began
    with pytest.raises(DataError, match="no finished epoch yet"):
        load(tmp_path)


@pytest.mark.filterwarnings("ignore:Skipping nested container:UserWarning")  # Keras, then it raises
def test_weights_that_are_not_there_or_do_not_fit(recipe, tmp_path):
    with pytest.raises(DataError, match=r"There is no weights file .*none\.h5"):
        build(recipe.model, 3, tmp_path / "none.h5")
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    other.save_weights(tmp_path / "other.weights.h5")
    (tmp_path / "broken.weights.h5").write_bytes(b"no weights")
    for name in ("other", "broken"):
        with pytest.raises(DataError, match=f"{name}.weights.h5 do not fit resnet50"):
            build(recipe.model, 3, tmp_path / f"{name}.weights.h5")


def test_without_a_network_it_says_how_to_pass_a_file(monkeypatch):
    def no_network(*args, **kwargs):
        raise URLError("[Errno -3] Temporary failure in name resolution")

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", no_network)
    resnet = dataclasses.replace(BACKBONES["resnet50"], build=keras.applications.ResNet50)
    monkeypatch.setitem(BACKBONES, "resnet50", resnet)
    with pytest.raises(DataError, match=r"could not be downloaded.*--weights FILE"):
        build_backbone("resnet50", "imagenet")


def cut_in_half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_damaged_state_is_replaced_by_the_one_before(
    finished, recipe, labels, dataset, weights, tmp_path, capsys
):
    folder = Path(shutil.copytree(finished, tmp_path / "run"))
    before = last_state(finished, 4)
    cut_in_half(folder / "epoch-004.npz")
    state = fit(recipe, labels, dataset, weights, folder)
    said = capsys.readouterr().out
    assert "the state after epoch 4 is damaged or gone" in said
    assert "going on after epoch 3" in said
    assert state.epoch == 4
    for name, value in last_state(folder, 4).items():
        np.testing.assert_allclose(value, before[name], rtol=1e-3, atol=1e-5, err_msg=name)
    for epoch in (3, 4):
        cut_in_half(folder / f"epoch-00{epoch}.npz")
    with pytest.raises(DataError, match="The best network so far is still there"):
        fit(recipe, labels, dataset, weights, folder)
    assert load(folder).network is not None


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


def test_a_full_disk_leaves_the_state_before(
    recipe,
    recipe_file,
    labels,
    dataset,
    photographs,
    weights,
    tmp_path,
    monkeypatch,
    capsys,
    state_of,
):
    real = np.savez

    def full(file, **arrays):
        if "epoch-002" in str(file):
            raise OSError(28, "No space left on device", str(file))
        real(file, **arrays)

    with monkeypatch.context() as patch:
        patch.setattr("training.run.np.savez", full)
        command = ["fit", "--recipe", recipe_file, "--data", photographs, "--out", tmp_path]
        patch.setattr("sys.argv", ["training", *map(str, command), "--weights", str(weights)])
        assert main() == 1
        said = capsys.readouterr().err.splitlines()
        assert said[-1].endswith("No space left on device.")
    assert state_of(tmp_path)["epoch"] == 1
    assert not list(tmp_path.glob(".part-*"))
    assert fit(recipe, labels, dataset, weights, tmp_path).epoch == 4


@pytest.mark.parametrize(
    ("name", "about"),
    [("run.json", "run.json is damaged"), ("state.json", "state.json is damaged")],
)
def test_a_damaged_file_of_a_run_is_told(
    finished, recipe, labels, dataset, weights, tmp_path, name, about
):
    folder = Path(shutil.copytree(finished, tmp_path / "run"))
    cut_in_half(folder / name)
    with pytest.raises(DataError, match=about):
        fit(recipe, labels, dataset, weights, folder)


def test_a_damaged_head_is_fitted_again(recipe, labels, dataset, weights, tmp_path):
    once = changed(recipe, sizes=(32,))
    fit(once, labels, dataset, weights, tmp_path / "run")
    with np.load(tmp_path / "run" / "head.npz") as saved:
        whole = saved["kernel"]
    for path in ("state.json", "epoch-001.npz", "best.weights.h5"):
        (tmp_path / "run" / path).unlink()
    cut_in_half(tmp_path / "run" / "head.npz")
    fit(once, labels, dataset, weights, tmp_path / "run")
    with np.load(tmp_path / "run" / "head.npz") as saved:
        np.testing.assert_allclose(saved["kernel"], whole, rtol=1e-3, atol=1e-5)


def test_a_folder_that_vanishes_in_the_middle_is_told(
    start, copied, recipe_file, weights, tmp_path, state_of
):
    root, out = copied(), tmp_path / "run"
    command = ["fit", "--recipe", recipe_file, "--data", root, "--weights", weights, "--out", out]
    process = start(*command, pause=0.3)
    wait_for(out / "state.json", process)
    shutil.move(root, tmp_path / "moved")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    last = errors.splitlines()[-1]
    assert last.startswith(f"error: {root}")
    assert "There is no such file" in last
    assert "goes on after the last finished epoch" in last
    shutil.move(tmp_path / "moved", root)
    again = start(*command)
    said, errors = again.communicate(timeout=120)
    assert again.returncode == 0, errors
    assert "going on after epoch" in said
    assert state_of(out)["epoch"] == 4


def test_photographs_added_between_two_calls_are_told(finished, copied, recipe, labels, weights):
    root = copied()
    (root / "rose").mkdir()
    for number in range(4):
        shutil.copy(root / "tulip" / f"tulip_{number}.png", root / "rose" / f"{number}.png")
    with pytest.raises(DataError, match=r"begun with other photographs.*--out"):
        fit(recipe, labels, find(root, recipe.data), weights, finished)
