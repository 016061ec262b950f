"""What a classifier says of photographs that it has not seen, nor a twin of theirs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin, clone
from sklearn.model_selection import StratifiedGroupKFold

#: Every photograph is answered by a classifier that was fitted to the four other fifths.
FOLDS = 5


def judged(labels: NDArray[np.int_], groups: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Say which photographs are of classes large enough: of one a fold at least, twins aside.

    Twins have one number in ``groups`` ``[photos]``. All False where fewer than two classes are.
    """
    known, which = np.unique(labels, return_inverse=True)
    of_group = np.unique(np.stack([which, groups], axis=1), axis=0)[:, 0]
    counts = np.bincount(of_group, minlength=len(known))
    large = counts >= FOLDS
    none = np.zeros(len(labels), dtype=np.bool_)
    return large[which] if len(known) and large.sum() > 1 else none


def out_of_fold(
    model: ClassifierMixin,
    X: NDArray[np.floating[Any]],
    y: NDArray[np.int_],
    groups: NDArray[np.int_],
) -> NDArray[np.float64]:
    """Return the probabilities ``[photos, classes]``, of one ``groups`` never on both sides.

    ``y`` holds 0 to classes - 1. What cannot be told, for want of other photographs, is even.
    """
    classes = int(y.max()) + 1
    found = np.full((len(y), classes), 1 / classes)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for rest, part in folds.split(X, y, groups):
        if len(part) and len(np.unique(y[rest])) > 1:
            fitted = clone(model).fit(X[rest], y[rest])
            found[part] = 0
            found[np.ix_(part, fitted.classes_)] = fitted.predict_proba(X[part])
    return found
