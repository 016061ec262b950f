"""What to believe of an answer, in one of four kinds. The rules stand in :func:`judge`."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from florapp.core.conformal import PROMISE, set_size
from florapp.core.errors import QT_TRANSLATE_NOOP, Sentence
from florapp.core.model_file import Calibration
from florapp.core.prediction import Answer, Candidate

#: A set of more than this says nothing.
MANY = 10


class Kind(enum.Enum):
    """How much is known."""

    SURE = "sure"
    ONE_OF = "one_of"
    GROUP = "group"
    UNKNOWN = "unknown"


Rank = Literal["", "genus", "family"]
Doubt = Literal["", "flaw", "strange", "unclear"]

_STRANGE = Sentence(QT_TRANSLATE_NOOP("core", "This does not look like anything that I know."))
_UNCLEAR = Sentence(
    QT_TRANSLATE_NOOP("core", "I cannot tell: many of the names that I know are possible.")
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to believe: where classes are named, the right one is among the ``members`` as often as
    ``promise`` (0 to 1) says.

    ``group`` is the genus or family of a GROUP, as ``rank`` says. An UNKNOWN has no members, but
    its ``doubt``: a flaw of the picture, a strange thing, or too many possible names.
    ``sentence`` says it all in words.
    """

    kind: Kind
    promise: float
    members: tuple[Candidate, ...]
    sentence: Sentence
    group: str = ""
    rank: Rank = ""
    doubt: Doubt = ""


def judge(answer: Answer, promise: float = PROMISE) -> Verdict | None:
    """Judge ``answer`` by its model's calibration; None where it has none.

    A picture with a flaw, or less like the training photographs than 95 % of held-out flowers are,
    is not one of the known. Else there is the set that keeps ``promise``. One class that is as
    probable as sure answers are is sure, unless the picture is among the most unusual tenth; where
    a single class is not, the next is named with it, and it is one of these two. Where all of a
    larger set are of one genus or family, only that is clear; and of more than ten nothing is.
    """
    learnt = answer.calibration
    if learnt is None:
        return None
    promise, reach = kept(learnt, promise)
    if answer.flaw is not None:
        from florapp.core.quality import sentence  # numpy: not before the window is there

        return Verdict(Kind.UNKNOWN, promise, (), sentence(answer.flaw), doubt="flaw")
    if not _within(answer.novelty, learnt.novelty):
        return Verdict(Kind.UNKNOWN, promise, (), _STRANGE, doubt="strange")
    size = set_size((candidate.probability for candidate in answer.candidates), reach)
    sure = answer.best.probability >= learnt.sure and _within(answer.novelty, learnt.usual)
    if size == 1 and sure:
        said = Sentence(QT_TRANSLATE_NOOP("core", "Sure: {0}."), answer.best.label.name)
        return Verdict(Kind.SURE, promise, answer.top(1), said)
    if size == 1:
        return Verdict(Kind.ONE_OF, promise, answer.top(2), _one_of(answer.top(2)))
    return _open(answer.top(size), promise)


def promises(learnt: Calibration | None) -> tuple[float, ...]:
    """Return what a model can promise, rising; nothing without calibration."""
    return tuple(sorted(map(float, learnt.reach))) if learnt is not None else ()


def kept(learnt: Calibration, promise: float) -> tuple[float, float]:
    """Return the least promise that is at least ``promise``, else the largest, and its reach."""
    known = sorted((float(text), reach) for text, reach in learnt.reach.items())
    return next((each for each in known if each[0] >= promise), known[-1])


def _within(novelty: float | None, limit: float | None) -> bool:
    return novelty is None or limit is None or novelty <= limit  # not a number is not within


def _open(members: tuple[Candidate, ...], promise: float) -> Verdict:
    """Say between which classes it is open, or what they have in common."""
    genera = {member.label.genus for member in members}
    if len(genera) == 1 and "" not in genera:
        (genus,) = genera
        said = Sentence(QT_TRANSLATE_NOOP("core", "Only its genus is clear: {0}."), genus)
        return Verdict(Kind.GROUP, promise, members, said, genus, "genus")
    families = {member.label.family for member in members}
    if len(families) == 1 and "" not in families:
        (family,) = families
        said = Sentence(QT_TRANSLATE_NOOP("core", "Only its family is clear: {0}."), family)
        return Verdict(Kind.GROUP, promise, members, said, family, "family")
    if len(members) > MANY:
        return Verdict(Kind.UNKNOWN, promise, (), _UNCLEAR, doubt="unclear")
    return Verdict(Kind.ONE_OF, promise, members, _one_of(members))


def _one_of(members: Sequence[Candidate]) -> Sentence:
    *others, last = (member.label.name for member in members)
    return Sentence(QT_TRANSLATE_NOOP("core", "One of these: {0} or {1}."), ", ".join(others), last)
