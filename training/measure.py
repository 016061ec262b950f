"""Figures of a classifier on labelled photographs, with their 95 % intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

from florapp.core.model_file import Label

#: A class is weak of which no more than this part is found, among at least so many photographs.
WEAK, FEWEST = 0.85, 4
#: Of probabilities, from 0 to 1, by which answers are sorted.
BINS = 15
#: The least probability of which a logarithm is taken.
TINY = np.finfo(float).tiny
_RESAMPLES = 500
_DRAWS = 200  # of what a perfectly calibrated model would show


@dataclass(frozen=True)
class Figure:
    """A measured value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ClassFigures:
    """How well the class ``label`` is recognised, of which there were so many photographs.

    ``precision`` is 0 where nothing is taken for it.
    """

    label: int
    precision: float
    recall: float
    f1: float
    photographs: int


def figures(truth: NDArray[np.int_], probabilities: NDArray[np.floating[Any]]) -> dict[str, Figure]:
    """Measure ``probabilities`` ``[photos, classes]`` against the labels ``truth`` ``[photos]``.

    Accuracies have Wilson intervals. Precision, recall and F1 are means over the classes that
    occur in ``truth``, with bootstrap intervals over the photographs (percentiles of 500). These
    are never narrower than that of the accuracy: where every answer is right, no resample varies.
    """
    ranked = np.argsort(-probabilities, axis=1, kind="stable")  # as core/prediction.py does
    found = {
        f"top{k}": share(int((ranked[:, :k] == truth[:, np.newaxis]).any(axis=1).sum()), len(truth))
        for k in (1, 5)
        if k < probabilities.shape[1]
    }
    answers = probabilities.argmax(axis=1)
    random = np.random.default_rng(0)
    samples = [random.integers(0, len(truth), len(truth)) for _ in range(_RESAMPLES)]
    spread = np.array([_macro(truth[s], answers[s]) for s in samples])
    low, high = np.percentile(spread, [2.5, 97.5], axis=0)
    right = found["top1"]
    below, above = right.value - right.low, right.high - right.value
    names = ("macro_precision", "macro_recall", "macro_f1")
    for name, value, least, most in zip(names, _macro(truth, answers), low, high, strict=True):
        found[name] = Figure(
            value,
            max(0.0, min(float(least), value - below)),
            min(1.0, max(float(most), value + above)),
        )
    return found


def share(right: int, count: int) -> Figure:
    """Part of ``count`` that is ``right``, with Wilson's interval (Wilson 1927)."""
    interval = binomtest(right, count).proportion_ci(0.95, "wilson")
    return Figure(right / count, float(interval.low), float(interval.high))


def expected_calibration_error(
    truth: NDArray[np.int_], probabilities: NDArray[np.floating[Any]]
) -> float:
    """ECE of the top answer, 0 to 1, in BINS equal bins (Guo et al. 2017)."""
    found = reliability(truth, probabilities)
    return sum(abs(mean - right) * count for mean, right, count in found) / len(truth)


def reliability(
    truth: NDArray[np.int_], probabilities: NDArray[np.floating[Any]]
) -> list[tuple[float, float, int]]:
    """Sort answers by their top probability into BINS equal bins; empty ones are left out.

    Returns (mean probability, share that is right, photographs) of each, as a reliability diagram
    shows them (DeGroot and Fienberg 1983).
    """
    top, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    of_bin = np.minimum((top * BINS).astype(int), BINS - 1)
    return [
        (float(top[of_bin == b].mean()), float(right[of_bin == b].mean()), int(count))
        for b in range(BINS)
        if (count := (of_bin == b).sum())
    ]


