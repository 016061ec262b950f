"""Sets of classes with a promise: in 95 of 100 pictures, say, the right one is among them.

Split conformal prediction with the adaptive score of Romano et al. (2020), without its random part
and with a charge for every further class (Angelopoulos et al. 2021): a class's reach is the
probability of all classes above it, plus the charge times their number. The best has reach 0, so
that a set is never empty; where the best alone keeps the promise, it is all there is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

#: What the user can ask for. The first is kept by most models' best class alone.
PROMISES = (0.90, 0.95, 0.98, 0.99, 0.995)
#: What is promised when nobody asks for anything else.
PROMISE = 0.95
#: The reach that every class is within.
EVERY = 1e6
#: What each further class is charged: without it the sets of unclear pictures have long tails.
CHARGE = 0.002


def reaches(ranked: Iterable[float]) -> Iterator[float]:
    """Yield the reach of each class, given their probabilities, the largest first: they rise."""
    above = 0.0
    for rank, probability in enumerate(ranked):
        yield above + CHARGE * rank
        above += probability


def set_size(ranked: Iterable[float], reach: float) -> int:
    """Return how many of the most probable classes lie within ``reach``; at least one."""
    return max(1, sum(1 for _ in takewhile(lambda each: each <= reach, reaches(ranked))))


def quantile(true_reaches: Sequence[float], promise: float) -> float:
    """Return the reach that keeps ``promise`` (0 to 1), given those of held-out true classes.

    It is the one of rank ``ceil((n + 1) * promise)`` (Vovk et al. 2005). Of too few to know,
    EVERY: only a set of all classes keeps the promise then.
    """
    ordered = sorted(true_reaches)
    rank = math.ceil(round((len(ordered) + 1) * promise, 6))  # rounded: 0.95 is a little more
    return ordered[rank - 1] if rank <= len(ordered) else EVERY
