"""Which photographs a model is measured with: none that it was trained with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from florapp.core.errors import DataError
from florapp.core.folders import pictures_under
from training.config import Data
from training.dataset import SPLITS, Dataset, Photo, folders, listed, spelling
from training.learnt import Learnt

UNKNOWN = Learnt()
#: What is said of photographs that the network may have learnt from.
FLATTERS = ". Should it have learnt from some of these, that flatters it"
#: What is said of files none of which it is known to have learnt from.
UNNOTICED = ". Should it have learnt from some that were saved anew since, that is not noticed"
_SAMPLE = 200  # photographs by which it is told whether a folder is the training data


def held_out(
    root: Path,
    data: Data,
    classes: Sequence[str],
    fingerprint: str,
    only: str = "",
    *,
    learnt: Learnt = UNKNOWN,
    to_choose: bool = False,
) -> tuple[str, tuple[Photo, ...]]:
    """Find the photographs to measure a model of ``classes`` with; say in words which they are.

    Where ``root`` holds the training data, by its ``fingerprint`` or as most of what would train is
    known to have, these are its test photographs, or those of validation where none were put aside
    to test with or something is ``to_choose``. Otherwise they are all those in ``root``/test or
    ``root``/valid, if that is there beside train/, or in ``root``. ``only`` names the one source of
    ``data`` to take them from. None is among those that it is known to have ``learnt`` from. Raises
    DataError when there are none.
    """
    if only:
        sources = [source for source in data.sources if source.folder == only]
        if not sources:
            raise DataError(f"The recipe has no source {only!r}.")
        found: Dataset | None = listed(root, replace(data, sources=sources))
        whose = str(root / only)
    else:
        found, whose = same(root, data, fingerprint), "the training data"
        if found is None and (found := _changed(root, data, learnt)):
            whose = "the training data, which has changed since"
    if found is not None:
        what, photos = _kept_back(found, classes, whose, to_choose=to_choose)
    else:
        folder = _beside_train(root, to_choose)
        photos, others = labelled(folder, data, classes)
        what = f"all photographs in {folder}{_without(others)}"
    new = learnt.unseen(photos)
    if not new:
        raise DataError(
            f"The network has learnt from {what}, so they cannot tell how good it is. Pass other "
            "photographs with --data."
        )
    if seen := len(photos) - len(new):
        what += f", but for {seen} that it has learnt from"
    elif found is None and learnt.marks:
        what += UNNOTICED
    if learnt.may_know(kept_back=found is not None):
        what += FLATTERS
    return what, new


def _kept_back(
    found: Dataset, classes: Sequence[str], whose: str, *, to_choose: bool
) -> tuple[str, tuple[Photo, ...]]:
    to_test = bool(found.test) and not to_choose
    what, part = ("test", found.test) if to_test else ("validation", found.valid)
    names = _names(classes)
    index = [names.get(name, names.get(spelling(name))) for name in found.classes]
    known = [(photo.path, index[photo.label]) for photo in part]
    photos = tuple(Photo(path, label) for path, label in known if label is not None)
    if not photos:
        raise DataError(f"{found.root} has no photograph to validate with.")
    others = sorted({found.classes[p.label] for p in part if index[p.label] is None})
    return f"the {what} photographs of {whose}{_without(others)}", photos


def _names(classes: Sequence[str]) -> dict[str, int]:
    """Return the label of each class by its name, and by what its spellings have in common."""
    labels = {name: label for label, name in enumerate(classes)}
    return {spelling(name): label for name, label in reversed(labels.items())} | labels


def _without(others: Sequence[str]) -> str:
    return f", without {', '.join(others)}: no classes of the model" if others else ""


def _changed(root: Path, data: Data, learnt: Learnt) -> Dataset | None:
    """Return what ``root`` holds if it is the training data, with photographs added, say."""
    try:
        found = listed(root, data)
    except DataError:
        return None
    some = found.train[:: len(found.train) // _SAMPLE + 1]
    seen = len(found.train) * (1 - len(learnt.unseen(some)) / len(some)) if some else 0
    return found if 2 * seen > max(len(found.train), len(learnt.marks)) else None


def _beside_train(root: Path, to_choose: bool) -> Path:
    there = [split for split in SPLITS if (root / split).is_dir()]
    parts = ("valid", "test") if to_choose else ("test", "valid")
    part = next((part for part in parts if part in there), None)
    return root / part if "train" in there and part else root


def labelled(root: Path, data: Data, classes: Sequence[str]) -> tuple[tuple[Photo, ...], list[str]]:
    """Find all photographs in the sub-folders of ``root`` that are classes, or mapped to one.

    A folder's name may be another spelling of the class's. Returns the names of the other folders
    too. Raises DataError when there is no photograph.
    """
    names = _names(classes)
    for source in data.sources:
        mapped = {folder: names[to] for folder, to in source.classes.items() if to in classes}
        names = mapped | names
    found, others = [], []
    for folder in folders(root):
        label = names.get(folder.name, names.get(spelling(folder.name)))
        if label is None:
            others.append(folder.name)
        else:
            found += [Photo(path, label) for path in pictures_under(folder)]
    photos = tuple(found)
    if not photos:
        raise DataError(
            f"No folder in {root} is named like a class of the model ({', '.join(classes[:3])}, "
            "...). Name the folders so."
        )
    return photos, others


def same(root: Path, data: Data, fingerprint: str) -> Dataset | None:
    """Return the data that a model was trained with, by its ``fingerprint``, if ``root`` has it."""
    try:
        found = listed(root, data)
    except DataError:  # a folder of the recipe is not there
        return None
    return found if found.fingerprint == fingerprint else None
