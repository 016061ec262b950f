"""One answer for several photographs of one plant, and what each of them added to it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from florapp.core.model_file import Label
from florapp.core.prediction import Answer, Ranking

#: The least log-probability that counts: no photograph by itself rules a class out for good.
_FLOOR = float(np.log(1e-6))


@dataclass(frozen=True, slots=True)
class Share:
    """What one photograph added: its answer ``alone``, and the joint answer ``without`` it.

    The latter is None for a photograph with a flaw, which has no part in the joint answer, and for
    the only one without.
    """

    alone: Answer
    without: Answer | None


@dataclass(frozen=True, slots=True)
class Fused:
    """The joint ``answer``, judged like any other, and the ``shares`` in the photographs' order."""

    answer: Answer
    shares: tuple[Share, ...]


def fuse(log_probabilities: NDArray[np.floating[Any]], temperature: float) -> NDArray[np.float64]:
    """Fuse ``[..., photographs, classes]`` into probabilities ``[..., classes]``.

    They are the geometric mean of what the photographs say, each log-probability counted as -14 at
    the least, sharpened or softened by ``temperature`` as a network's logits are.
    """
    mean = np.maximum(log_probabilities, _FLOOR).mean(axis=-2, dtype=np.float64) / temperature
    shares = np.exp(mean - mean.max(axis=-1, keepdims=True))
    fused: NDArray[np.float64] = shares / shares.sum(axis=-1, keepdims=True)
    return fused


def together(answers: Sequence[Answer]) -> Fused:
    """Answer photographs of one plant together, by the temperature their model has learnt for it.

    The joint answer bears the name and the size of the first photograph, and no class maps: those
    are of one picture. Photographs with a flaw are left out, unless there are no others.

    Its novelty is the mean. The least would let a stranger pass as soon as one of its photographs
    looked a little familiar, the largest would refuse a known flower for a single leaf. A stranger
    among flowers may be outvoted so; its own verdict stands in its share, and is to be shown.

    Raises ValueError for fewer than two answers, and for answers of different models.
    """
    if len(answers) < 2:
        raise ValueError("There is nothing to fuse in fewer than two answers.")
    labels = sorted((each.label for each in answers[0].candidates), key=lambda each: each.id)
    if any(
        {candidate.label for candidate in answer.candidates} != set(labels)
        or answer.calibration != answers[0].calibration
        for answer in answers
    ):
        raise ValueError("Answers of different models cannot be fused.")
    used = [i for i, answer in enumerate(answers) if answer.flaw is None]
    joint = _joint([answers[i] for i in used or [0]], labels)
    shares = []
    for i, answer in enumerate(answers):
        others = [answers[other] for other in used if other != i]
        has_part = i in used and others
        shares.append(Share(answer, _joint(others, labels) if has_part else None))
    return Fused(joint, tuple(shares))


def seen_in(joint: Answer, alone: Answer) -> Answer:
    """Return ``joint`` as it is told beside one of its photographs, whose own answer is ``alone``.

    It lies there as that one does, with the maps of the first classes as far as both name them.
    """
    maps = alone.class_maps
    if maps is not None:
        places = {each.label: i for i, each in enumerate(alone.top(maps.shape[-1]))}
        labels = (each.label for each in joint.candidates)
        order = [places[label] for label in itertools.takewhile(places.__contains__, labels)]
        maps = maps[..., order] if order else None
    return replace(
        joint,
        source=alone.source,
        size=alone.size,
        placement=alone.placement,
        class_maps=maps,
    )


def probability_of(label: Label, answer: Answer) -> float:
    """Return the probability that ``answer`` gives to ``label``."""
    return next(each.probability for each in answer.candidates if each.label == label)


def _joint(answers: Sequence[Answer], labels: Sequence[Label]) -> Answer:
    first = replace(answers[0], class_maps=None)
    if len(answers) == 1:
        return first
    rows = []
    for answer in answers:
        said = {each.label: each.probability for each in answer.candidates}
        rows.append([said[label] for label in labels])
    with np.errstate(divide="ignore"):  # the floor is for what is nothing, too
        logs = np.log(np.array(rows))
    fused = fuse(logs, _temperature(first, len(answers)))
    novelties = [answer.novelty for answer in answers if answer.novelty is not None]
    return replace(
        first,
        candidates=Ranking(tuple(labels), fused.astype(np.float32)),
        novelty=float(np.mean(novelties)) if novelties else None,
    )


def _temperature(answer: Answer, count: int) -> float:
    """Return the one learnt for as many photographs, or for the most there is one for."""
    known: Mapping[str, float] = answer.calibration.together if answer.calibration else {}
    return next((known[str(n)] for n in range(count, 1, -1) if str(n) in known), 1.0)
