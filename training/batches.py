"""Photographs in batches, as Keras takes them: augmented to train on, plain to measure with."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from florapp.core.geometry import Geometry
from florapp.core.images import decode
from florapp.core.source import Source
from training.augment import augment
from training.config import Augmentation
from training.dataset import Dataset, Photo, shaped


class TrainingBatches(keras.utils.PyDataset):  # type: ignore[misc]  # keras is untyped
    """One epoch of augmented photographs, in an order and with changes that seed and epoch fix.

    Yields (uint8 ``[batch, size, size, 3]``, one-hot float32 ``[batch, classes]``).
    """

    def __init__(
        self,
        dataset: Dataset,
        recipe: Augmentation,
        *,
        size: int,
        batch: int,
        seed: int,
        epoch: int,
    ) -> None:
        super().__init__(workers=2, max_queue_size=6)
        self._dataset, self._recipe = dataset, recipe
        self._size, self._batch, self._key = size, batch, (seed, epoch)
        self._order = np.random.default_rng(self._key).permutation(len(dataset.train))

    def __len__(self) -> int:
        return -(-len(self._order) // self._batch)

    def __getitem__(self, step: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        chosen = self._order[step * self._batch : (step + 1) * self._batch]
        images = [self._crop(int(i)) for i in chosen]
        labels = [self._dataset.train[int(i)].label for i in chosen]
        return np.stack(images), one_hot(labels, len(self._dataset.classes))

    def _crop(self, i: int) -> NDArray[np.uint8]:
        # As many pixels in the smallest crop as the program decodes for the whole square.
        at_least = math.ceil(2 * self._size / math.sqrt(self._recipe.scale[0]))
        pixels = decode(Source.of(self._dataset.train[i].path), at_least).pixels
        random = np.random.default_rng((*self._key, i))
        return augment(pixels, self._size, self._recipe, random)


class PlainBatches(keras.utils.PyDataset):  # type: ignore[misc]  # keras is untyped
    """Photographs as the program will see them, in order; labels as in TrainingBatches."""

    def __init__(
        self, photos: Sequence[Photo], classes: int, geometry: Geometry, *, batch: int = 32
    ) -> None:
        super().__init__(workers=2, max_queue_size=6)
        self._photos, self._classes, self._geometry, self._batch = photos, classes, geometry, batch

    def __len__(self) -> int:
        return -(-len(self._photos) // self._batch)

    def __getitem__(self, step: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        chosen = self._photos[step * self._batch : (step + 1) * self._batch]
        images = [shaped(photo.path, self._geometry) for photo in chosen]
        return np.stack(images), one_hot([photo.label for photo in chosen], self._classes)


def one_hot(labels: Sequence[int], classes: int) -> NDArray[np.float32]:
    """Float32 ``[len(labels), classes]``, 1 at each label."""
    return np.eye(classes, dtype=np.float32)[np.asarray(labels, dtype=np.intp)]
