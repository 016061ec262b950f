"""What the model card is told with: its sections, and numbers in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeVar

from florapp.core.errors import QT_TRANSLATE_NOOP, Sentence

Told = TypeVar("Told")
Otherwise = TypeVar("Otherwise")

#: A name, and what is said of it.
Row = tuple[str, str]

#: Some answers of like probability: its mean, the share of them that is right, their number.
Bin = tuple[float, float, int]

#: What comes of a value that has not the form expected.
_ODD = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
_LONG = 200  # characters of a value that nobody knows how to tell


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences under a ``title``, and rows. Texts of the program are Sentences, to be translated.

    The rest, names and what somebody wrote into the file, is as it is. ``bins``, from the left,
    are what a reliability diagram shows of the rows.
    """

    title: str
    says: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    bins: tuple[Bin, ...] = ()


def photographs(count: int) -> Sentence:
    """Count photographs."""
    if int(count) == 1:
        return Sentence(QT_TRANSLATE_NOOP("core", "one photograph"))
    return Sentence(QT_TRANSLATE_NOOP("core", "{0} photographs"), int(count))


def percent(share: float) -> Sentence:
    """Write a share (0 to 1) in per cent."""
    return Sentence(QT_TRANSLATE_NOOP("core", "{0} %"), f"{float(share) * 100:.1f}")


def interval(figure: Mapping[str, float]) -> Sentence:
    """Write a share with its 95 % interval."""
    low, high = (f"{float(figure[end]) * 100:.1f}" for end in ("low", "high"))
    return Sentence(
        QT_TRANSLATE_NOOP("core", "{0} ({1} to {2} %)"), percent(figure["value"]), low, high
    )


def listed(*texts: str) -> str:
    """Write ``texts`` after each other, those that are empty left out."""
    return reduce(
        lambda before, text: Sentence(QT_TRANSLATE_NOOP("core", "{0}, {1}"), before, text),
        [text for text in texts if text] or [""],
    )


def take(
    left: dict[str, Any], name: str, tell: Callable[[Any], Told], otherwise: Otherwise
) -> Told | Otherwise:
    """Take the value of ``name`` from ``left``, as ``tell`` has it; an odd one stays there."""
    try:
        told = tell(left[name])
    except _ODD:
        return otherwise
    del left[name]
    return told


def take_rows(
    left: dict[str, Any], names: Mapping[str, str], tell: Callable[[Any], str]
) -> tuple[Row, ...]:
    """Take the values of ``names``, each told in a row; odd ones stay."""
    rows = ((title, take(left, name, tell, "")) for name, title in names.items())
    return tuple(row for row in rows if row[1])


def others(left: Mapping[str, Any]) -> tuple[Row, ...]:
    """Show what nobody knows how to tell as it is."""
    return tuple((name.replace("_", " "), _shown(value)) for name, value in left.items())


def _shown(value: Any, depth: int = 3) -> str:
    if depth and isinstance(value, dict):
        shown = ", ".join(f"{name} {_shown(inner, depth - 1)}" for name, inner in value.items())
    else:
        shown = f"{value:.6g}" if isinstance(value, float) else str(value)
    return shown if len(shown) <= _LONG else f"{shown[:_LONG]}…"
