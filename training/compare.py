"""Is B better than A? Both answer the same photographs, and those that tell them apart decide."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from florapp.core.errors import DataError
from training.answers import Answers
from training.evaluate import Subject, fingerprint
from training.files import write_json
from training.held_out import FLATTERS, UNNOTICED, same
from training.measure import Figure, share

#: A difference is told only where chance alone would rarely show as much: in 1 of 20 comparisons.
RARE = 0.05


class Side(NamedTuple):
    """A or B, and what it said."""

    subject: Subject
    answers: Answers

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the answer to each photograph is right."""
        return np.asarray(self.answers.truth == self.answers.given)

    @property
    def ids(self) -> NDArray[np.str_]:
        """The id of the true class of each photograph."""
        return np.array([self.subject.labels[i].id for i in self.answers.truth])


@dataclass(frozen=True)
class Comparison:
    """How many photographs A and B got right: ``both`` of them, only one, or ``neither``."""

    both: int
    only_a: int
    only_b: int
    neither: int

    @property
    def photographs(self) -> int:
        """The number of photographs."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def p(self) -> float:
        """Probability that equally good ones differ so much: McNemar's exact test, two-sided."""
        differ = self.only_a + self.only_b
        return float(binomtest(self.only_b, differ).pvalue) if differ else 1.0

    @property
    def difference(self) -> Figure:
        """Share that B got right minus that of A, -1 to 1.

        Newcombe's interval for pairs (1998, Statistics in Medicine 17, 2635: method 10).
        """
        a, b = (share(self.both + only, self.photographs) for only in (self.only_a, self.only_b))
        phi = self._correlation()
        below = _joined(b.value - b.low, a.high - a.value, phi)
        above = _joined(b.high - b.value, a.value - a.low, phi)
        value = (self.only_b - self.only_a) / self.photographs
        return Figure(value, value - below, value + above)

    @property
    def verdict(self) -> str:
        """Which is better, in one sentence."""
        if not self.only_a + self.only_b:
            return "No difference can be told: both are right about the very same photographs."
        near = RARE - 0.01 < self.p < RARE + 0.01  # which side it is on is to be seen
        p = f"p = {self.p:{'.4f' if near else '.2g'}}" if self.p >= 0.001 else "p < 0.001"
        if self.p >= RARE:
            alone = f"{_count(self.only_b)} right by B alone, {self.only_a} by A alone"
            return f"No difference can be told: {alone}, {p}."
        (more, better), (less, worse) = sorted(
            ((self.only_a, "A"), (self.only_b, "B")), reverse=True
        )
        missed = f"{_count(more)} right that {worse} missed, {less} the other way"
        return f"{better} is better: {missed}, {p}."

    def _correlation(self) -> float:
        """Return the correlation of being right, nearer 0 by a correction for continuity."""
        a, b, c, d = self.both, self.only_a, self.only_b, self.neither
        scale = math.sqrt((a + b) * (c + d) * (a + c) * (b + d))
        cross = float(a * d - b * c)
        if cross > 0:
            cross = max(cross - self.photographs / 2, 0)
        return cross / scale if scale else 0.0


@dataclass(frozen=True)
class ClassDifference(Comparison):
    """The same of the photographs of the class ``id``."""

    id: str


def compare(a: Side, b: Side) -> Comparison:
    """Compare two that answered the same photographs."""
    return _compared(a.right, b.right)


def by_class(a: Side, b: Side) -> list[ClassDifference]:
    """Compare class by class, the largest change first."""
    found = []
    for name in np.unique(a.ids):
        of_class = a.ids == name
        part = _compared(a.right[of_class], b.right[of_class])
        found.append(ClassDifference(**dataclasses.asdict(part), id=str(name)))
    return sorted(found, key=lambda one: (-abs(one.only_b - one.only_a), one.photographs))


def answered(a: Subject, b: Subject, data: Path) -> tuple[str, Side, Side]:
    """Let A and B answer the photographs held out of both; say in words which these are.

    Only those that both could read, and that are of one class to both, are in the answers.
    Raises DataError when there are none.
    """
    (what, photos_a), (_, photos_b) = a.held_out(data), b.held_out(data)
    known = [same(data, one.data, one.fingerprint) is not None for one in (a, b)]
    classes = {photo.path: b.labels[photo.label].id for photo in photos_b}
    mine = [p for p in photos_a if classes.get(p.path) == a.labels[p.label].id]
    shared = {photo.path for photo in mine}
    if not shared:
        raise DataError(f"{data} has no photograph of a class of both that neither was to learn.")
    what = what.removesuffix(FLATTERS).removesuffix(UNNOTICED)
    if all(known):
        what = "the photographs that both kept back"
    elif any(known):
        what = f"the photographs that {'A' if known[0] else 'B'} kept back"
    elif len(mine) < max(len(photos_a), len(photos_b)):
        what = f"the photographs in {data} that both can name and neither is known to have learnt"
    for letter, one, kept_back in zip("AB", (a, b), known, strict=True):
        if one.learnt.may_know(kept_back=kept_back):
            what += (
                f". {letter} was trained with something else; should these have been among it, "
                "that flatters it"
            )
    said_a = a.answer(mine)
    said_b = b.answer([photo for photo in photos_b if photo.path in shared])
    read = {photo.path for photo in said_a.photos} & {photo.path for photo in said_b.photos}
    if not read:
        raise DataError(f"There is no photograph in {data} that both could read.")
    left_out = tuple((dict(said_b.left_out) | dict(said_a.left_out)).items())
    sides = (Side(a, _only(said_a, read, left_out)), Side(b, _only(said_b, read, left_out)))
    return what, *sides


def write_comparison(path: Path, a: Side, b: Side) -> None:
    """Write as JSON how A and B compare, class by class too."""
    found = compare(a, b)
    about = {
        "a": a.subject.path.name,
        "b": b.subject.path.name,
        "verdict": found.verdict,
        "photographs": found.photographs,
        **dataclasses.asdict(found),
        "p": found.p,
        "difference": dataclasses.asdict(found.difference),
        "fingerprint": fingerprint(a.answers.photos, a.subject.labels),
        "per_class": [{"id": one.id} | dataclasses.asdict(one) for one in by_class(a, b)],
    }
    write_json(path, about)


def _compared(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> Comparison:
    return Comparison(*(int(part.sum()) for part in (a & b, a & ~b, ~a & b, ~a & ~b)))


def _only(answers: Answers, paths: set[Path], left_out: tuple[tuple[Path, str], ...]) -> Answers:
    """Keep the answers for the photographs in ``paths``, in the order of their paths."""
    order = sorted(
        (i for i, photo in enumerate(answers.photos) if photo.path in paths),
        key=lambda i: answers.photos[i].path,
    )
    return Answers(tuple(answers.photos[i] for i in order), answers.probabilities[order], left_out)


def _count(photographs: int) -> str:
    return f"{photographs} photograph{'' if photographs == 1 else 's'}"


def _joined(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(one**2 - 2 * phi * one * other + other**2, 0))
