"""What goes wrong in a training ends in a sentence, and the good state before it is still there."""

import dataclasses
import shutil
from pathlib import Path
from urllib.error import URLError

import keras
import numpy as np
import pytest

from florapp.core.errors import DataError
from tests.workshop.hands import changed, last_state, wait_for
from training.__main__ import main
from training.backbones import BACKBONES, build_backbone
from training.fit import fit
from training.network import build
from training.run import load
from training.state import saved_head


def test_a_training_that_diverges_says_so(recipe, labels, dataset, weights, tmp_path, capfd):
    wild = changed(recipe, learning_rate=1e30, warmup_steps=0)
    with pytest.raises(DataError, match=r"diverged in epoch 1.*lower learning_rate.*is kept"):
        fit(wild, labels, dataset, weights, tmp_path)
    kept, before = load(tmp_path).network.get_layer("head"), saved_head(tmp_path / "head.npz")
    assert before is not None
    for one, other in zip(kept.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert "Invalid loss" not in capfd.readouterr().out  # Keras' own words


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
    with pytest.raises(DataError, match=r"could not be .*--weights FILE.*flowers103\.onnx"):
        build_backbone("resnet50", "imagenet")
    with pytest.raises(DataError, match=r"could not be .*--weights FILE") as error:
        build_backbone("inceptionv3", "imagenet")
    assert "model file" not in str(error.value)  # of which it cannot begin


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


def test_a_training_that_diverges_later_keeps_the_best_before(
    recipe, labels, dataset, weights, tmp_path, monkeypatch, state_of
):
    def rate(_, losses):
        return 1e30 if losses else 1e-3

    plateau = changed(recipe, schedule="plateau", warmup_steps=0, sizes=(32, 32, 32))
    kept = []
    monkeypatch.setattr("training.fit.rate_after", rate)
    for _ in range(2):  # the same command comes to the same end
        with pytest.raises(DataError, match=r"diverged in epoch 2.*best network before is kept"):
            fit(plateau, labels, dataset, weights, tmp_path)
        assert state_of(tmp_path)["epoch"] == 1
        assert {path.name for path in tmp_path.glob("epoch-*")} == {"epoch-001.npz"}
        kept.append(load(tmp_path).network.get_weights())
    for one, again in zip(*kept, strict=True):
        assert np.isfinite(one).all()
        np.testing.assert_array_equal(one, again)


def test_a_validation_loss_that_is_no_number_is_told_too(
    recipe, labels, dataset, weights, tmp_path, monkeypatch, state_of
):
    """The last step of an epoch may do it: no training loss has seen it yet."""
    found = iter([(1.6, 0.3), (1.5, 0.4), (float("nan"), 0.3)])
    monkeypatch.setattr(keras.Model, "evaluate", lambda *_, **__: next(found))
    with pytest.raises(DataError, match=r"epoch 2: its validation loss is nan.*before is kept"):
        fit(recipe, labels, dataset, weights, tmp_path)
    assert state_of(tmp_path)["epoch"] == 1
    assert not (tmp_path / "epoch-002.npz").exists()


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
        patch.setattr("training.state.np.savez", full)
        command = ["fit", "--recipe", recipe_file, "--data", photographs, "--out", tmp_path]
        patch.setattr("sys.argv", ["training", *map(str, command), "--weights", str(weights)])
        assert main() == 1
        said = capsys.readouterr().err.splitlines()
        assert said[-1].endswith("No space left on device.")
    assert state_of(tmp_path)["epoch"] == 1
    assert not list(tmp_path.glob(".part-*"))
    assert fit(recipe, labels, dataset, weights, tmp_path).epoch == 4


def test_a_network_that_the_disk_does_not_take_ends_in_a_sentence(
    start, photographs, recipe_file, weights, tmp_path
):
    """HDF5, were it the one to write there, would end the process."""
    resource = pytest.importorskip("resource")
    command = ["fit", "--recipe", recipe_file, "--data", photographs, "--weights", weights]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (15_000, before[1]))  # of a file, where it starts
    try:
        process = start(*command, "--out", tmp_path / "run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    best = tmp_path / "run" / "best.weights.h5"
    assert errors.splitlines()[-1] == f"error: {best}: File too large."
    assert "Traceback" not in errors
    assert not list((tmp_path / "run").glob(".part-*"))


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


def test_a_run_that_vanishes_in_the_middle_is_told(
    recipe, labels, dataset, weights, tmp_path, state_of
):
    run, elsewhere = tmp_path / "runs" / "mine", tmp_path / "elsewhere"
    twice = changed(recipe, sizes=(32, 32))

    def move(state):
        shutil.move(run, elsewhere)

    with pytest.raises(DataError, match=r"mine is gone.*Move it back"):
        fit(twice, labels, dataset, weights, run, after_epoch=move)
    assert not run.exists()
    assert state_of(elsewhere)["epoch"] == 1
    shutil.move(elsewhere, run)
    assert fit(twice, labels, dataset, weights, run).epoch == 2
