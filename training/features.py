"""Features of the frozen network, computed once and kept between calls.

``fit`` fits the head on them, ``check`` judges labels by them. A folder of the cache holds the
features of one network at one size, in files of up to :data:`_AT_ONCE` photographs, each named by
the content of its file: however the data are renamed or moved, only what is new is computed. Keras
is loaded only for that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from florapp.core.errors import DataError
from florapp.core.geometry import Geometry
from training.config import Recipe
from training.dataset import Photo
from training.files import BROKEN_NPZ, content_hash, write_whole
from training.progress import say

if TYPE_CHECKING:
    import keras

#: Where the weights come from: a file, or Keras' download for ImageNet.
Weights = Path | Literal["imagenet"]

_AT_ONCE = 512
_Kept = dict[str, NDArray[np.float16]]


def cache_folder() -> Path:
    """Return the folder where features are kept. It may be deleted at any time."""
    return user_cache_path("FlorApp", appauthor=False) / "features"


def frozen_features(
    photos: Sequence[Photo], hashes: Sequence[str], recipe: Recipe, weights: Weights
) -> NDArray[np.float32]:
    """Return the features ``[photos, features]`` of photographs that can be read.

    ``hashes`` are those of their files' contents (files.py). The features are rounded to 16 bits,
    whether they were kept or not. Raises DataError when the weights are not there,
    cannot be downloaded or do not fit.
    """
    model = recipe.model
    geometry = Geometry(recipe.head.size, model.fit)
    key = f"{model.backbone} {geometry} {geometry.at_least} {_identity(weights)} {model.precision}"
    folder = cache_folder() / hashlib.sha256(key.encode()).hexdigest()[:16]
    kept = _read(folder, set(hashes))
    missing = {name: photo for photo, name in zip(photos, hashes, strict=True) if name not in kept}
    if missing:
        say(f"features of the frozen network: {len(missing)} to compute")
        network = _network(recipe, weights)
        names, keeps = list(missing), True
        for start in range(0, len(names), _AT_ONCE):
            part = names[start : start + _AT_ONCE]
            after = (len(names) - start - len(part)) / len(part)
            found = _computed(network, [missing[name] for name in part], geometry, after)
            keeps = keeps and _written(folder, part, found)
            kept.update(zip(part, found, strict=True))
    return np.stack([kept[name] for name in hashes]).astype(np.float32)


def _network(recipe: Recipe, weights: Weights) -> keras.Model:
    import keras

    from training.network import build

    keras.mixed_precision.set_global_policy(recipe.model.precision)
    network = build(recipe.model, 2, weights)  # however many classes: the head is not asked
    return keras.Model(network.input, network.get_layer("embedding").output)


def _computed(
    network: keras.Model, photos: Sequence[Photo], geometry: Geometry, after: float
) -> NDArray[np.float16]:
    from training.batches import PlainBatches, telling
    from training.devices import evenly
    from training.watch import Progress

    unlabelled = [Photo(photo.path, 0) for photo in photos]
    while evenly(len(unlabelled)) < len(unlabelled):  # some devices: the last ones again
        unlabelled.append(unlabelled[-1])
    batches = PlainBatches(unlabelled, 1, geometry)
    progress = Progress("features", after)
    with telling(batches):
        found: NDArray[np.float32] = network.predict(batches, verbose=0, callbacks=[progress])
    return found[: len(photos)].astype(np.float16)


def _read(folder: Path, wanted: Container[str]) -> _Kept:
    """Read what is kept of the ``wanted``, and not of all that was ever looked at."""
    kept: _Kept = {}
    for path in sorted(folder.glob("*.npz")):
        try:
            with path.open("rb") as file, np.load(file) as saved:
                named = zip(saved["names"].tolist(), saved["features"], strict=True)
                kept.update((name, row.copy()) for name, row in named if name in wanted)
        except BROKEN_NPZ:
            continue  # damaged: computed anew
    return kept


def _written(folder: Path, names: list[str], features: NDArray[np.float16]) -> bool:
    """Keep features where the disk takes them; without that they are computed anew next time."""
    path = folder / f"{hashlib.sha256(''.join(names).encode()).hexdigest()[:16]}.npz"
    try:
        write_whole(path, lambda part: np.savez(part, names=names, features=features))
    except OSError as error:
        say(f"the features are not kept: {error.filename}: {error.strerror}")
        return False
    return True


def _identity(weights: Weights) -> str:
    if not isinstance(weights, Path):
        return weights
    if not weights.is_file():
        raise DataError(f"There is no weights file {weights}.")
    return content_hash(weights)
