"""What a search may change in a recipe, and a recipe with what it has chosen."""

from __future__ import annotations

import dataclasses
import difflib
import json
from collections.abc import Iterator
from typing import Any

from optuna.trial import BaseTrial

from florapp.core.errors import DataError
from training.config import Range, Recipe, recipe_from
from training.rules import check


def check_space(recipe: Recipe) -> None:
    """Raise DataError where the recipe's table ``search`` makes no sense."""
    if not recipe.search:
        raise DataError(
            "The recipe says nothing of what to search. Give it a table [search], such as "
            '"fine_tune.learning_rate" = {low = 1e-5, high = 1e-3, log = true}.'
        )
    known = dict(_values(dataclasses.asdict(recipe)))
    for key, space in recipe.search.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)[0]
            raise DataError(f"search: the recipe has no {key!r}. Did you mean {near!r}?")
        if key in ("model.backbone", "model.start"):
            raise DataError(
                f"search: {key!r} cannot be searched, as each begins from other weights. Search "
                "with one and with the other, and compare the best runs."
            )
        number = type(known[key]) in (int, float)
        if not space.choices and not (number and space.low < space.high):
            raise DataError(
                f"search: {key!r} needs a list of choices"
                + (", or a low below a high." if number else ", as it is not a number.")
            )
        whole = isinstance(known[key], int)
        ends = (round(space.low), round(space.high)) if whole else (space.low, space.high)
        if space.log and not space.choices and ends[0] <= 0:
            raise DataError(f"search: {key!r} with log needs a low above 0.")
        for value in space.choices or ends:
            check(with_values(recipe, {key: value}))


def suggested(trial: BaseTrial, recipe: Recipe) -> Recipe:
    """Return ``recipe`` with the values that ``trial`` chooses. Raises DataError as check()."""
    known = dict(_values(dataclasses.asdict(recipe)))
    chosen = {
        key: _suggest(trial, key, space, whole=isinstance(known[key], int))
        for key, space in recipe.search.items()
    }
    made = with_values(recipe, chosen)
    check(made)
    return made


def with_values(recipe: Recipe, values: dict[str, Any]) -> Recipe:
    """Return ``recipe`` with ``values`` by their dotted keys. Raises DataError for a wrong type."""
    table = dataclasses.asdict(recipe)
    for key, value in values.items():
        *path, last = key.split(".")
        inner = table
        for name in path:
            inner = inner[name]
        inner[last] = value
    return recipe_from(table)


def _suggest(trial: BaseTrial, key: str, space: Range, *, whole: bool) -> Any:
    if space.choices:  # optuna takes only what is one value: a list goes as text
        return json.loads(trial.suggest_categorical(key, [json.dumps(c) for c in space.choices]))
    if whole:
        return trial.suggest_int(key, round(space.low), round(space.high), log=space.log)
    return trial.suggest_float(key, space.low, space.high, log=space.log)


def _values(table: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value of nested tables with its dotted key; the data are not to be searched."""
    for key, value in table.items():
        if isinstance(value, dict):
            if path or key not in ("data", "search"):
                yield from _values(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value
