"""What is handed to the user for one picture: an answer, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

from florapp.core.geometry import Placement
from florapp.core.model_file import Calibration, Label
from florapp.core.source import Source

if TYPE_CHECKING:  # the window is painted before numpy is there
    import numpy as np
    from numpy.typing import NDArray

    from florapp.core.quality import Flaw
    from florapp.core.verdict import Verdict

#: Classes of an answer whose maps are kept: as many as the window names.
MAPPED = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A class with the probability (0 to 1) that the picture shows it."""

    label: Label
    probability: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says of a picture.

    ``candidates`` are all its classes, most probable first, their probabilities summing to 1;
    ``size`` is (width, height) of the upright picture; ``placement`` says what part of it the
    network saw. The rest is None where the model does not give it: ``novelty``, the larger the less
    the picture is like the training photographs; ``calibration``, by which the model's answers are
    judged; ``class_maps``, float32 ``[h, w, 5]`` in logit units, what speaks where for each of the
    first candidates. ``flaw`` is why the picture cannot show a flower, if it is known to be so.
    """

    source: Source
    candidates: Sequence[Candidate]
    size: tuple[int, int]
    placement: Placement
    flaw: Flaw | None = None
    novelty: float | None = None
    calibration: Calibration | None = field(default=None, hash=False)
    class_maps: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)

    @property
    def best(self) -> Candidate:
        """The most probable class."""
        return self.candidates[0]

    @property
    def verdict(self) -> Verdict | None:
        """What to believe, at the promise of 95 in 100; None from a model without calibration."""
        from florapp.core.verdict import judge

        return judge(self)

    def top(self, count: int) -> tuple[Candidate, ...]:
        """The ``count`` most probable classes, best first."""
        return tuple(self.candidates[:count])


@dataclass(frozen=True, slots=True)
class Failure:
    """A picture that could not be answered: ``reason`` is a sentence for the user."""

    source: Source
    reason: str


class Ranking(Sequence[Candidate]):
    """``labels`` with their ``probabilities`` ``[classes]``, most probable first.

    A candidate is made when it is asked for: those of 20,000 classes would take 2 MB a picture.
    """

    __slots__ = ("_labels", "_order", "_probabilities")

    def __init__(self, labels: tuple[Label, ...], probabilities: NDArray[np.float32]) -> None:
        order = (-probabilities).argsort(kind="stable")
        self._labels, self._probabilities = labels, probabilities[order]
        self._order = order.astype("int32")

    def __len__(self) -> int:
        """Count the classes."""
        return len(self._order)

    @overload
    def __getitem__(self, rank: int) -> Candidate: ...
    @overload
    def __getitem__(self, rank: slice) -> tuple[Candidate, ...]: ...
    def __getitem__(self, rank: int | slice) -> Candidate | tuple[Candidate, ...]:
        """Return the candidate, or those, of that rank; the best one's is 0."""
        if isinstance(rank, slice):
            return tuple(self._made(self._order[rank], self._probabilities[rank]))
        return Candidate(self._labels[self._order[rank]], float(self._probabilities[rank]))

    def __iter__(self) -> Iterator[Candidate]:
        """Yield all candidates."""
        return self._made(self._order, self._probabilities)

    def __eq__(self, other: object) -> bool:
        """Say whether the same classes are as probable in another sequence."""
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        """Hash it as the tuple that it stands for."""
        return hash(tuple(self))

    def __repr__(self) -> str:
        """Show it as the tuple that it stands for."""
        return repr(tuple(self))

    def _made(
        self, order: NDArray[np.int32], probabilities: NDArray[np.float32]
    ) -> Iterator[Candidate]:
        for i, probability in zip(order.tolist(), probabilities.tolist(), strict=True):
            yield Candidate(self._labels[i], probability)
