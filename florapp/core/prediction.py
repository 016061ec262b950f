"""What is handed to the user for one picture: an answer, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
    candidates: tuple[Candidate, ...]
    size: tuple[int, int]
    placement: Placement
    flaw: Flaw | None = None
    novelty: float | None = None
    calibration: Calibration | None = None
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
