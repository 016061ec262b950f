"""A model's figures in words: how often it is right, and how far it is to be believed.

``training calibrate`` writes them. Other files may say of themselves whatever they like: what is
not of that form is shown as it is.
"""

from __future__ import annotations

from typing import Any

from florapp.core.errors import QT_TRANSLATE_NOOP, Sentence
from florapp.core.model_file import Card
from florapp.core.trust import trust
from florapp.core.wording import (
    Row,
    Section,
    interval,
    listed,
    others,
    percent,
    photographs,
    take,
    take_rows,
)

#: What the shares are called that are measured of a model, run or file.
SHARES = {
    "top1": Sentence(QT_TRANSLATE_NOOP("core", "Right at first")),
    "top5": Sentence(QT_TRANSLATE_NOOP("core", "Among the first five")),
    "macro_precision": Sentence(QT_TRANSLATE_NOOP("core", "Precision, mean of the classes")),
    "macro_recall": Sentence(QT_TRANSLATE_NOOP("core", "Recall, mean of the classes")),
    "macro_f1": Sentence(QT_TRANSLATE_NOOP("core", "F1, mean of the classes")),
}


def measured(card: Card) -> tuple[Section, ...]:
    """Tell the figures of ``card``, and what it means that some are not there."""
    left = dict(card.figures)
    sections = (
        _right(left),
        _weak(card, left),
        *trust(card, left),
        Section(
            Sentence(QT_TRANSLATE_NOOP("core", "What else was measured")),
            rows=others(left),
        ),
    )
    return tuple(section for section in sections if section.says or section.rows)


def _right(left: dict[str, Any]) -> Section:
    title = Sentence(QT_TRANSLATE_NOOP("core", "How often it is right"))
    if not left:
        unknown = QT_TRANSLATE_NOOP(
            "core", "Nobody has measured it, or the file does not say so. Expect little."
        )
        return Section(title, (Sentence(unknown),))
    rows = take_rows(left, SHARES, interval)
    says = take(left, "photographs", _on, ())
    explained = QT_TRANSLATE_NOOP(
        "core",
        "In brackets: where the true share lies, 95 times in 100. Precision: how many of "
        "those named so are so; recall: how many of a class are found; F1: both in one figure.",
    )
    return Section(title, (*says, Sentence(explained)) if rows else says, rows)


def _on(count: int) -> tuple[str, ...]:
    return (
        Sentence(
            QT_TRANSLATE_NOOP(
                "core",
                "Measured on {0} that it was not trained with. They may have helped to choose "
                "among its states, which flatters it, and yours may be harder.",
            ),
            photographs(count),
        ),
    )


def _weak(card: Card, left: dict[str, Any]) -> Section:
    names = {label.id: label.name for label in card.labels}

    def row(found: dict[str, Any]) -> Row:
        count, right = found["photographs"], found["right"]
        taken = ", ".join(f"{names.get(i, i)} ({n})" for i, n in found["taken_for"].items())
        share = Sentence(
            QT_TRANSLATE_NOOP("core", "{0} found ({1} of {2})"),
            percent(right / count),
            right,
            count,
        )
        missed = Sentence(QT_TRANSLATE_NOOP("core", "taken for {0}"), taken) if taken else ""
        return str(names.get(found["id"], found["id"])), listed(share, missed)

    def section(weak: list[dict[str, Any]]) -> Section:
        rows = tuple(map(row, weak))
        some = QT_TRANSLATE_NOOP(
            "core", "It misses these most often, of the classes with enough photographs to tell."
        )
        none = QT_TRANSLATE_NOOP(
            "core", "No class with enough photographs to tell stands out by its misses."
        )
        return Section(title, (Sentence(some) if rows else Sentence(none),), rows)

    title = Sentence(QT_TRANSLATE_NOOP("core", "The classes it knows least"))
    return take(left, "weak_classes", section, Section(title))
