"""What is told of the plants: how to know one, where it grows, what is confused with it, poison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from florapp.core.model_file import Label
from florapp.core.paths import asset


class Danger(IntEnum):
    """What a plant may do to whoever eats or touches it, the worst last.

    ``MILD`` is a rash or an upset stomach.
    """

    NONE = 0
    MILD = 1
    POISONOUS = 2
    DEADLY_TO_CATS = 3
    DEADLY = 4


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A plant that is confused with another.

    ``plant`` is a class's id where ``known``, else a name; ``tell`` says how it differs.
    """

    plant: str
    known: bool
    tell: str
    danger: Danger


@dataclass(frozen=True, slots=True)
class Species:
    """What is told of one class. ``warning`` is empty where there is nothing to warn of."""

    scientific_name: str
    look: str
    place: str
    alike: tuple[LookAlike, ...]
    danger: Danger
    warning: str

    def is_of(self, label: Label) -> bool:
        """Tell whether it was written for the plant of ``label``; ids are any model's to give."""
        return self.scientific_name == label.scientific_name

    def worse_alike(self) -> tuple[LookAlike, ...]:
        """Return the look-alikes that are poisonous, and worse than the plant; the worst first."""
        worse = [o for o in self.alike if o.danger > max(self.danger, Danger.MILD)]
        return tuple(sorted(worse, key=lambda other: other.danger, reverse=True))


def species() -> Mapping[str, Species]:
    """Read the cards, by the class's id. It takes long enough to be a thread's work."""
    import tomllib

    tables = tomllib.loads(asset("species.toml").read_text(encoding="utf-8"))

    def look_alike(entry: dict[str, str]) -> LookAlike:
        known = "class" in entry
        plant = entry["class" if known else "name"]
        return LookAlike(plant, known, entry["tell"], _danger(tables[plant] if known else entry))

    return {
        name: Species(
            table["scientific_name"],
            table["look"],
            table["place"],
            tuple(map(look_alike, table["alike"])),
            _danger(table),
            table["warning"],
        )
        for name, table in tables.items()
    }


def _danger(table: dict[str, Any]) -> Danger:
    """Return what ``table`` says of danger; a plant of which it says nothing is harmless."""
    return Danger[table.get("danger", "none").replace(" ", "_").upper()]
