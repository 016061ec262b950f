"""What is told of the plants: how to know one, where it grows, what is confused with it, poison."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from florapp.core.paths import asset


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A plant that is confused with another.

    ``plant`` is a class's id where ``known``, else a name; ``tell`` says how it differs.
    """

    plant: str
    known: bool
    tell: str


@dataclass(frozen=True, slots=True)
class Species:
    """What is told of one class. ``warning`` is empty where there is nothing to warn of."""

    look: str
    place: str
    alike: tuple[LookAlike, ...]
    warning: str


def species() -> Mapping[str, Species]:
    """Read the cards, by the class's id."""
    tables = tomllib.loads(asset("species.toml").read_text(encoding="utf-8"))
    return {
        name: Species(
            table["look"],
            table["place"],
            tuple(
                LookAlike(other.get("class") or other["name"], "class" in other, other["tell"])
                for other in table["alike"]
            ),
            table["warning"],
        )
        for name, table in tables.items()
    }