def ece_if_perfect(probabilities: NDArray[np.floating[Any]]) -> Figure:
    """ECE that ``probabilities`` would show if they were true: the mean and 95 % of 200 draws.

    It is not 0, because the photographs in a bin are few.
    """
    top, random = probabilities.max(axis=1), np.random.default_rng(0)
    drawn = []
    for _ in range(_DRAWS):
        right = random.random(len(top)) < top
        truth = np.where(right, probabilities.argmax(axis=1), -1)
        drawn.append(expected_calibration_error(truth, probabilities))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(float(np.mean(drawn)), float(low), float(high))


def brier_score(truth: NDArray[np.int_], probabilities: NDArray[np.floating[Any]]) -> float:
    """Mean squared distance of the probabilities from the truth, 0 to 2 (Brier 1950)."""
    missed = probabilities.astype(np.float64, copy=True)
    missed[np.arange(len(truth)), truth] -= 1
    return float((missed**2).sum(axis=1).mean())


def log_loss(truth: NDArray[np.int_], probabilities: NDArray[np.floating[Any]]) -> float:
    """Mean of -log probability of the true class; one of 0 counts as TINY."""
    of_truth = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(of_truth, TINY)).mean())


def stranger_figures(
    known: NDArray[np.floating[Any]], strange: NDArray[np.floating[Any]], limit: float
) -> dict[str, float]:
    """Measure how well the novelty ``[photos]`` tells strangers from known flowers.

    ``auroc`` is the chance that a stranger is the more novel of a pair; ``told`` the share of
    strangers above ``limit``.
    """
    of_strangers = np.r_[np.zeros(len(known)), np.ones(len(strange))]
    return {
        "photographs": len(strange),
        "auroc": float(roc_auc_score(of_strangers, np.r_[known, strange])),
        "told": float((strange > limit).mean()),
    }


def per_class(truth: NDArray[np.int_], given: NDArray[np.int_]) -> list[ClassFigures]:
    """Measure each class that occurs in ``truth``, in the order of the labels."""
    labels = np.unique(truth)
    precision, recall, f1, counts = precision_recall_fscore_support(
        truth, given, labels=labels, zero_division=0.0
    )
    return [
        ClassFigures(int(label), float(p), float(r), float(f), int(count))
        for label, p, r, f, count in zip(labels, precision, recall, f1, counts, strict=True)
    ]


def confusions(truth: NDArray[np.int_], given: NDArray[np.int_]) -> list[tuple[int, int, int]]:
    """Count the mistakes as (true class, class it is taken for, photographs), most first."""
    wrong = truth != given
    counts = Counter(zip(truth[wrong].tolist(), given[wrong].tolist(), strict=True))
    return sorted(((*pair, n) for pair, n in counts.items()), key=lambda c: (-c[2], c[:2]))


def weak_classes(
    truth: NDArray[np.int_], probabilities: NDArray[np.floating[Any]], labels: Sequence[Label]
) -> list[dict[str, Any]]:
    """List the classes that are missed most, with what they are taken for, the weakest first.

    Those of which at most WEAK are found and at least FEWEST photographs were there to tell.
    """
    answers, found = probabilities.argmax(axis=1), []
    for index in np.unique(truth):
        given = answers[truth == index]
        right = int((given == index).sum())
        if len(given) >= FEWEST and right <= WEAK * len(given):
            taken = Counter(labels[answer].id for answer in given if answer != index)
            found.append(
                {
                    "id": labels[index].id,
                    "photographs": len(given),
                    "right": right,
                    "taken_for": dict(taken.most_common(3)),
                }
            )
    return sorted(found, key=lambda weak: weak["right"] / weak["photographs"])


def in_lines(found: dict[str, Figure], write: Callable[[str], None]) -> None:
    """Write one line a figure."""
    for name, figure in found.items():
        write(
            f"{name:16} {figure.value:7.2%}   95 % interval {figure.low:.2%} to {figure.high:.2%}"
        )


def _macro(truth: NDArray[np.int_], answers: NDArray[np.int_]) -> tuple[float, float, float]:
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, answers, labels=np.unique(truth), average="macro", zero_division=0.0
    )
    return float(precision), float(recall), float(f1)
