"""How well a run or a model file does on labelled photographs."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from florapp.core.model_file import Label
from florapp.core.network import Network
from florapp.core.prediction import Answer, Failure
from training import learnt
from training.answers import (
    Answers,
    answers_of_file,
    answers_of_run,
    explained_by_file,
    explained_by_run,
)
from training.config import Data, data_from
from training.dataset import Photo
from training.files import write_json
from training.held_out import held_out
from training.history import sound, sound_before
from training.learnt import Learnt
from training.measure import (
    Figure,
    confusions,
    ece_if_perfect,
    expected_calibration_error,
    per_class,
)


@dataclass(frozen=True, eq=False)
class Subject:
    """A run or a model file that is measured, and what it says of itself.

    ``recipe`` is what decided its training, ``fingerprint`` that of the training data, ``learnt``
    what has taught it, ``history`` the epochs of a run and ``before`` what it had before them
    (training/state.py); the mean of several runs has neither. ``network`` is a model file's.
    ``explained`` answers with class maps.
    """

    path: Path
    title: str
    labels: tuple[Label, ...]
    recipe: dict[str, Any]
    data: Data
    fingerprint: str
    learnt: Learnt
    is_mean: bool
    answer: Callable[[Sequence[Photo]], Answers]
    explained: Callable[[Sequence[Photo]], Iterator[Answer | Failure]]
    network: Network | None = None
    history: Sequence[dict[str, float]] = ()
    before: dict[str, float] = field(default_factory=dict)

    def held_out(
        self, root: Path, source: str = "", *, to_choose: bool = False
    ) -> tuple[str, tuple[Photo, ...]]:
        """Find the photographs to measure it with; see held_out.py."""
        classes = [label.id for label in self.labels]
        return held_out(
            root,
            self.data,
            classes,
            self.fingerprint,
            source,
            learnt=self.learnt,
            to_choose=to_choose,
        )


def opened(path: Path) -> Subject:
    """Open the folder of a run or a model file. Raises FlorAppError when it is neither."""
    if not path.is_dir():
        network = Network(path)
        card = network.card
        return Subject(
            path,
            card.title,
            card.labels,
            _without_search(card.recipe),
            data_from(card.recipe),
            card.data.get("fingerprint", ""),
            learnt.from_facts(card.data),
            "mean_of" in card.data,
            partial(answers_of_file, network),
            partial(explained_by_file, network),
            network,
            sound(card.data.get("history")),
            sound_before(card.data.get("before")),
        )
    from training.run import load
    from training.state import state_of

    state = state_of(path)
    run = load(path)
    return Subject(
        path,
        run.recipe.title or run.recipe.name,
        run.labels,
        _without_search(run.facts["recipe"]),
        run.recipe.data,
        run.facts["fingerprint"],
        learnt.from_facts(run.facts),
        "mean_of" in run.facts,
        partial(answers_of_run, run),
        partial(explained_by_run, run),
        history=state.history,
        before=state.before,
    )


def _without_search(recipe: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a search may change: it decided nothing."""
    return {key: value for key, value in recipe.items() if key != "search"}


def fingerprint(photos: Sequence[Photo], labels: Sequence[Label]) -> str:
    """Hash class, name and size of ``photos``: the same for the same photographs, wherever."""
    lines = sorted(
        f"{labels[photo.label].id}/{photo.path.name}:{photo.path.stat().st_size}"
        for photo in photos
    )
    return hashlib.sha256(os.fsencode("\n".join(lines))).hexdigest()[:16]


def shown(path: Path) -> str:
    """Write the folder and the name of a photograph, in whatever encoding they are."""
    return os.fsencode(f"{path.parent.name}/{path.name}").decode(errors="replace")


def write_figures(path: Path, subject: Subject, answers: Answers, found: dict[str, Figure]) -> None:
    """Write as JSON what was measured, class by class too, and what the classes are taken for."""
    truth, given = answers.truth, answers.given
    ids = [label.id for label in subject.labels]
    write_json(
        path,
        {"model": subject.path.name, "photographs": len(truth), "classes": len(set(truth))}
        | {name: dataclasses.asdict(figure) for name, figure in found.items()}
        | {
            "fingerprint": fingerprint(answers.photos, subject.labels),
            "training_fingerprint": subject.fingerprint,
            "ece": round(expected_calibration_error(truth, answers.probabilities), 4),
            "ece_if_perfect": round(ece_if_perfect(answers.probabilities).value, 4),
            "left_out": [
                {"photograph": shown(photo), "reason": reason} for photo, reason in answers.left_out
            ],
            "per_class": {
                ids[one.label]: {k: v for k, v in dataclasses.asdict(one).items() if k != "label"}
                for one in per_class(truth, given)
            },
            "confusions": [
                {"class": ids[true], "taken_for": ids[taken], "photographs": count}
                for true, taken, count in confusions(truth, given)
            ],
        },
    )
