"""What ``fit`` makes sure of before it begins: that the photographs can be read and taught from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from florapp.core.errors import DataError
from florapp.core.model_file import Label
from training.backbones import Start, build_backbone
from training.config import Data, Recipe, with_twins
from training.dataset import Dataset, Photo, find, kept, listed
from training.doctor import twins
from training.doctor.examine import examine
from training.doctor.faults import has_subject
from training.doctor.proposals import excluding, names_of
from training.from_model import check_model_file, is_model_file
from training.labels import read_labels
from training.network import check_buildable
from training.overlooked import passed_over

_NAMED = 10  # photographs that a sentence names; the others it counts


def listed_as(
    recipe: Recipe, data: Path, exclude: Path | None, *, beside: Path | None
) -> tuple[Recipe, Dataset, tuple[Label, ...]]:
    """Find the photographs of ``recipe`` without those that the file ``exclude`` names.

    Returns the recipe that remembers what is left out, the photographs, none of them opened, and
    the labels, whose table lies ``beside`` the recipe's file. Raises DataError as find() and
    read_labels() do, and where the recipe's network cannot be made for so many classes.
    """
    if exclude:
        recipe = excluding(recipe, exclude, _everything(data, recipe.data))
    dataset = find(data, recipe.data)
    table = beside.parent / recipe.data.labels if beside and recipe.data.labels else None
    check_buildable(recipe, len(dataset.classes))
    return recipe, dataset, read_labels(table, dataset.classes)


def start_of(recipe: Recipe, weights: Path | None) -> Start:
    """Return what a run of ``recipe`` begins from: ``weights``, or what is usual.

    ``weights`` is a file, of Keras or a model file (training/from_model.py), or the folder of
    another run whose network goes on learning. Raises DataError where it is not there, does not
    fit, or would not be used.
    """
    if weights is None:
        return "imagenet" if recipe.model.pretrained else None
    if weights.is_dir():
        return weights
    if not recipe.model.pretrained:
        raise DataError("The recipe's network begins from random weights: leave out --weights.")
    if not weights.is_file():
        raise DataError(f"There is no weights file {weights}.")
    if is_model_file(weights):
        check_model_file(recipe.model.backbone, weights)
    return weights


def check_start(recipe: Recipe, start: Start) -> None:
    """Raise DataError where the weights cannot be fetched, or do not fit the recipe's network.

    They are loaded for that, which takes a second; opening the photographs takes minutes. Another
    run's network is looked at by run.check().
    """
    if start and not (isinstance(start, Path) and start.is_dir()):
        build_backbone(recipe.model.backbone, start)


def prepared(
    recipe: Recipe, dataset: Dataset, report: Callable[[str], None]
) -> tuple[Recipe, Dataset]:
    """Open every photograph once, and leave out what would do harm.

    That is what cannot be read, and of the same picture in two parts of the data (saved anew, made
    smaller: doctor/twins.py) the one to learn from, or to choose by: whatever has been seen before
    is answered well, and what is measured would flatter. The recipe returned names these twins, so
    that the run and its model file find the same data. Raises DataError when a class becomes empty,
    and where the recipe excludes what is not there.
    """
    there = names_of(_everything(dataset.root, recipe.data))
    if gone := [name for name in recipe.data.exclude if name not in there]:
        more = f" and {len(gone) - _NAMED} more" if len(gone) > _NAMED else ""
        raise DataError(
            f"To be excluded, and not among the photographs in {dataset.root}: "
            f"{', '.join(gone[:_NAMED])}{more}. Delete from the list what you have moved or "
            "deleted; or was it written for another folder?"
        )
    for sentence in passed_over(dataset.root, recipe.data):
        report(sentence)
    examined = examine(dataset)
    for facts in examined:
        if facts.look is None:
            report(f"{facts.photo.path}: left out. {facts.problem}")
    shown = [facts for facts in examined if has_subject(facts)]
    names = twins.leaked(shown, twins.twins(shown))
    for name, partner in names.items():
        report(f"{name}: left out. The same picture as {partner}, which is held back.")
    recipe = with_twins(recipe, sorted(names))
    good: set[Photo] = {facts.photo for facts in examined if facts.look is not None}
    return recipe, kept(listed(dataset.root, recipe.data), good)


def _everything(root: Path, data: Data) -> Dataset:
    """Find the photographs, those included that are left out."""
    return listed(root, replace(data, exclude=[], twins=[]))
