"""How well what is learnt holds: learnt on one half of the photographs, measured on the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from florapp.core.conformal import PROMISES, quantile
from florapp.core.geometry import Placement
from florapp.core.model_file import Calibration, Label
from florapp.core.prediction import Answer, Ranking
from florapp.core.source import Source
from florapp.core.verdict import Kind, Verdict, judge
from training.learn import (
    Said,
    all_reaches,
    fit_temperature,
    learn,
    negative_log_likelihood,
    probabilities_of,
    reaches_of,
)
from training.measure import (
    TINY,
    brier_score,
    ece_if_perfect,
    expected_calibration_error,
    log_loss,
    reliability,
)
from training.together import measure_together

#: Halvings over which the coverage of sets is averaged.
HALVINGS = 100
_CROSSINGS = 10  # over which the calibration is averaged

Halves = tuple[NDArray[np.int_], NDArray[np.int_]]


def halvings(truth: NDArray[np.int_], count: int) -> Iterator[Halves]:
    """Yield ``count`` stratified halvings, as the indices of either half.

    Which half gets the odd photograph of a class is drawn. The draws are the same every time.
    """
    random = np.random.default_rng(0)
    of_class = [np.flatnonzero(truth == label) for label in np.unique(truth)]
    alone = [members for members in of_class if len(members) == 1]  # halved together: none is empty
    of_class = [members for members in of_class if len(members) > 1]
    of_class += [np.concatenate(alone)] if alone else []
    for _ in range(count):
        side = np.empty(len(truth), dtype=bool)
        for members in of_class:
            first = random.integers(2)
            side[random.permutation(members)] = (np.arange(len(members)) + first) % 2
        yield np.flatnonzero(~side), np.flatnonzero(side)


def calibration_figures(said: Said) -> dict[str, Any]:
    """Measure the probabilities: each by the temperature fitted on the half it is not in.

    ``*_before`` are without a temperature, ``ece_if_perfect`` is what a perfectly calibrated model
    would show of as many photographs, ``reliability`` see measure.py. Means of ten halvings.
    """
    crossed = [_crossed(said, halves) for halves in halvings(said.truth, _CROSSINGS)]
    plain = probabilities_of(said, 1.0)
    truth = said.truth
    return {
        "ece": float(np.mean([expected_calibration_error(truth, p) for p in crossed])),
        "ece_if_perfect": ece_if_perfect(crossed[0]).value,
        "ece_before": expected_calibration_error(truth, plain),
        "nll": float(np.mean([log_loss(truth, p) for p in crossed])),
        "nll_before": negative_log_likelihood(truth, said.logits, 1.0),
        "brier": float(np.mean([brier_score(truth, p) for p in crossed])),
        "brier_before": brier_score(truth, plain),
        "reliability": reliability(truth, crossed[0]),
    }


def set_figures(said: Said) -> dict[str, dict[str, Any]]:
    """Measure the sets over HALVINGS, learnt on one half, counted on the other, by promise.

    ``coverage`` is how often the true class is in the set, ``size`` the mean number of classes,
    ``best_alone`` whether the best class of all photographs keeps the promise by itself.
    """
    covered: dict[float, list[float]] = defaultdict(list)
    sizes: dict[float, list[float]] = defaultdict(list)
    for one, other in halvings(said.truth, HALVINGS):
        temperature = fit_temperature(said.truth[one], said.logits[one])
        learnt = reaches_of(said.truth[one], probabilities_of(said.of(one), temperature))
        probabilities = probabilities_of(said.of(other), temperature)
        true_reaches = np.array(reaches_of(said.truth[other], probabilities))
        every = all_reaches(probabilities)
        for promise in PROMISES:
            reach = quantile(learnt, promise)
            covered[promise].append(float((true_reaches <= reach).mean()))
            sizes[promise].append(float((every <= reach).sum(axis=1).mean()))
    right = float((said.logits.argmax(axis=1) == said.truth).mean())
    return {
        str(promise): {
            "coverage": float(np.mean(covered[promise])),
            "size": float(np.mean(sizes[promise])),
            "best_alone": right >= promise,
        }
        for promise in PROMISES
    }


def verdict_figures(said: Said, labels: Sequence[Label]) -> dict[str, dict[str, Any]]:
    """Count the verdicts by kind and how many of them are right, crossed once.

    A sure one is right about its class, one of these when it is among them, a group when the class
    belongs to it; that a known flower is not one of the known is never right.
    """
    counts = {kind.value: {"photographs": 0, "right": 0} for kind in Kind}
    for one, other in _both_ways(next(halvings(said.truth, 1))):
        for label, verdict in zip(
            said.truth[other], verdicts(said.of(other), labels, *learn(said.of(one))), strict=True
        ):
            counts[verdict.kind.value]["photographs"] += 1
            counts[verdict.kind.value]["right"] += holds(verdict, labels[label])
    return counts


def together_figures(said: Said) -> dict[str, dict[str, Any]]:
    """Measure one, two and three photographs of a class taken for one plant (together.py)."""
    halves = next(halvings(said.truth, 1))
    probabilities = _crossed(said, halves)
    return measure_together(said.truth, np.log(np.maximum(probabilities, TINY)), halves)


def verdicts(
    said: Said, labels: Sequence[Label], temperature: float, calibration: Calibration
) -> Iterator[Verdict]:
    """Judge what a file said of each photograph, as the program does."""
    for i, probabilities in enumerate(probabilities_of(said, temperature)):
        answer = Answer(
            Source("", b""),
            Ranking(tuple(labels), probabilities.astype(np.float32)),
            (1, 1),
            Placement((0.0, 0.0, 1.0, 1.0)),
            novelty=None if said.novelty is None else float(said.novelty[i]),
            calibration=calibration,
        )
        verdict = judge(answer)
        assert verdict is not None
        yield verdict


def holds(verdict: Verdict, truth: Label) -> bool:
    """Say whether ``verdict`` is right of a photograph of ``truth``."""
    if verdict.kind is Kind.GROUP:
        return bool(getattr(truth, verdict.rank) == verdict.group)
    return any(member.label == truth for member in verdict.members)


def _crossed(said: Said, halves: Halves) -> NDArray[np.float64]:
    found = np.empty(said.logits.shape)
    for one, other in _both_ways(halves):
        temperature = fit_temperature(said.truth[one], said.logits[one])
        found[other] = probabilities_of(said.of(other), temperature)
    return found


def _both_ways(halves: Halves) -> tuple[Halves, Halves]:
    return halves, (halves[1], halves[0])
