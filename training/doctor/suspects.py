"""Photographs whose label is in doubt, and those unlike all others, by frozen features.

Labels: confident learning (Northcutt et al. 2021, cleanlab) on the out-of-fold probabilities of a
logistic regression. Of what it names only those are told whose own class is :data:`ODDS` times less
probable than another; that halved the false accusations among 3 % of swapped labels and kept nearly
all true ones (600 cats and dogs, 1253 fruits, 1987 flowers of 52 classes).

Outliers: the distance to the k-th nearest neighbour (Ramaswamy et al. 2000; of networks' features,
Sun et al. 2022), by the cosine, as lengths of features vary. The local outlier factor, which asks
how thin the surroundings are beside those of the neighbours, told 4 of 22 strangers among the five
flowers, where this tells 17.
"""

from __future__ import annotations

from collections.abc import Sequence, Sized

import numpy as np
from numpy.typing import NDArray
from scipy.stats import median_abs_deviation
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from training.doctor.examine import Facts
from training.doctor.findings import Finding, Kind
from training.doctor.folds import judged, out_of_fold

ODDS = 10.0
#: Strangers come in groups, so that more than a few neighbours are asked; and so many spreads
#: (median absolute deviations, scaled) above the median are too far. Among the photographs of four
#: data sets with a hundredth of strangers, 111 of 116 of these were told, and 157 of 11752 others.
NEIGHBOURS = 20
SPREADS = 2.5

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
    rows = np.flatnonzero(judged(labels, groups))
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
        facts = examined[rows[i]]
        held_back = facts.split != "train"
        found.append(Finding(Kind.MISLABEL, facts.name, own, detail, partner, held_back))
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
    nearby = NearestNeighbors(n_neighbors=NEIGHBOURS, metric="cosine").fit(features[rows])
    distances = nearby.kneighbors()[0][:, -1]  # of each to the others
    usual, spread = np.median(distances), median_abs_deviation(distances, scale="normal")
    found = []
    for i in np.argsort(-distances, kind="stable"):
        if distances[i] <= usual + SPREADS * spread:
            break
        facts = examined[rows[i]]
        detail = f"{distances[i] / usual:.1f} times as far as usual from those most like it."
        found.append(Finding(Kind.OUTLIER, facts.name, classes[facts.photo.label], detail))
    return found


def enough(photographs: Sized) -> bool:
    """Say whether there are enough photographs to tell what is unlike them."""
    return len(photographs) > 2 * NEIGHBOURS
