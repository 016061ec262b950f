"""Several photographs of one plant: what is learnt and measured for them (core/fusion.py).

There are no such photographs among the held-out ones. Two or three of one class stand for them,
and that flatters: they are of different plants, and what is hard about one is rarely hard about the
next, while photographs of one plant share its light, its age and its oddities.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from florapp.core.fusion import fuse
from training.measure import TINY, expected_calibration_error, figures, log_loss

_ROUNDS = 10  # of drawing groups to fit on

#: Indices of photographs that are taken for one plant, ``[groups, count]``.
Groups = NDArray[np.int_]


def fit_together(
    truth: NDArray[np.int_],
    log_probabilities: NDArray[np.floating[Any]],
    counts: Sequence[int] = (2, 3),
    seed: int = 0,
) -> dict[str, float]:
    """Find the temperature of least negative log-likelihood for each number of photographs.

    ``truth`` is ``[photos]``; ``log_probabilities`` ``[photos, classes]`` are those of single
    photographs, calibrated. A number that no class has photographs for is left out.
    """
    random = np.random.default_rng(seed)
    found = {}
    for count in counts:
        groups = np.concatenate([_drawn(truth, count, random) for _ in range(_ROUNDS)])
        if len(groups):
            found[str(count)] = _fit(truth[groups[:, 0]], log_probabilities[groups])
    return found


def measure_together(
    truth: NDArray[np.int_],
    log_probabilities: NDArray[np.floating[Any]],
    halves: tuple[NDArray[np.int_], NDArray[np.int_]],
    counts: Sequence[int] = (1, 2, 3),
    seed: int = 0,
) -> dict[str, dict[str, Any]]:
    """Measure groups of so many photographs of a class: ``groups``, ``top1``, ``nll``, ``ece``.

    ``halves`` are the indices of either half of the photographs: the temperature is fitted on one,
    the groups are drawn from the other, crossed. No photograph is in two groups, so that ``top1``
    has an honest interval, as measure.py gives it. A number without groups is left out.
    """
    random = np.random.default_rng(seed)
    found = {}
    for count in counts:
        truths, given = [], []
        for one, other in (halves, halves[::-1]):
            several = (count,) if count > 1 else ()  # a single one is calibrated already
            learnt = fit_together(truth[one], log_probabilities[one], several, seed)
            temperature = learnt.get(str(count), 1.0)
            groups = other[_drawn(truth[other], count, random)]
            truths.append(truth[groups[:, 0]])
            given.append(fuse(log_probabilities[groups], temperature))
        right, probabilities = np.concatenate(truths), np.concatenate(given)
        if len(right):
            found[str(count)] = {
                "groups": len(right),
                "top1": dataclasses.asdict(figures(right, probabilities)["top1"]),
                "nll": log_loss(right, probabilities),
                "ece": expected_calibration_error(right, probabilities),
            }
    return found


def _drawn(truth: NDArray[np.int_], count: int, random: np.random.Generator) -> Groups:
    """Draw groups of ``count`` photographs of one class; each photograph is in one at most."""
    groups = [np.empty((0, count), np.int_)]
    for label in np.unique(truth):
        members = random.permutation(np.flatnonzero(truth == label))
        groups.append(members[: len(members) // count * count].reshape(-1, count))
    return np.concatenate(groups)


def _fit(truth: NDArray[np.int_], log_probabilities: NDArray[np.floating[Any]]) -> float:
    """Fit as learn.py does for single photographs, with one group more of a class nobody knows.

    ``log_probabilities`` are ``[groups, count, classes]``, the groups being those of every round.
    """
    groups = len(truth) / _ROUNDS

    def loss(log_t: float) -> float:
        fused = fuse(log_probabilities, float(np.exp(log_t)))
        return groups * log_loss(truth, fused) - float(np.log(np.maximum(fused, TINY)).mean())

    found = minimize_scalar(
        loss,
        bounds=(np.log(0.05), np.log(20.0)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(np.exp(found.x))
