"""What tells the classes apart without a look at the subject; and how unequal they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, entropy
from sklearn.metrics import log_loss
from sklearn.tree import DecisionTreeClassifier

from training.doctor.examine import Facts
from training.doctor.findings import Finding, Kind
from training.doctor.folds import judged, out_of_fold

#: How many times the smallest class the largest may be.
UNEQUAL = 5
#: A giveaway spares at least this part of the mistakes that always naming the largest class makes,
#: or takes away this part of the uncertainty about the class (Theil 1970), for of many classes it
#: need not name one to tell half of them from the others; and it is no chance.
SPARED, TOLD, CHANCE = 0.15, 0.1, 0.001
_SMOOTHING = 0.1  # what a tree has not seen may yet be so
_DEPTH, _LEAF = 5, 5
_COLUMNS = {
    "width and height": (0, 1),
    "the size of the file": (2,),
    "sharpness": (3,),
    "all four together": (0, 1, 2, 3),
}


@dataclass(frozen=True, slots=True)
class Giveaway:
    """How often ``what`` alone tells the class; ``majority`` is the share of the largest class.

    ``best`` are the classes that are told best: names and shares. ``tells`` is whether that is
    more than it should be.
    """

    what: str
    accuracy: float
    majority: float
    best: tuple[tuple[str, float], ...]
    tells: bool


def giveaways(
    examined: Sequence[Facts], groups: NDArray[np.int_], classes: Sequence[str]
) -> list[Giveaway]:
    """Let a shallow decision tree name the class by numbers that know nothing of the subject.

    Twins have one number in ``groups`` ``[photos]``. Nothing is returned where no two classes have
    a photograph a fold.
    """
    labels = np.array([facts.photo.label for facts in examined], dtype=np.intp)
    rows = np.flatnonzero(judged(labels, groups))
    if not len(rows):
        return []
    looks = [(facts, look) for i in rows.tolist() if (look := (facts := examined[i]).look)]
    X = np.array(
        [(*look.size, facts.bytes, look.sharpness) for facts, look in looks], dtype=np.float64
    )
    names, y = np.unique(labels[rows], return_inverse=True)
    majority = float(np.bincount(y).max() / len(y))
    tree = DecisionTreeClassifier(max_depth=_DEPTH, min_samples_leaf=_LEAF, random_state=0)
    found = []
    for what, columns in _COLUMNS.items():
        given = out_of_fold(tree, X[:, columns], y, groups[rows])
        right = given.argmax(axis=1) == y
        of_class = {classes[name]: float(right[y == k].mean()) for k, name in enumerate(names)}
        best = tuple(sorted(of_class.items(), key=lambda item: -item[1])[:3])
        accuracy = float(right.mean())
        tells = (
            accuracy - majority >= SPARED * (1 - majority) or _told(given, y) >= TOLD
        ) and binomtest(int(right.sum()), len(y), majority, "greater").pvalue < CHANCE
        found.append(Giveaway(what, accuracy, majority, best, tells))
    return found


def _told(given: NDArray[np.float64], y: NDArray[np.int_]) -> float:
    """Return which part of the uncertainty about ``y`` the probabilities ``given`` take away."""
    shares = np.bincount(y) / len(y)
    left = log_loss(y, (1 - _SMOOTHING) * given + _SMOOTHING * shares)
    return float(1 - left / entropy(shares))


def findings(
    counts: NDArray[np.int_], found: Sequence[Giveaway], classes: Sequence[str]
) -> list[Finding]:
    """Say what of it should be known; ``counts`` are the photographs ``[classes]``."""
    told = []
    most, fewest = int(counts.argmax()), int(counts.argmin())
    if counts[most] >= UNEQUAL * counts[fewest]:
        told.append(
            Finding(
                Kind.IMBALANCE,
                "",
                classes[fewest],
                f"'{classes[most]}' has {counts[most]} photographs, "
                f"'{classes[fewest]}' {counts[fewest]}.",
            )
        )
    for giveaway in found:
        if giveaway.tells:
            best = ", ".join(f"'{name}' ({share:.0%})" for name, share in giveaway.best)
            told.append(
                Finding(
                    Kind.GIVEAWAY,
                    "",
                    "",
                    f"Going by {giveaway.what} and nothing else, the class of "
                    f"{giveaway.accuracy:.0%} of the photographs is named rightly; always naming "
                    f"the largest class would be right for {giveaway.majority:.0%}. Named best: "
                    f"{best}.",
                )
            )
    return told
