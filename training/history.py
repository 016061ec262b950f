"""What each epoch of a training has given, as a run and the file exported from it keep it."""

from __future__ import annotations

from typing import Any

_MOST = 1e12  # that can be drawn
#: What is known of every epoch.
_KEYS = {"epoch", "size", "loss", "accuracy", "valid_loss", "valid_accuracy", "seconds"}


def sound(lines: Any) -> list[dict[str, float]]:
    """Return ``lines`` where they are what each epoch has given; nothing where they are not."""
    whole = isinstance(lines, list) and all(
        isinstance(line, dict) and all(_is_number(line.get(key)) for key in _KEYS) for line in lines
    )
    return lines if whole else []


def sound_before(given: Any) -> dict[str, float]:
    """Return what a network had before its first epoch (state.py); nothing where it is not that."""
    keys = ("valid_loss", "valid_accuracy")
    whole = isinstance(given, dict) and all(_is_number(given.get(key)) for key in keys)
    return {key: given[key] for key in keys} if whole else {}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) < _MOST
