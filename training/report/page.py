"""The report of one run or model file: what a person should know of it in two minutes."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from sklearn.metrics import confusion_matrix

from training.answers import Answers
from training.evaluate import Subject, fingerprint, shown
from training.measure import (
    FEWEST,
    ClassFigures,
    Figure,
    ece_if_perfect,
    expected_calibration_error,
    per_class,
    reliability,
    weak_classes,
)
from training.report import charts
from training.report.examples import examples
from training.report.mistakes import best_known, confused_pairs, worst
from training.report.pictures import data_uri, small
from training.report.recipe_text import recipe_text
from training.report.render import percent, write_page

_WEAK, _PAIRS, _OF_A_PAIR, _WORST = 12, 6, 2, 12


@dataclass(frozen=True)
class Shot:
    """A photograph with what it shows, what it was ``taken`` for, and how sure of either."""

    picture: str
    file: str
    name: str
    taken: str
    probability: float
    of_truth: float


def write_report(
    path: Path, subject: Subject, what: str, answers: Answers, found: dict[str, Figure]
) -> None:
    """Write the page to ``path``. ``what`` says which photographs the figures ``found`` are of."""
    names = [label.name for label in subject.labels]
    truth, given = answers.truth, answers.given
    matrix, matrix_says = _matrix(answers, names)
    weak = weak_classes(truth, answers.probabilities, subject.labels)
    write_page(
        path,
        "page.html",
        title=subject.title,
        name=subject.path.name,
        what=what,
        photographs=len(truth),
        right=int((truth == given).sum()),
        classes=len(set(truth)),
        known=len(names),
        found=found,
        left_out=[(shown(photo), why) for photo, why in answers.left_out],
        weak=weak[:_WEAK],
        enough=np.bincount(truth).max() >= FEWEST,
        more_weak=len(weak[_WEAK:]),
        names={label.id: label.name for label in subject.labels},
        pairs=_pairs(answers, names),
        worst=[shot(answers, names, i) for i in worst(answers, _WORST)],
        mistakes=int((truth != given).sum()),
        matrix=matrix,
        matrix_says=matrix_says,
        calibration=_calibration(subject, answers),
        curves=charts.learning_curves(subject.history, subject.before) if subject.history else None,
        best=charts.best(subject.history, subject.before) if subject.history else None,
        is_file=subject.network is not None,
        is_mean=subject.is_mean,
        examples=_examples(subject, answers),
        table=[(names[one.label], one) for one in _weakest_first(answers)],
        recipe=recipe_text(subject.recipe),
        facts=_facts(subject, answers),
    )


def shot(answers: Answers, names: list[str], i: int) -> Shot:
    """Show the photograph ``i`` with its answer."""
    photo, given = answers.photos[i], int(answers.given[i])
    return Shot(
        data_uri(small(photo.path)),
        shown(photo.path),
        names[photo.label],
        names[given],
        float(answers.probabilities[i, given]),
        float(answers.probabilities[i, photo.label]),
    )


def _pairs(answers: Answers, names: list[str]) -> list[dict[str, Any]]:
    """Show mistakes between two classes beside the photographs of either that it knows best."""
    found = []
    for pair in confused_pairs(answers, _PAIRS):
        if len(pair.mistaken) < 2:  # it is among the worst mistakes as well
            break
        known = [best_known(answers, label) for label in (pair.one, pair.other)]
        found.append(
            {
                "one": names[pair.one],
                "other": names[pair.other],
                "count": len(pair.mistaken),
                "mistaken": [shot(answers, names, i) for i in pair.mistaken[:_OF_A_PAIR]],
                "known": [shot(answers, names, i) for i in known if i is not None],
            }
        )
    return found


def _matrix(answers: Answers, names: list[str]) -> tuple[Markup | None, str]:
    truth, given = answers.truth, answers.given
    if np.array_equal(truth, given):
        return None, "No photograph was taken for another class."
    present = np.union1d(truth, given)
    counts = confusion_matrix(truth, given, labels=present)
    shown = charts.shown_classes(counts)
    part = counts[np.ix_(shown, shown)]
    drawn = charts.confusion_matrix(part, [names[i] for i in present[shown]])
    if len(shown) == len(present):
        return drawn, ""
    mistakes, in_it = (int(c.sum() - np.trace(c)) for c in (counts, part))
    rest = len(present) - len(shown)
    if in_it == mistakes:
        return drawn, f"The other {rest} classes take part in no mistake."
    return drawn, (
        f"These {len(shown)} of {len(present)} classes are confused most; {in_it} of the "
        f"{mistakes} mistakes are among them."
    )


def _calibration(subject: Subject, answers: Answers) -> dict[str, Any]:
    truth, probabilities = answers.truth, answers.probabilities
    ece, perfect = expected_calibration_error(truth, probabilities), ece_if_perfect(probabilities)
    claimed = float(probabilities.max(axis=1).mean())
    kept = float((answers.given == truth).mean())
    if ece <= perfect.high:
        says = "It is as sure as it may be: chance alone would show as much."
    elif abs(claimed - kept) < ece / 2:
        says = "It is too sure of some answers and not sure enough of others."
    else:
        much = "too sure" if claimed > kept else "not sure enough"
        says = f"It is {much}: it claims {percent(claimed)} on average and keeps {percent(kept)}."
    learnt = subject.network.card.calibration if subject.network else None
    if subject.network and learnt:
        origin = (
            f"Its temperature was learnt on {learnt.photographs} photographs; if these are among "
            "them, the diagram flatters it."
        )
    else:
        origin = "Its probabilities are as the training left them: it has not been calibrated."
    return {
        "diagram": charts.reliability_diagram(reliability(truth, probabilities)),
        "ece": ece,
        "perfect": perfect,
        "says": says,
        "origin": origin,
    }


def _examples(subject: Subject, answers: Answers) -> list[dict[str, Any]]:
    return [
        {
            "picture": data_uri(example.image),
            "name": example.name,
            "file": shown(example.photo.path),
            "maps": [(m.name, m.probability, m.right, data_uri(m.image)) for m in example.maps],
        }
        for example in examples(subject, answers)
    ]


def _weakest_first(answers: Answers) -> list[ClassFigures]:
    return sorted(per_class(answers.truth, answers.given), key=lambda one: one.f1)


def _facts(subject: Subject, answers: Answers) -> list[tuple[str, str]]:
    runner = "onnxruntime" if subject.network else "keras"
    libraries = ", ".join(f"{name} {version(name)}" for name in (runner, "numpy", "pillow"))
    facts = [
        ("Measured", subject.path.name),
        ("Fingerprint of these photographs", fingerprint(answers.photos, subject.labels)),
        ("Fingerprint of the training data", subject.fingerprint or "not known"),
        ("Libraries", f"Python {platform.python_version()}, {libraries}"),
        ("Machine", f"{platform.system()} {platform.machine()}"),
    ]
    if subject.network:
        card = subject.network.card
        facts += [("Precision", card.precision), ("Temperature", f"{card.temperature:.3f}")]
        facts += [("Provenance", card.provenance), ("Licence", card.licence)]
    return [(name, value) for name, value in facts if value]
