"""What ``fit`` makes sure of before it begins: that the photographs can be read and taught from."""

from __future__ import annotations

from collections.abc import Callable

from training.config import Recipe, with_twins
from training.dataset import Dataset, Photo, kept, listed
from training.doctor import twins
from training.doctor.examine import Facts, examine
from training.doctor.faults import has_subject


def prepared(
    recipe: Recipe, dataset: Dataset, report: Callable[[str], None]
) -> tuple[Recipe, Dataset]:
    """Open every photograph once, and leave out what would do harm.

    That is what cannot be read, and of the same picture in two parts of the data (saved anew, made
    smaller: doctor/twins.py) the one to learn from, or to choose by: whatever has been seen before
    is answered well, and what is measured would flatter. The recipe returned names these twins, so
    that the run and its model file find the same data. Raises DataError when a class becomes empty.
    """
    examined = examine(dataset)
    for facts in examined:
        if facts.look is None:
            report(f"{facts.photo.path}: left out. {facts.problem}")
    names = leaked([facts for facts in examined if has_subject(facts)])
    for name, partner in names.items():
        report(f"{name}: left out. The same picture as {partner}, which is held back.")
    recipe = with_twins(recipe, sorted(names))
    good: set[Photo] = {facts.photo for facts in examined if facts.look is not None}
    return recipe, kept(listed(dataset.root, recipe.data), good)


def leaked(examined: list[Facts]) -> dict[str, str]:
    """Return the photographs to leave out and, for each, its twin that stays, by their names."""
    found: dict[str, str] = {}
    for pair in twins.pairs(examined):
        one, other = examined[pair.one], examined[pair.other]
        if one.split != other.split:
            stays, goes = sorted((one, other), key=lambda facts: twins.STAYS.index(facts.split))
            found[goes.name] = stays.name
    return found
