"""The model card in words: what a model is, what it is not for, how well it does.

One place for the words: the terminal, the window, docs/model-card.md and the workshop show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from florapp.core.errors import QT_TRANSLATE_NOOP, Sentence
from florapp.core.measured import measured
from florapp.core.model_file import Card, Label
from florapp.core.wording import Row, Section, listed, others, percent, photographs, take, take_rows

_PURPOSE = Section(
    Sentence(QT_TRANSLATE_NOOP("core", "What it must not be used for")),
    (
        Sentence(
            QT_TRANSLATE_NOOP(
                "core",
                "It suggests a name for the flower in a photograph, and it errs. It knows nothing "
                "but its classes, and nothing of what a photograph does not show.",
            )
        ),
    ),
    (
        (
            Sentence(QT_TRANSLATE_NOOP("core", "Eating")),
            Sentence(
                QT_TRANSLATE_NOOP(
                    "core",
                    "Never decide by it what people or animals may eat or touch. Deadly plants "
                    "look like harmless ones, and one wrong name can kill.",
                )
            ),
        ),
        (
            Sentence(QT_TRANSLATE_NOOP("core", "Medicine")),
            Sentence(
                QT_TRANSLATE_NOOP(
                    "core",
                    "Never treat anybody by it. After a poisoning call a poison centre or a "
                    "doctor at once, and keep the plant itself to show.",
                )
            ),
        ),
        (
            Sentence(QT_TRANSLATE_NOOP("core", "People")),
            Sentence(
                QT_TRANSLATE_NOOP(
                    "core",
                    "It is not made to find, recognise or judge people, nor to watch over them.",
                )
            ),
        ),
        (
            Sentence(QT_TRANSLATE_NOOP("core", "Disputes")),
            Sentence(
                QT_TRANSLATE_NOOP(
                    "core",
                    "It proves nothing. Whether a plant is protected, or was sold under its right "
                    "name, somebody has to say who has seen the plant.",
                )
            ),
        ),
    ),
)
_DATA = {"fingerprint": Sentence(QT_TRANSLATE_NOOP("core", "Fingerprint of the data"))}
_COUNTED = {"photographs": Sentence(QT_TRANSLATE_NOOP("core", "Compared on"))}
_COMPARED = {
    "top1_agreement": Sentence(QT_TRANSLATE_NOOP("core", "The same first answer")),
    "top1": Sentence(QT_TRANSLATE_NOOP("core", "Right at first, the file")),
    "top1_keras": Sentence(QT_TRANSLATE_NOOP("core", "Right at first, the network")),
}
_RANKS = {
    "species": Sentence(QT_TRANSLATE_NOOP("core", "species")),
    "genus": Sentence(QT_TRANSLATE_NOOP("core", "genus")),
    "hybrid": Sentence(QT_TRANSLATE_NOOP("core", "hybrid")),
    "cultivar": Sentence(QT_TRANSLATE_NOOP("core", "cultivar")),
    "group": Sentence(QT_TRANSLATE_NOOP("core", "garden group")),
}


def report(card: Card) -> tuple[Section, ...]:
    """Tell all that ``card`` says."""
    told = (_PURPOSE, _origin(card), *measured(card), _compared(card), _file(card), _classes(card))
    return tuple(section for section in told if section.says or section.rows)


def lines(sections: Iterable[Section]) -> Iterator[str]:
    """Write ``sections`` as plain text."""
    for section in sections:
        yield from ("", section.title)
        yield from (f"  {sentence}" for sentence in section.says)
        width = max((len(name) for name, _ in section.rows), default=0)
        yield from (f"  {name:{width}}  {value}" for name, value in section.rows)


def _origin(card: Card) -> Section:
    hidden = ("learnt_from", "history", "before")  # for the workshop, not for a reader
    left = {key: value for key, value in card.data.items() if not key.startswith(hidden)}
    sources = take(dict(card.recipe), "data", _folders, "")
    rows = (
        (Sentence(QT_TRANSLATE_NOOP("core", "Collections")), sources),
        *take(left, "photographs", _amounts, ()),
        *take_rows(left, _DATA, str),
        *others(left),
        (Sentence(QT_TRANSLATE_NOOP("core", "Recipe")), str(card.recipe.get("name", ""))),
        (Sentence(QT_TRANSLATE_NOOP("core", "Terms")), card.licence),
    )
    return Section(
        Sentence(QT_TRANSLATE_NOOP("core", "On whose photographs it was trained")),
        (card.provenance or Sentence(QT_TRANSLATE_NOOP("core", "The file does not say it.")),),
        tuple(row for row in rows if row[1]),
    )


def _folders(data: dict[str, Any]) -> str:
    return ", ".join(source["folder"] for source in data["sources"])


def _amounts(amounts: dict[str, int]) -> tuple[Row, ...]:
    return (
        (Sentence(QT_TRANSLATE_NOOP("core", "Trained with")), photographs(amounts["train"])),
        (
            Sentence(QT_TRANSLATE_NOOP("core", "Held back to measure with")),
            photographs(amounts["valid"]),
        ),
    )


def _compared(card: Card) -> Section:
    left = dict(card.comparison)
    return Section(
        Sentence(QT_TRANSLATE_NOOP("core", "This file against the network as it was trained")),
        rows=(
            *take_rows(left, _COUNTED, photographs),
            *take_rows(left, _COMPARED, percent),
            *others(left),
        ),
    )


def _file(card: Card) -> Section:
    size = card.geometry.size
    looks = Sentence(
        QT_TRANSLATE_NOOP("core", "{0} × {1} pixels ({2})"), size, size, card.geometry.fit
    )
    return Section(
        Sentence(QT_TRANSLATE_NOOP("core", "The file")),
        rows=(
            (Sentence(QT_TRANSLATE_NOOP("core", "Looks at")), looks),
            (Sentence(QT_TRANSLATE_NOOP("core", "Calculates in")), card.precision),
            (Sentence(QT_TRANSLATE_NOOP("core", "Temperature")), f"{card.temperature:.4f}"),
        ),
    )


def _classes(card: Card) -> Section:
    return Section(
        Sentence(
            QT_TRANSLATE_NOOP("core", "It knows these {0} classes, and nothing else"),
            len(card.labels),
        ),
        rows=tuple(
            (label.name, _plant(label))
            for label in sorted(card.labels, key=lambda label: label.name.casefold())
        ),
    )


def _plant(label: Label) -> str:
    return listed(label.scientific_name, _RANKS.get(label.rank, label.rank), label.family)
