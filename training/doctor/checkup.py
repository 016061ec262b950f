"""The whole examination, from the photographs to the findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from florapp.core.errors import DataError
from training.config import Head, Model, Recipe
from training.dataset import Dataset
from training.doctor import giveaways, suspects, twins
from training.doctor.examine import Facts, examine
from training.doctor.faults import faults, has_subject
from training.doctor.findings import Finding, Kind
from training.doctor.folds import FOLDS, judged
from training.features import Weights, frozen_features
from training.overlooked import passed_over
from training.progress import say


@dataclass(frozen=True, eq=False)
class Checkup:
    """What was looked at and found.

    ``findings`` are in the order of their kinds, within one the gravest first. ``notes`` say what
    was not looked at or for, and why; ``unsought`` are the kinds of the latter.
    """

    dataset: Dataset
    examined: list[Facts]
    findings: list[Finding]
    giveaways: list[giveaways.Giveaway]
    notes: list[str]
    unsought: frozenset[Kind]

    def of(self, kind: Kind) -> list[Finding]:
        """Return the findings of one kind."""
        return [finding for finding in self.findings if finding.kind is kind]


def check_up(dataset: Dataset, recipe: Recipe, weights: Weights | None) -> Checkup:
    """Look for everything that ``findings.Kind`` lists.

    Without ``weights`` no label is doubted and nothing is called unlike the others. Raises
    DataError when the weights are not there or do not fit.
    """
    classes = dataset.classes
    examined = examine(dataset)
    found = list(faults(dataset, examined))
    shown = [facts for facts in examined if has_subject(facts)]
    say("looking for twins")
    alike = twins.twins(shown)
    groups = twins.groups(len(shown), alike)
    found += twins.findings(shown, alike, classes)
    given_away = giveaways.giveaways(shown, groups, classes)
    counts = np.bincount([facts.photo.label for facts in examined], minlength=len(classes))
    found += giveaways.findings(counts, given_away, classes)
    notes, unsought = _too_few(shown, groups, classes, weights)
    notes = [*passed_over(dataset.root, recipe.data), *notes]
    if not recipe.model.pretrained:  # it knows nothing yet: the usual one looks in its place
        recipe = replace(recipe, model=Model(fit=recipe.model.fit), head=Head())
    if weights is not None and shown:
        try:
            photos, hashes = [f.photo for f in shown], [f.sha256 for f in shown]
            features = frozen_features(photos, hashes, recipe, weights)
        except DataError as error:
            raise DataError(
                f"{error} Or do without labels in doubt and unlike photographs: --no-features."
            ) from error
        say("looking for labels in doubt")
        found += suspects.mislabelled(shown, features, groups, classes)
        found += suspects.outliers(shown, features, groups, classes)
    order = {kind: place for place, kind in enumerate(Kind)}
    found.sort(key=lambda finding: order[finding.kind])
    return Checkup(dataset, examined, found, given_away, notes, unsought)


def in_lines(checkup: Checkup, write: Callable[[str], None]) -> None:
    """Write how many findings there are, a line a kind, and what was not looked for."""
    write(f"{len(checkup.examined)} photographs of {len(checkup.dataset.classes)} classes")
    for kind, count in Counter(finding.kind for finding in checkup.findings).items():
        proposed = sum(finding.proposed for finding in checkup.of(kind))
        some = f"{proposed} of them " if proposed < count else ""
        write(f"{count:7}  {kind.value}{f'  {some}to leave out' if proposed else ''}")
    if not checkup.findings:
        write("nothing found")
    for note in checkup.notes:
        write(note)


def _too_few(
    shown: Sequence[Facts],
    groups: NDArray[np.int_],
    classes: Sequence[str],
    weights: Weights | None,
) -> tuple[list[str], frozenset[Kind]]:
    labels = np.array([facts.photo.label for facts in shown], dtype=np.intp)
    told = judged(labels, groups)
    notes, unsought = list[str](), set[Kind]()
    if weights is None:
        unsought |= {Kind.MISLABEL, Kind.OUTLIER}
        notes.append("Labels in doubt and photographs unlike the others were not looked for.")
    elif not suspects.enough(shown):
        unsought.add(Kind.OUTLIER)
        notes.append("There are too few photographs to tell which are unlike the others.")
    if not told.any():
        unsought |= {Kind.MISLABEL, Kind.GIVEAWAY}
        notes.append(
            f"Two classes with {FOLDS} different photographs each are needed to tell labels in "
            "doubt and giveaways."
        )
    elif not told.all():
        small = ", ".join(repr(classes[label]) for label in np.unique(labels[~told]))
        notes.append(
            f"With fewer than {FOLDS} different photographs a class is too small to tell labels in "
            f"doubt and giveaways: {small}."
        )
    return notes, frozenset(unsought)
