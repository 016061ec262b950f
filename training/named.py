"""Data sets that have a name: fetched through Keras, and laid out as folders of pictures.

From there on they are photographs like all others. They are kept in the user's cache folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image
from platformdirs import user_cache_path

from florapp.core.errors import DataError
from training.progress import say

_CIFAR10 = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
_CLOTHES = (
    "t_shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot",
)  # fmt: skip

#: The classes of each, in the order of its labels.
NAMED = {
    "cifar10": _CIFAR10,
    "fashion_mnist": _CLOTHES,
    "mnist": tuple("0123456789"),
}


def data_folder(data: Path) -> Path:
    """Return ``data`` itself if it is there, else the folder of the data set of that name.

    It is fetched the first time. Raises DataError when it cannot be.
    """
    name = str(data)
    return data if data.exists() or name not in NAMED else _fetched(name)


def _fetched(name: str) -> Path:
    folder = user_cache_path("FlorApp", appauthor=False) / "datasets" / name
    if folder.exists():
        return folder
    import keras

    say(f"fetching {name} through keras.datasets")
    try:
        (train, train_labels), (test, test_labels) = getattr(keras.datasets, name).load_data()
    except Exception as error:  # each backend's downloader raises its own kinds
        raise DataError(
            f"{name} could not be downloaded ({error}). Without a network, give a folder of "
            "photographs."
        ) from error
    say(f"writing {len(train) + len(test)} pictures to {folder}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".part-", dir=folder.parent) as part:  # gone on a full disk, too
        whole = Path(part, name)
        for split, images, labels in (("train", train, train_labels), ("test", test, test_labels)):
            for path, image in _pictures(images, labels, NAMED[name]):
                where = whole / split / path
                where.parent.mkdir(parents=True, exist_ok=True)
                image.save(where)
        try:
            whole.replace(folder)
        except OSError:
            if not folder.exists():  # else another process was there first
                raise
    return folder


def _pictures(images: Any, labels: Any, names: tuple[str, ...]) -> Iterator[tuple[Path, Any]]:
    for number, (image, label) in enumerate(zip(images, np.ravel(labels), strict=True)):
        yield Path(names[label]) / f"{number:05d}.png", Image.fromarray(image)
