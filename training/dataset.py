"""Labelled photographs: finding them, checking them, splitting them."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from florapp.core.errors import DataError, PictureError
from florapp.core.folders import pictures_under
from florapp.core.images import decode
from florapp.core.source import Source
from training.config import Data, DataSource

_SPLITS = ("train", "valid")


@dataclass(frozen=True)
class Photo:
    """A labelled photograph: its path and the index of its class."""

    path: Path
    label: int


@dataclass(frozen=True)
class Dataset:
    """The photographs of a run, split. ``classes`` are the class ids in the order of the labels."""

    classes: tuple[str, ...]
    train: tuple[Photo, ...]
    valid: tuple[Photo, ...]

    def fingerprint(self) -> str:
        """Hash of class, name and size of every photograph: the same for the same data."""
        lines = sorted(
            f"{split}/{self.classes[p.label]}/{p.path.name}:{p.path.stat().st_size}"
            for split, photos in (("train", self.train), ("valid", self.valid))
            for p in photos
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def find(root: Path, data: Data, report: Callable[[str], None] | None = None) -> Dataset:
    """Find the photographs of ``data`` below ``root`` and split them.

    With ``report`` every photograph is opened once, and one that cannot be read is named through
    it and left out. Raises DataError where training could not make sense: no such folder, fewer
    than two classes, an empty class, one class name in two spellings.
    """
    found: dict[str, dict[str, list[Path]]] = {split: defaultdict(list) for split in _SPLITS}
    for source in data.sources:
        for split, name, paths in _photos_of(root, source, data.valid_fraction):
            found[split][name] += [p for p in paths if report is None or _readable(p, report)]
    classes = tuple(sorted(set(found["train"]) | set(found["valid"])))
    _check_classes(classes, found)
    index = {name: label for label, name in enumerate(classes)}
    train, valid = (
        tuple(Photo(path, index[name]) for name in sorted(by_class) for path in by_class[name])
        for by_class in (found["train"], found["valid"])
    )
    return Dataset(classes, train, valid)


def held_out(
    root: Path,
    data: Data,
    classes: Sequence[str],
    only: str = "",
    report: Callable[[str], None] | None = None,
) -> tuple[Photo, ...]:
    """Find the photographs to measure a model of ``classes`` with, below ``root``.

    These are the validation photographs of the recipe's ``data`` where its folders are there;
    else all photographs in sub-folders named like a class, or like a folder that the recipe maps
    to one. ``only`` names the one source of the recipe to take; ``report`` is as for :func:`find`.
    Raises DataError when there are none, or one that the model does not know.
    """
    if only:
        chosen = [source for source in data.sources if source.folder == only]
        if not chosen:
            raise DataError(f"The recipe has no source {only!r}.")
        data = replace(data, sources=chosen)
    if only or all((root / source.folder).is_dir() for source in data.sources if source.classes):
        dataset = find(root, data)
        unknown = set(dataset.classes) - set(classes)
        if unknown:
            raise DataError(f"{root} has a class {min(unknown)!r}, which the model does not know.")
        index = {name: label for label, name in enumerate(classes)}
        photos = tuple(Photo(p.path, index[dataset.classes[p.label]]) for p in dataset.valid)
    else:
        photos = labelled(root, data, classes)
    photos = tuple(p for p in photos if report is None or _readable(p.path, report))
    if not photos:
        raise DataError(f"None of the photographs in {root} could be read.")
    return photos


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
    ordered = sorted(paths, key=lambda p: (hashlib.sha256(p.name.encode()).digest(), p))
    cut = min(len(ordered) - 1, max(1, round(len(ordered) * fraction))) if len(ordered) > 1 else 0
    return sorted(ordered[cut:]), sorted(ordered[:cut])


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


def _readable(path: Path, report: Callable[[str], None]) -> bool:
    try:
        decode(Source.of(path))
    except PictureError as error:
        report(f"{path}: left out. {error}")
        return False
    return True


def _check_classes(classes: Sequence[str], found: dict[str, dict[str, list[Path]]]) -> None:
    if len(classes) < 2:
        raise DataError(
            f"Training needs at least two classes, and there {'is one' if classes else 'are none'}."
            " Give a folder with one sub-folder of photographs a class."
        )
    spelt: dict[str, str] = {}
    for name in classes:
        plain = unicodedata.normalize("NFKC", name).casefold()
        plain = "".join(c for c in plain if c.isalnum())
        if plain in spelt:
            raise DataError(
                f"{spelt[plain]!r} and {name!r} look like one class in two spellings. "
                "Put their photographs into one folder."
            )
        spelt[plain] = name
    for name in classes:
        if not found["train"].get(name):
            raise DataError(
                f"The class {name!r} is empty: it has no photograph to train on that can be read. "
                "Add some or remove its folder."
            )
    if not any(found["valid"].values()):
        raise DataError(
            "There is no photograph to validate with: valid/ is empty, or no class has two."
        )
