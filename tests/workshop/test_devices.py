"""Several accelerators: batches that they can share evenly."""

import dataclasses
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from florapp.core.errors import DataError
from florapp.core.geometry import Geometry
from tests.workshop.hands import changed
from training.batches import PlainBatches, TrainingBatches
from training.config import FineTune, Recipe
from training.devices import evenly, share_the_work
from training.fit import fit


@pytest.fixture
def four(monkeypatch):
    """Four devices that share the work."""
    mesh = SimpleNamespace(devices=np.array(["gpu:0", "gpu:1", "gpu:2", "gpu:3"]))
    shared = SimpleNamespace(device_mesh=mesh)
    monkeypatch.setattr(keras.distribution, "distribution", lambda: shared)


def test_every_batch_can_be_shared(four, dataset):
    assert len(dataset.train) % 4
    batches = TrainingBatches(dataset, Recipe(fine_tune=FineTune(batch=8)), size=32, epoch=1)
    sizes = [len(batches[step][0]) for step in range(len(batches))]
    assert sum(sizes) == evenly(len(dataset.train))
    assert not any(size % 4 for size in sizes)


def test_a_single_device_leaves_nothing_out():
    assert [evenly(count) for count in (0, 1, 7)] == [0, 1, 7]


def test_what_is_measured_is_shared_evenly_too(four, dataset):
    batches = PlainBatches(dataset.valid, 3, Geometry(32), batch=6)
    assert [len(batches[step][0]) for step in range(3)] == [4, 4, 4]


def test_what_cannot_be_shared_is_told(
    recipe, labels, dataset, weights, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["gpu:0", "gpu:1", "gpu:2"])
    with pytest.raises(DataError, match=r"There are 3 devices.*fine_tune\.batch and head\.batch"):
        fit(recipe, labels, dataset, weights, tmp_path)
    made: list[list[str]] = []
    monkeypatch.setattr(keras.distribution, "DataParallel", lambda **options: options["devices"])
    monkeypatch.setattr(keras.distribution, "set_distribution", made.append)
    head = dataclasses.replace(recipe.head, batch=255)
    even = dataclasses.replace(changed(recipe, batch=33), head=head)
    for part in ("train", "valid"):
        few = dataclasses.replace(dataset, **{part: dataset.valid[:2]})
        with pytest.raises(DataError, match="not a photograph for each"):
            share_the_work(even, few)
    assert not made
    share_the_work(even, dataset)
    assert made == [["gpu:0", "gpu:1", "gpu:2"]]
    assert "training on 3 devices: gpu:0, gpu:1, gpu:2" in capsys.readouterr().out
