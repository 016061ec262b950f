"""The report of two runs or model files on the same photographs, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from florapp.core.measured import SHARES
from training.compare import Side, by_class, compare
from training.evaluate import fingerprint, shown
from training.measure import ece_if_perfect, expected_calibration_error, figures
from training.report.page import Shot, shot
from training.report.render import write_page

_SHOTS = 12  # photographs that only one of them gets right
_VALUE = 120  # characters of a value in a recipe: a list of exclusions can be long


def write_versus(path: Path, what: str, a: Side, b: Side) -> None:
    """Write the page to ``path``; both answered the same photographs, which ``what`` says."""
    said = (a.answers, b.answers)
    found = [figures(one.truth, one.probabilities) for one in said]
    classes = by_class(a, b)
    write_page(
        path,
        "versus.html",
        a=a.subject,
        b=b.subject,
        what=what,
        compared=compare(a, b),
        figures=[
            (title, found[0].get(key), found[1].get(key))
            for key, title in SHARES.items()
            if key in found[0] or key in found[1]
        ],
        ece=[expected_calibration_error(one.truth, one.probabilities) for one in said],
        perfect=[ece_if_perfect(one.probabilities).value for one in said],
        names={label.id: label.name for label in (*a.subject.labels, *b.subject.labels)},
        changed=[one for one in classes if one.only_a or one.only_b],
        alike=[one for one in classes if not (one.only_a or one.only_b)],
        apart=[
            ("B", "A", _shots(a, b.right & ~a.right)),
            ("A", "B", _shots(b, a.right & ~b.right)),
        ],
        recipes=list(differences(a.subject.recipe, b.subject.recipe)),
        left_out=[(shown(photo), why) for photo, why in a.answers.left_out],
        fingerprint=fingerprint(a.answers.photos, a.subject.labels),
    )


def differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (key, value in ``a``, value in ``b``) of all that two nested tables differ in."""
    flat_a, flat_b = dict(_flat(a, "")), dict(_flat(b, ""))
    for key in dict.fromkeys((*flat_a, *flat_b)):
        one, other = flat_a.get(key, "–"), flat_b.get(key, "–")
        if one != other:
            yield key, _short(one), _short(other)


def _flat(table: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        path = f"{name}.{key}" if name else key
        if isinstance(value, Mapping):
            yield from _flat(value, path)
        else:
            yield path, str(list(value) if isinstance(value, tuple) else value)


def _short(value: str) -> str:
    return value if len(value) <= _VALUE else value[: _VALUE - 1] + "…"


def _shots(loser: Side, chosen: NDArray[np.bool_]) -> list[Shot]:
    """Show what the ``loser`` took the ``chosen`` photographs for, the surest mistakes first."""
    names = [label.name for label in loser.subject.labels]
    which = np.flatnonzero(chosen)
    order = np.argsort(-loser.answers.probabilities[which].max(axis=1), kind="stable")
    return [shot(loser.answers, names, int(i)) for i in which[order][:_SHOTS]]
