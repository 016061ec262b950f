"""Which photographs a network has learnt from, by the content of their files.

A folder changes after a training: a photograph is added, a wrong label moved. A network goes on
from another, or is the mean of two. So a run and its model file remember what taught them, and
they are measured with none of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from training.dataset import Photo
from training.files import content_hash

#: Of each SHA-256 so many hexadecimal digits are kept: where a million photographs were learnt
#: from, one in a million others is taken for one of them.
_DIGITS = 10


def marks(photos: Iterable[Photo]) -> frozenset[str]:
    """Return what ``photos`` are known by again."""
    return frozenset(mark for photo in photos if (mark := _mark(photo.path)))


def unseen(photos: Iterable[Photo], learnt: frozenset[str]) -> tuple[Photo, ...]:
    """Return those of ``photos`` whose marks are not among the ``learnt``."""
    return tuple(photo for photo in photos if not learnt or _mark(photo.path) not in learnt)


def written(learnt: Iterable[str]) -> str:
    """Join marks to one text, as a run and a model file keep them."""
    return "".join(sorted(learnt))


def read(text: Any) -> frozenset[str]:
    """Return the marks in a ``text``; none of what is no text."""
    if not isinstance(text, str):
        return frozenset()
    return frozenset(text[at : at + _DIGITS] for at in range(0, len(text), _DIGITS))


def _mark(path: Path) -> str:
    try:
        return content_hash(path)[:_DIGITS]
    except OSError:  # it will be told when it is opened
        return ""
