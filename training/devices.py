"""Several accelerators in one machine: each takes its share of every batch."""

from __future__ import annotations

import keras

from florapp.core.errors import DataError
from training.config import Recipe
from training.dataset import Dataset
from training.progress import say


def share_the_work(recipe: Recipe, dataset: Dataset) -> None:
    """Have all accelerators of the machine train on parts of a batch, where there are several.

    Through Keras' own distribution, which of the backends JAX has. Raises DataError when the
    batches of ``recipe`` cannot be shared evenly, or there is not a photograph for each.
    """
    if keras.backend.backend() != "jax":
        return
    devices = keras.distribution.list_devices()
    if len(devices) == 1:
        return
    if recipe.fine_tune.batch % len(devices) or recipe.head.batch % len(devices):
        raise DataError(
            f"There are {len(devices)} devices, and each is to take the same part of a batch. Make "
            "fine_tune.batch and head.batch multiples of that."
        )
    if min(len(dataset.train), len(dataset.valid)) < len(devices):
        raise DataError(
            f"There are {len(devices)} devices, and there is not a photograph for each to train "
            "and to validate with. Add photographs, or let JAX see fewer devices."
        )
    keras.distribution.set_distribution(
        keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False)
    )
    say(f"training on {len(devices)} devices: {', '.join(devices)}")


def evenly(count: int) -> int:
    """Return ``count``, or the largest number below that the devices can share evenly."""
    shared = keras.distribution.distribution()
    return count if shared is None else count - count % shared.device_mesh.devices.size
