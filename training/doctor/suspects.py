"""Photographs whose label is in doubt, and those unlike all others, by frozen features.

Labels: confident learning (Northcutt et al. 2021, cleanlab) on the out-of-fold probabilities of a
logistic regression. Of what it names only those are told whose own class is :data:`ODDS` times less
probable than another; that halved the false accusations among 3 % of swapped labels and kept nearly
all true ones (600 cats and dogs, 1253 fruits, 1987 flowers of 52 classes).

Outliers: the local outlier factor (Breunig et al. 2000), how much thinner the surroundings of a
photograph are than those of its neighbours; by cosine distance, as lengths of features vary.
"""

from __future__ import annotations

from collections.abc import Sequence, Sized

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from training.doctor.examine import Facts
from training.doctor.findings import Finding, Kind
from training.doctor.folds import judged, out_of_fold

ODDS = 10.0
#: Strangers come in groups, so that more neighbours are asked than one group has. With 50 and a
#: factor of 1.5, 47 of 52 strangers among cats and dogs, fruits and flowers were told, and 63 of
#: 3840 others.
NEIGHBOURS = 50
FACTOR = 1.5

_Floats = NDArray[np.float32]


def mislabelled(
    examined: Sequence[Facts],
    features: _Floats,
    groups: NDArray[np.int_],
    classes: Sequence[str],
) -> list[Finding]:
    """Return the photographs that belong to another class, by their ``[photos, features]``.

    Those most in doubt first, each with the photograph of the other class that is most like it.
    Twins have one number in ``groups`` ``[photos]``.
    """
    from cleanlab.filter import find_label_issues

    labels = np.array([facts.photo.label for facts in examined], dtype=np.intp)
    rows = np.flatnonzero(judged(labels))
    if not len(rows):
        return []
    X = Normalizer().transform(features[rows])
    names, y = np.unique(labels[rows], return_inverse=True)
    model = make_pipeline(StandardScaler(with_std=False), LogisticRegression(C=30, max_iter=1000))
    probabilities = out_of_fold(model, X, y, groups[rows])
    answers = probabilities.argmax(axis=1)
    given, best = probabilities[np.arange(len(y)), y], probabilities.max(axis=1)
    odds = best / np.maximum(given, 1e-9)
    issues = find_label_issues(y, probabilities, filter_by="both", n_jobs=1)
    doubtful = np.flatnonzero(issues & (answers != y) & (odds >= ODDS))
    found = []
    for i in doubtful[np.argsort(-odds[doubtful], kind="stable")]:
        of_other = np.flatnonzero((y == answers[i]) & (groups[rows] != groups[rows[i]]))
        like = of_other[(X[of_other] @ X[i]).argmax()] if len(of_other) else None
        own, other = classes[names[y[i]]], classes[names[answers[i]]]
        detail = f"Looks like '{other}' ({best[i]:.0%}), not like '{own}' ({given[i]:.1%})."
        partner = "" if like is None else examined[rows[like]].name
        found.append(Finding(Kind.MISLABEL, examined[rows[i]].name, own, detail, partner))
    return found


def outliers(
    examined: Sequence[Facts],
    features: _Floats,
    groups: NDArray[np.int_],
    classes: Sequence[str],
) -> list[Finding]:
    """Return the photographs that are like no others, the most unlike first; of twins one."""
    rows = np.unique(groups, return_index=True)[1]
    if not enough(rows):
        return []
    nearby = LocalOutlierFactor(n_neighbors=NEIGHBOURS, metric="cosine").fit(features[rows])
    factors = -nearby.negative_outlier_factor_
    found = []
    for i in np.argsort(-factors, kind="stable"):
        if factors[i] < FACTOR:
            break
        facts = examined[rows[i]]
        detail = (
            f"{factors[i]:.1f} times as far from those most like it as they are from those most "
            "like them."
        )
        found.append(Finding(Kind.OUTLIER, facts.name, classes[facts.photo.label], detail))
    return found


def enough(photographs: Sized) -> bool:
    """Say whether there are enough photographs to tell what is unlike them."""
    return len(photographs) > 2 * NEIGHBOURS
