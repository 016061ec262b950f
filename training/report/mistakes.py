"""Which mistakes a person should look at first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from training.answers import Answers


@dataclass(frozen=True)
class Pair:
    """Two classes that are taken for each other in the photographs ``mistaken``, surest first."""

    one: int
    other: int
    mistaken: tuple[int, ...]


def worst(answers: Answers, count: int) -> list[int]:
    """Return up to ``count`` photographs whose answer is wrong, those answered surest first."""
    wrong = np.flatnonzero(answers.given != answers.truth)
    sureness = answers.probabilities[wrong].max(axis=1)
    return [int(i) for i in wrong[np.argsort(-sureness, kind="stable")][:count]]


def confused_pairs(answers: Answers, count: int) -> list[Pair]:
    """Return up to ``count`` pairs of classes, those confused most often first, either way."""
    truth, given = answers.truth, answers.given
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i in worst(answers, len(truth)):
        one, other = sorted((int(truth[i]), int(given[i])))
        found[one, other].append(i)
    pairs = [Pair(*classes, tuple(mistaken)) for classes, mistaken in found.items()]
    return sorted(pairs, key=lambda p: (-len(p.mistaken), p.one, p.other))[:count]


def best_known(answers: Answers, label: int) -> int | None:
    """Return the photograph of a class that is recognised most surely, to compare others with."""
    right = np.flatnonzero((answers.truth == label) & (answers.given == label))
    if not len(right):
        return None
    return int(right[answers.probabilities[right, label].argmax()])
