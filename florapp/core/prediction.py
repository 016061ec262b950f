"""What is handed to the user for one picture: an answer, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from florapp.core.geometry import Placement
from florapp.core.model_file import Label
from florapp.core.source import Source

if TYPE_CHECKING:  # the window is painted before numpy is there
    import numpy as np
    from numpy.typing import NDArray


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
    network saw.
    """

    source: Source
    candidates: tuple[Candidate, ...]
    size: tuple[int, int]
    placement: Placement

    @property
    def best(self) -> Candidate:
        """The most probable class."""
        return self.candidates[0]

    def top(self, count: int) -> tuple[Candidate, ...]:
        """The ``count`` most probable classes, best first."""
        return self.candidates[:count]


@dataclass(frozen=True, slots=True)
class Failure:
    """A picture that could not be answered: ``reason`` is a sentence for the user."""

    source: Source
    reason: str


def candidates(
    labels: tuple[Label, ...], probabilities: NDArray[np.float32]
) -> tuple[Candidate, ...]:
    """Pair ``labels`` with ``probabilities`` ``[classes]``, most probable first."""
    order = (-probabilities).argsort(kind="stable")
    return tuple(Candidate(labels[i], float(probabilities[i])) for i in order)
