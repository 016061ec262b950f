"""Labelled photographs: finding them, checking them, splitting them."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
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
from training.config import ANY_NAME, Data, DataSource
from training.threads import each

SPLITS = ("train", "valid", "test")
_AT_LEAST = Geometry(224).at_least  # about as it is read later
#: What the parts of a data set are called elsewhere, and here.
_PARTS = {"train": "train", "training": "train", "valid": "valid", "val": "valid",
          "validation": "valid", "test": "test", "testing": "test"}  # fmt: skip


@dataclass(frozen=True)
class Photo:
    """A labelled photograph: its path and the index of its class."""

    path: Path
    label: int


@dataclass(frozen=True)
class Dataset:
    """The photographs of a run below ``root``, split.

    ``train`` are learnt from, ``valid`` are chosen by, and what is reported is measured on
    ``test``, or on ``valid`` where there is no test part. ``classes`` are the class ids in the
    order of the labels. ``fingerprint`` is a hash of class, name and size of every photograph
    found, readable or not, that the recipe does not exclude: the same for the same data.
    """

    root: Path
    classes: tuple[str, ...]
    train: tuple[Photo, ...]
    valid: tuple[Photo, ...]
    fingerprint: str
    test: tuple[Photo, ...] = ()

    @property
    def photos(self) -> tuple[Photo, ...]:
        """All of them."""
        return (*self.train, *self.valid, *self.test)


def find(root: Path, data: Data) -> Dataset:
    """Find the photographs of ``data`` below ``root`` and split them; none is opened.

    Raises DataError where training could not make sense: no such folder, fewer than two classes,
    an empty class, one class name in two spellings.
    """
    dataset = listed(root, data)
    _check_classes(dataset.classes)
    _check_filled(dataset)
    return dataset


def opened(dataset: Dataset, report: Callable[[str], None]) -> Dataset:
    """Open every photograph once and leave out those that cannot be read.

    Raises DataError when that empties a class.
    """
    return kept(dataset, set(readable(dataset.photos, report)))


def kept(dataset: Dataset, good: Container[Photo]) -> Dataset:
    """Return ``dataset`` with those of its photographs alone that are ``good``.

    Raises DataError when that empties a class.
    """
    train, valid, test = (
        tuple(photo for photo in photos if photo in good)
        for photos in (dataset.train, dataset.valid, dataset.test)
    )
    dataset = replace(dataset, train=train, valid=valid, test=test)
    _check_filled(dataset)
    return dataset


def readable(photos: Sequence[Photo], report: Callable[[str], None]) -> tuple[Photo, ...]:
    """Open ``photos`` and return those that can be read; ``report`` is told of the others.

    Raises DataError when there are none.
    """
    problems = each(_problem, photos, "photographs opened")
    for photo, problem in zip(photos, problems, strict=True):
        if problem:
            report(f"{photo.path}: left out. {problem}")
    good = tuple(photo for photo, problem in zip(photos, problems, strict=True) if not problem)
    if not good:
        raise DataError("None of the photographs could be read.")
    return good


def _problem(photo: Photo) -> str:
    """Say why a photograph cannot be read; nothing where it can."""
    try:
        decode(Source.of(photo.path), _AT_LEAST)
    except PictureError as error:
        return str(error)
    return ""


def split_by_name(paths: Sequence[Path], fraction: float) -> tuple[list[Path], list[Path]]:
    """Split one class into (rest, part), the part being ``fraction`` of it, at least one.

    The order is that of a hash of the file name: the same on every machine, and no photographer's
    numbering decides.
    """
    ordered = sorted(
        paths, key=lambda p: (hashlib.sha256(p.name.encode(errors=ANY_NAME)).digest(), p)
    )
    cut = min(len(ordered) - 1, max(1, round(len(ordered) * fraction))) if len(ordered) > 1 else 0
    return sorted(ordered[cut:]), sorted(ordered[:cut])


def name_of(path: Path, root: Path) -> str:
    """Return the path of a file below ``root`` as it is written everywhere: with slashes."""
    return Path(os.path.relpath(path, root)).as_posix()


def shaped(path: Path, geometry: Geometry) -> NDArray[np.uint8]:
    """Read one photograph as the program does: uint8 ``[size, size, 3]``."""
    return to_input(decode(Source.of(path), geometry.at_least).image, geometry)[0]


def listed(root: Path, data: Data) -> Dataset:
    """Find the photographs as :func:`find` does, whether or not training could make sense."""
    found: dict[str, dict[str, list[Path]]] = {split: defaultdict(list) for split in SPLITS}
    for source in data.sources:
        for split, name, paths in _photos_of(root, source, data):
            found[split][name] += paths
    classes = tuple(sorted({name for by_class in found.values() for name in by_class}))
    index = {name: label for label, name in enumerate(classes)}
    left_out = {*data.exclude, *data.twins}
    splits = {
        split: tuple(
            Photo(path, index[name])
            for name in sorted(by_class)
            for path in by_class[name]
            if not left_out or name_of(path, root) not in left_out
        )
        for split, by_class in found.items()  # split before: the other parts stay as they are
    }
    lines = sorted(
        f"{split}/{classes[p.label]}/{p.path.name}:{_size(p.path)}"
        for split, photos in splits.items()
        for p in photos
    )
    fingerprint = hashlib.sha256("\n".join(lines).encode(errors=ANY_NAME)).hexdigest()[:16]
    return Dataset(root, classes, **splits, fingerprint=fingerprint)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0  # a link into the void: left out later


def _photos_of(root: Path, source: DataSource, data: Data) -> Iterator[tuple[str, str, list[Path]]]:
    """Yield (split, class, paths) of one source."""
    base = root / source.folder
    by_split = parts_of(base)
    unseen = set(source.classes)
    for split, folder in by_split.items():
        for class_folder in folders(folder):
            if source.classes and class_folder.name not in source.classes:
                continue
            unseen.discard(class_folder.name)
            name = source.classes.get(class_folder.name, class_folder.name)
            rest = list(pictures_under(class_folder))
            if split == "train":
                fractions = {"test": data.test_fraction, "valid": data.valid_fraction}
                for part, fraction in fractions.items():
                    if fraction and part not in by_split:
                        rest, aside = split_by_name(rest, fraction)
                        yield part, name, aside
            yield split, name, rest
    if unseen:
        raise DataError(f"{base} has no class folder {min(unseen)!r}, which the recipe maps.")
    if by_split["train"] != base and not folders(by_split["train"]):
        raise DataError(
            f"{by_split['train']} holds no class folders: where a folder is called train, it is "
            "taken for the photographs to train on. Rename it if it is a class."
        )


def parts_of(base: Path) -> dict[str, Path]:
    """Return the folders of a source in which class folders are looked for, by their part."""
    given = {folder.name: folder for folder in folders(base)}
    _check_parts(base, given)
    if "train" not in given:
        return {"train": base}
    return {split: given[split] for split in SPLITS if split in given}


def _check_parts(base: Path, given: Mapping[str, Path]) -> None:
    """Raise DataError where folders look like parts of the data and would not be taken for them."""
    parts = {name: _PARTS[name.casefold()] for name in given if name.casefold() in _PARTS}
    if "train" not in given:  # training_set, seg_test; not the classes test tubes, steam train
        words = {name: re.split(r"[\W_]+", name.casefold()) for name in given}
        worded = {name: _PARTS[w] for name, of in words.items() for w in of if w in _PARTS}
        if any(folders(given[name]) for name in worded):
            parts = worded
    if "train" not in parts.values() or len(set(parts.values())) < 2:
        return
    for name, part in parts.items():
        if name != part:
            raise DataError(
                f"{base} has a folder {name!r}. Call it {part!r} if it is a part of the "
                "photographs, with a sub-folder a class, as it would be passed over or taken for a "
                "class; or something else if it is a class."
            )


def folders(base: Path) -> list[Path]:
    """Return the folders in ``base`` that are not hidden. Raises DataError when it is not there."""
    if not base.is_dir():
        raise DataError(f"There is no folder {base}. Pass the right one with --data.")
    return sorted(p for p in base.iterdir() if p.is_dir() and not p.name.startswith("."))


def _check_classes(classes: Sequence[str]) -> None:
    if len(classes) < 2:
        raise DataError(
            f"Training needs at least two classes, and there {'is one' if classes else 'are none'}."
            " Give a folder with one sub-folder of photographs per class."
        )
    spelt: dict[str, str] = {}
    for name in classes:
        shown = os.fsencode(name).decode(errors="replace")
        if shown != name:
            raise DataError(
                f"The name of the class folder {shown!r} is not in the system's encoding. Rename "
                "the folder."
            )
        plain = spelling(name)
        if plain in spelt:
            raise DataError(
                f"{spelt[plain]!r} and {name!r} look like one class in two spellings. "
                "Put their photographs into one folder, or rename one."
            )
        spelt[plain] = name


def spelling(name: str) -> str:
    """Return what all spellings of a class's name have in common."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    plain = re.sub(r"(?<=\d)[ _-]+(?=\d)", "-", plain)  # plot 1-11 is not plot 11-1
    return re.sub(r"(?<!\d)[ _-]+|[ _-]+(?!\d)", "", plain)


def _check_filled(dataset: Dataset) -> None:
    filled = {photo.label for photo in dataset.train}
    for label, name in enumerate(dataset.classes):
        if label not in filled:
            raise DataError(
                f"The class {name!r} is empty: no photograph to train on is left that can be read, "
                "is not excluded, and is not held back. Add some or remove its folder."
            )
    if not dataset.valid:
        raise DataError(
            "There is no photograph to validate with: valid/ is empty, or no class has two."
        )
