"""What is learnt from a model file's own outputs on held-out photographs: the numbers it stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from florapp.core.conformal import CHARGE, PROMISES, quantile
from florapp.core.model_file import Calibration
from training.together import fit_together

#: The part of known flowers that the novelty lets pass.
PASSED = 0.95
#: The part of known flowers that is usual enough for a sure answer.
USUAL = 0.90
#: How often an answer must be right, on the photographs learnt from, to be called sure.
SURE = 0.99
#: What no probability reaches: no answer is sure.
NEVER = 2.0


@dataclass(frozen=True)
class Said:
    """What a file said of photographs whose labels are ``truth`` ``[photos]``.

    ``logits`` are ``[photos, classes]``; ``novelty`` ``[photos]`` and ``features`` ``[photos,
    features]`` are None where the file does not give them.
    """

    truth: NDArray[np.int_]
    logits: NDArray[np.float32]
    novelty: NDArray[np.float32] | None = None
    features: NDArray[np.float32] | None = None

    def of(self, chosen: NDArray[np.int_]) -> Said:
        """Return what it said of the ``chosen`` photographs, by their indices, features aside."""
        novelty = None if self.novelty is None else self.novelty[chosen]
        return Said(self.truth[chosen], self.logits[chosen], novelty)


def learn(said: Said) -> tuple[float, Calibration]:
    """Learn (temperature, calibration) from what a file said of held-out photographs."""
    temperature = fit_temperature(said.truth, said.logits)
    log_probabilities = log_softmax(said.logits / temperature, axis=1)
    probabilities = np.exp(log_probabilities)
    true_reaches = reaches_of(said.truth, probabilities)
    return temperature, Calibration(
        photographs=len(said.truth),
        reach={str(promise): quantile(true_reaches, promise) for promise in PROMISES},
        sure=sure_from(said.truth, probabilities),
        usual=None if said.novelty is None else _passed_by(said.novelty, USUAL),
        novelty=None if said.novelty is None else _passed_by(said.novelty, PASSED),
        together=fit_together(said.truth, log_probabilities),
    )


def fit_temperature(truth: NDArray[np.int_], logits: NDArray[np.float32]) -> float:
    """Find the temperature of least negative log-likelihood (Guo et al. 2017).

    ``truth`` is ``[photos]``, ``logits`` ``[photos, classes]``. One photograph more is counted, of
    a class that nobody knows: where all of a few answers are right, the likelihood alone would have
    every probability be 1.
    """
    photos = len(truth)

    def loss(log_t: float) -> float:
        t = float(np.exp(log_t))
        unknown = float(-log_softmax(logits / t, axis=1).mean())
        return photos * negative_log_likelihood(truth, logits, t) + unknown

    found = minimize_scalar(
        loss,
        bounds=(np.log(0.05), np.log(20.0)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(np.exp(found.x))


def negative_log_likelihood(
    truth: NDArray[np.int_], logits: NDArray[np.float32], temperature: float
) -> float:
    """Mean of -log probability of the true class."""
    return float(-log_softmax(logits / temperature, axis=1)[np.arange(len(truth)), truth].mean())


def _passed_by(novelty: NDArray[np.float32], part: float) -> float:
    """Return the limit that ``part`` of further photographs stay within, or more of them.

    It is that of core/conformal.py; of too few photographs to know, the largest seen.
    """
    return min(quantile([float(each) for each in novelty], part), float(novelty.max()))


def reaches_of(
    truth: NDArray[np.int_], probabilities: NDArray[np.floating[Any]]
) -> Sequence[float]:
    """Return how far down its ranking each photograph's true class lies (core/conformal.py)."""
    order = (-probabilities).argsort(axis=1, kind="stable")  # as core/prediction.py ranks
    ranks = (order == truth[:, np.newaxis]).argmax(axis=1)
    found: list[float] = all_reaches(probabilities)[np.arange(len(truth)), ranks].tolist()
    return found


def all_reaches(probabilities: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the reaches of all classes in their ranking, as core/conformal.py gives them."""
    ranked = -np.sort(-probabilities.astype(np.float64), axis=1)
    above: NDArray[np.float64] = ranked.cumsum(axis=1) - ranked
    return above + CHARGE * np.arange(ranked.shape[1])


def sure_from(truth: NDArray[np.int_], probabilities: NDArray[np.floating[Any]]) -> float:
    """Return the least top probability from which on answers are right in SURE of the cases.

    One answer more is counted, a wrong one: to know what is right 99 times in 100, it takes 99 that
    are right. NEVER where no such probability is known.
    """
    top, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    order = np.argsort(-top, kind="stable")
    ranked = top[order]
    whole = np.append(ranked[1:] < ranked[:-1], True)  # what is as probable stands or falls with it
    often = right[order].cumsum() >= SURE * np.arange(2, len(top) + 2)
    good = np.flatnonzero(whole & often)
    return float(ranked[good[-1]]) if len(good) else NEVER


def probabilities_of(said: Said, temperature: float) -> NDArray[np.float64]:
    """Return ``[photos, classes]`` of what a file said."""
    given: NDArray[np.float64] = softmax(said.logits.astype(np.float64) / temperature, axis=1)
    return given
