"""Which photographs a network has learnt from, by the content of their files.

A folder changes after a training: a photograph is added, a wrong label moved. A network goes on
from another, or is the mean of two. So a run and its model file remember what taught them, and
they are measured with none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.dataset import Photo
from training.files import content_hash

#: Of each SHA-256 so many hexadecimal digits are kept: where a million photographs were learnt
#: from, one in a million others is taken for one of them.
_DIGITS = 10
#: The facts in which a run and a model file keep it: the marks, and whether there is more.
FACTS = _MARKS, _MORE = "learnt_from", "learnt_from_more"


@dataclass(frozen=True)
class Learnt:
    """What is known to have taught a network, by ``marks``, and whether that is the ``whole``."""

    marks: frozenset[str] = frozenset()
    whole: bool = False

    def __or__(self, other: Learnt) -> Learnt:
        return Learnt(self.marks | other.marks, self.whole and other.whole)

    def unseen(self, photos: Iterable[Photo]) -> tuple[Photo, ...]:
        """Return those of ``photos`` that are not among them."""
        return tuple(p for p in photos if not self.marks or _mark(p.path) not in self.marks)

    def may_know(self, *, kept_back: bool) -> bool:
        """Say whether the rest may have taught it too; ``kept_back``: not its own training did."""
        return not self.whole and (bool(self.marks) or not kept_back)

    def as_facts(self) -> dict[str, Any]:
        """Return what a run and a model file keep of it."""
        return {_MARKS: "".join(sorted(self.marks))} | ({} if self.whole else {_MORE: True})


#: Of Keras' weights for ImageNet, and of random ones: none of anybody's photographs.
NOTHING = Learnt(whole=True)


def from_photos(photos: Iterable[Photo]) -> Learnt:
    """Return what a training on ``photos`` learns from."""
    return Learnt(frozenset(mark for photo in photos if (mark := _mark(photo.path))), whole=True)


def from_facts(facts: Mapping[str, Any]) -> Learnt:
    """Read what a run or a model file tells of it; an earlier version's tells nothing."""
    text = facts.get(_MARKS)
    if not isinstance(text, str):
        return Learnt()
    marks = (text[at : at + _DIGITS] for at in range(0, len(text), _DIGITS))
    return Learnt(frozenset(marks), whole=not facts.get(_MORE))


def _mark(path: Path) -> str:
    try:
        return content_hash(path)[:_DIGITS]
    except OSError:  # it will be told when it is opened
        return ""
