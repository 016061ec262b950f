"""Labelled photographs: finding them, checking them, splitting them."""

from __future__ import annotations

import hashlib
import os
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from florapp.core.errors import DataError, PictureError
from florapp.core.folders import pictures_under
from florapp.core.geometry import Geometry
from florapp.core.images import decode
from florapp.core.source import Source
from florapp.core.square import to_input
from training.config import Data, DataSource

_SPLITS = ("train", "valid")
_TELL_EVERY = 20.0  # seconds
_ANY_NAME = "surrogateescape"  # a name that is not in the system's encoding is one all the same


@dataclass(frozen=True)
class Photo:
    """A labelled photograph: its path and the index of its class."""

    path: Path
    label: int


@dataclass(frozen=True)
class Dataset:
    """The photographs of a run below ``root``, split.

    ``classes`` are the class ids in the order of the labels. ``fingerprint`` is a hash of class,
    name and size of every photograph found, readable or not, that the recipe does not exclude: the
    same for the same data.
    """

    root: Path
    classes: tuple[str, ...]
    train: tuple[Photo, ...]
    valid: tuple[Photo, ...]
    fingerprint: str


def find(root: Path, data: Data) -> Dataset:
    """Find the photographs of ``data`` below ``root`` and split them; none is opened.

    Raises DataError where training could not make sense: no such folder, fewer than two classes,
    an empty class, one class name in two spellings.
    """
    dataset = _listed(root, data)
    _check_classes(dataset.classes)
    _check_filled(dataset)
    return dataset


def opened(dataset: Dataset, report: Callable[[str], None]) -> Dataset:
    """Open every photograph once and leave out those that cannot be read.

    Raises DataError when that empties a class.
    """
    good = set(readable((*dataset.train, *dataset.valid), report))
    train, valid = (
        tuple(photo for photo in photos if photo in good)
        for photos in (dataset.train, dataset.valid)
    )
    dataset = replace(dataset, train=train, valid=valid)
    _check_filled(dataset)
    return dataset


def readable(photos: Sequence[Photo], report: Callable[[str], None]) -> tuple[Photo, ...]:
    """Open ``photos`` and return those that can be read; ``report`` is told of the others.

    Raises DataError when there are none.
    """
    good, told = [], time.monotonic()
    for number, photo in enumerate(photos):
        if time.monotonic() - told > _TELL_EVERY:
            told = time.monotonic()
            report(f"opened {number} of {len(photos)} photographs")
        try:
            decode(Source.of(photo.path))
        except PictureError as error:
            report(f"{photo.path}: left out. {error}")
        else:
            good.append(photo)
    if not good:
        raise DataError("None of the photographs could be read.")
    return tuple(good)


def held_out(
    root: Path, data: Data, classes: Sequence[str], fingerprint: str, only: str = ""
) -> tuple[str, tuple[Photo, ...]]:
    """Find the photographs to measure a model of ``classes`` with; say in words which they are.

    Where ``root`` holds the training data, whose ``fingerprint`` the model knows, these are its
    validation photographs; else all those in ``root``/valid, if it is there beside train/, or in
    ``root``. ``only`` names the one source of ``data`` whose validation photographs to take.
    Raises DataError when there are none, or one that the model does not know.
    """
    if only:
        sources = [source for source in data.sources if source.folder == only]
        if not sources:
            raise DataError(f"The recipe has no source {only!r}.")
        found: Dataset | None = _listed(root, replace(data, sources=sources))
        what = f"the validation photographs of {root / only}"
    else:
        found = same(root, data, fingerprint)
        what = "the validation photographs of the training data"
    if found is None:
        folder = root / "valid" if all((root / split).is_dir() for split in _SPLITS) else root
        return f"all photographs in {folder}", labelled(folder, data, classes)
    unknown = set(found.classes) - set(classes)
    if unknown:
        raise DataError(f"{root} has a class {min(unknown)!r}, which the model does not know.")
    index = {name: label for label, name in enumerate(classes)}
    photos = tuple(Photo(p.path, index[found.classes[p.label]]) for p in found.valid)
    if not photos:
        raise DataError(f"{root} has no photograph to validate with.")
    return what, photos


def labelled(root: Path, data: Data, classes: Sequence[str]) -> tuple[Photo, ...]:
    """Find all photographs in the sub-folders of ``root`` that are classes, or mapped to one."""
    names = {name: name for name in classes}
    for source in data.sources:
        names |= {folder: name for folder, name in source.classes.items() if folder not in names}
    index = {name: label for label, name in enumerate(classes)}
    photos = tuple(
        Photo(path, index[names[folder.name]])
        for folder in _folders(root)
        if names.get(folder.name) in index
        for path in pictures_under(folder)
    )
    if not photos:
        raise DataError(
            f"No folder in {root} is named like a class of the model ({', '.join(classes[:3])}, "
            "...). Name the folders so."
        )
    return photos


