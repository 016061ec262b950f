"""Photographs in batches, as Keras takes them: augmented to train on, plain to measure with."""

from __future__ import annotations

import contextlib
import math
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from florapp.core.errors import DataError, PictureError
from florapp.core.geometry import Geometry
from florapp.core.images import decode
from florapp.core.source import Source
from florapp.core.square import to_input
from training.augment import augment, cutmix
from training.config import Recipe
from training.dataset import Dataset, Photo
from training.devices import evenly

#: Threads that read photographs while the network computes.
WORKERS = min(8, os.cpu_count() or 1)


class _Photographs(keras.utils.PyDataset):  # type: ignore[misc]  # keras is untyped
    """Batches of photographs that remember what could not be read: ``fault`` says it."""

    fault = ""

    def __init__(self) -> None:
        super().__init__(workers=WORKERS, max_queue_size=3 * WORKERS)

    def read(self, path: Path, at_least: int) -> Image.Image:
        """Return a photograph, upright and in RGB."""
        try:
            return decode(Source.of(path), at_least).image
        except PictureError as error:
            self.fault = self.fault or f"{path}: {error}"
            raise


@contextlib.contextmanager
def telling(batches: _Photographs) -> Iterator[None]:
    """Raise DataError with what ``batches`` could not read; the backend's own error hides it."""
    try:
        yield
    except Exception as error:
        if not batches.fault:
            raise
        raise DataError(
            f"{batches.fault} It could be read before. When it is there again, the same command "
            "goes on after the last finished epoch."
        ) from error


class TrainingBatches(_Photographs):
    """One epoch of augmented photographs, in an order and with changes that seed and epoch fix.

    Yields (uint8 ``[batch, size, size, 3]``, float32 ``[batch, classes]``: 1 at the label, or
    shares of two).
    """

    def __init__(
        self,
        dataset: Dataset,
        recipe: Recipe,
        *,
        size: int,
        epoch: int,
    ) -> None:
        super().__init__()
        self._dataset, self._recipe = dataset, recipe.augmentation
        self._size, self._batch = size, recipe.fine_tune.batch
        self._key = (recipe.seed, epoch)
        order = drawn(dataset.train, recipe, epoch)
        self._order = order[: evenly(len(order))]

    def __len__(self) -> int:
        return -(-len(self._order) // self._batch)

    def __getitem__(self, step: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        chosen = self._order[step * self._batch : (step + 1) * self._batch]
        images = [self._crop(int(i)) for i in chosen]
        labels = [self._dataset.train[int(i)].label for i in chosen]
        random = np.random.default_rng((*self._key, len(self._dataset.train), step))
        truth = one_hot(labels, len(self._dataset.classes))
        return cutmix(np.stack(images), truth, self._recipe.cutmix, random)

    def _crop(self, i: int) -> NDArray[np.uint8]:
        # As many pixels in the smallest crop as the program decodes for the whole square.
        at_least = Geometry(math.ceil(self._size / math.sqrt(self._recipe.scale[0]))).at_least
        image = self.read(self._dataset.train[i].path, at_least)
        random = np.random.default_rng((*self._key, i))
        return augment(image, self._size, self._recipe, random)


class PlainBatches(_Photographs):
    """Photographs as the program will see them, in order; labels as in TrainingBatches."""

    def __init__(
        self, photos: Sequence[Photo], classes: int, geometry: Geometry, *, batch: int = 32
    ) -> None:
        super().__init__()
        self._photos, self._classes, self._geometry = photos, classes, geometry
        self._batch = max(1, evenly(batch))

    def __len__(self) -> int:
        return -(-len(self._photos) // self._batch)

    def __getitem__(self, step: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        chosen = self._photos[step * self._batch : (step + 1) * self._batch]
        geometry = self._geometry
        images = [to_input(self.read(p.path, geometry.at_least), geometry)[0] for p in chosen]
        return np.stack(images), one_hot([photo.label for photo in chosen], self._classes)


def drawn(photos: Sequence[Photo], recipe: Recipe, epoch: int) -> list[int]:
    """Return the indices of the photographs of an epoch in its order, which seed and epoch fix.

    Of each class there are at most ``fine_tune.most_of_class``, drawn anew in every epoch.
    """
    order = np.random.default_rng((recipe.seed, epoch)).permutation(len(photos)).tolist()
    most, taken, indices = recipe.fine_tune.most_of_class, Counter[int](), []
    for i in order:
        taken[photos[i].label] += 1
        if not most or taken[photos[i].label] <= most:
            indices.append(i)
    return indices


def one_hot(labels: Sequence[int], classes: int) -> NDArray[np.float32]:
    """Float32 ``[len(labels), classes]``, 1 at each label."""
    return np.eye(classes, dtype=np.float32)[np.asarray(labels, dtype=np.intp)]