def split_by_name(paths: Sequence[Path], fraction: float) -> tuple[list[Path], list[Path]]:
    """Split one class into (rest, part), the part being ``fraction`` of it, at least one.

    The order is that of a hash of the file name: the same on every machine, and no photographer's
    numbering decides.
    """
    ordered = sorted(
        paths, key=lambda p: (hashlib.sha256(p.name.encode(errors=_ANY_NAME)).digest(), p)
    )
    cut = min(len(ordered) - 1, max(1, round(len(ordered) * fraction))) if len(ordered) > 1 else 0
    return sorted(ordered[cut:]), sorted(ordered[:cut])


def name_of(path: Path, root: Path) -> str:
    """Return the path of a file below ``root`` as it is written everywhere: with slashes."""
    return Path(os.path.relpath(path, root)).as_posix()


def shaped(path: Path, geometry: Geometry) -> NDArray[np.uint8]:
    """Read one photograph as the program does: uint8 ``[size, size, 3]``."""
    return to_input(decode(Source.of(path), 2 * geometry.size).pixels, geometry)[0]


def _listed(root: Path, data: Data) -> Dataset:
    found: dict[str, dict[str, list[Path]]] = {split: defaultdict(list) for split in _SPLITS}
    for source in data.sources:
        for split, name, paths in _photos_of(root, source, data.valid_fraction):
            found[split][name] += paths
    classes = tuple(sorted(set(found["train"]) | set(found["valid"])))
    index = {name: label for label, name in enumerate(classes)}
    left_out = set(data.exclude)
    train, valid = (
        tuple(
            Photo(path, index[name])
            for name in sorted(by_class)
            for path in by_class[name]
            if not left_out or name_of(path, root) not in left_out
        )
        for by_class in (found["train"], found["valid"])  # split before: valid stays as it is
    )
    lines = sorted(
        f"{split}/{classes[p.label]}/{p.path.name}:{_size(p.path)}"
        for split, photos in (("train", train), ("valid", valid))
        for p in photos
    )
    fingerprint = hashlib.sha256("\n".join(lines).encode(errors=_ANY_NAME)).hexdigest()[:16]
    return Dataset(root, classes, train, valid, fingerprint)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0  # a link into the void: left out later


def same(root: Path, data: Data, fingerprint: str) -> Dataset | None:
    """Return the data that a model was trained with, by its ``fingerprint``, if ``root`` has it."""
    try:
        found = _listed(root, data)
    except DataError:  # a folder of the recipe is not there
        return None
    return found if found.fingerprint == fingerprint else None


def _photos_of(
    root: Path, source: DataSource, fraction: float
) -> Iterator[tuple[str, str, list[Path]]]:
    """Yield (split, class, paths) of one source."""
    base = root / source.folder
    given = {folder.name: folder for folder in _folders(base)}
    by_split = {"train": base}
    if "train" in given:
        by_split = {split: given[split] for split in _SPLITS if split in given}
    unseen = set(source.classes)
    for split, folder in by_split.items():
        for class_folder in _folders(folder):
            if source.classes and class_folder.name not in source.classes:
                continue
            unseen.discard(class_folder.name)
            name = source.classes.get(class_folder.name, class_folder.name)
            paths = list(pictures_under(class_folder))
            if "valid" in by_split:
                yield split, name, paths
            else:
                rest, part = split_by_name(paths, fraction)
                yield "train", name, rest
                yield "valid", name, part
    if unseen:
        raise DataError(f"{base} has no class folder {min(unseen)!r}, which the recipe maps.")


def _folders(base: Path) -> list[Path]:
    if not base.is_dir():
        raise DataError(f"There is no folder {base}. Pass the right one with --data.")
    return sorted(p for p in base.iterdir() if p.is_dir() and not p.name.startswith("."))


def _check_classes(classes: Sequence[str]) -> None:
    if len(classes) < 2:
        raise DataError(
            f"Training needs at least two classes, and there {'is one' if classes else 'are none'}."
            " Give a folder with one sub-folder of photographs a class."
        )
    spelt: dict[str, str] = {}
    for name in classes:
        plain = unicodedata.normalize("NFKC", name).casefold()
        plain = "".join(c for c in plain if c not in " _-")
        if plain in spelt:
            raise DataError(
                f"{spelt[plain]!r} and {name!r} look like one class in two spellings. "
                "Put their photographs into one folder."
            )
        spelt[plain] = name


def _check_filled(dataset: Dataset) -> None:
    filled = {photo.label for photo in dataset.train}
    for label, name in enumerate(dataset.classes):
        if label not in filled:
            raise DataError(
                f"The class {name!r} is empty: it has no photograph to train on that can be read. "
                "Add some or remove its folder."
            )
    if not dataset.valid:
        raise DataError(
            "There is no photograph to validate with: valid/ is empty, or no class has two."
        )
