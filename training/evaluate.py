"""How well a run or a model file does on labelled photographs. Only a run needs Keras."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from florapp.core.errors import DataError, PictureError
from florapp.core.geometry import Geometry
from florapp.core.images import decode
from florapp.core.model_file import Label
from florapp.core.network import Network
from florapp.core.pipeline import classify, in_order
from florapp.core.prediction import MAPPED, Answer, Failure, Ranking
from florapp.core.source import Source
from florapp.core.square import to_input
from training import learnt
from training.config import Data, data_from
from training.dataset import Photo, readable
from training.files import write_json
from training.held_out import held_out
from training.history import sound
from training.learnt import Learnt
from training.measure import (
    Figure,
    confusions,
    ece_if_perfect,
    expected_calibration_error,
    per_class,
)
from training.progress import counted, say

if TYPE_CHECKING:
    from training.run import Run


@dataclass(frozen=True, eq=False)
class Answers:
    """What a network said of ``photos``: their ``probabilities`` ``[photos, classes]``.

    ``left_out`` are the files that could not be read, each with a sentence that says why.
    """

    photos: tuple[Photo, ...]
    probabilities: NDArray[np.float32]
    left_out: tuple[tuple[Path, str], ...] = ()

    @property
    def truth(self) -> NDArray[np.int_]:
        """The true class of each photograph."""
        return np.array([photo.label for photo in self.photos])

    @property
    def given(self) -> NDArray[np.int_]:
        """The class that the network takes each photograph for."""
        return np.asarray(self.probabilities.argmax(axis=1))


@dataclass(frozen=True, eq=False)
class Subject:
    """A run or a model file that is measured, and what it says of itself.

    ``fingerprint`` is that of the training data, ``learnt`` is what has taught it, ``history`` the
    epochs of a run; ``network`` is a model file's. ``explained`` answers with class maps.
    """

    path: Path
    title: str
    labels: tuple[Label, ...]
    recipe: dict[str, Any]
    data: Data
    fingerprint: str
    learnt: Learnt
    answer: Callable[[Sequence[Photo]], Answers]
    explained: Callable[[Sequence[Photo]], Iterator[Answer | Failure]]
    network: Network | None = None
    history: Sequence[dict[str, float]] = ()

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
            card.recipe,
            data_from(card.recipe),
            card.data.get("fingerprint", ""),
            learnt.from_facts(card.data),
            partial(answers_of_file, network),
            partial(explained_by_file, network),
            network,
            sound(card.data.get("history")),
        )
    from training.run import load
    from training.state import state_of

    history = state_of(path).history
    run = load(path)
    return Subject(
        path,
        run.recipe.title or run.recipe.name,
        run.labels,
        run.facts["recipe"],
        run.recipe.data,
        run.facts["fingerprint"],
        learnt.from_facts(run.facts),
        partial(answers_of_run, run),
        partial(explained_by_run, run),
        history=history,
    )


def answers_of_run(run: Run, photos: Sequence[Photo]) -> Answers:
    """Let Keras answer ``photos``."""
    import keras

    from training.batches import PlainBatches
    from training.watch import Progress

    good = readable(photos, say)
    model = run.recipe.model
    batches = PlainBatches(good, len(run.classes), Geometry(model.size, model.fit))
    logits = run.network.predict(batches, verbose=0, callbacks=[Progress("answers")])
    bad = set(photos) - set(good)
    left_out = tuple((photo.path, _why(photo.path)) for photo in photos if photo in bad)
    return Answers(good, keras.ops.convert_to_numpy(keras.ops.softmax(logits)), left_out)


def answers_of_file(network: Network, photos: Sequence[Photo]) -> Answers:
    """Let a model file answer ``photos``."""
    index = {label.id: i for i, label in enumerate(network.card.labels)}
    good, rows, left_out = [], [], []
    results = counted(explained_by_file(network, photos), len(photos), "photographs answered")
    for photo, result in zip(photos, results, strict=True):
        if isinstance(result, Failure):
            say(f"{photo.path}: left out. {result.reason}")
            left_out.append((photo.path, result.reason))
            continue
        row = np.zeros(len(index), dtype=np.float32)
        for candidate in result.candidates:
            row[index[candidate.label.id]] = candidate.probability
        good.append(photo)
        rows.append(row)
    if not good:
        raise DataError("None of the photographs could be read.")
    return Answers(tuple(good), np.stack(rows), tuple(left_out))


def explained_by_run(run: Run, photos: Sequence[Photo]) -> Iterator[Answer]:
    """Let Keras answer ``photos`` with the class maps that the run's file would give."""
    import keras

    from training.outputs import outputs

    model = run.recipe.model
    geometry = Geometry(model.size, model.fit)
    image = keras.Input((model.size, model.size, 3), dtype="uint8")
    network = keras.Model(image, outputs(run.network, model, image))
    for photo in photos:
        source = Source.of(photo.path)
        picture = decode(source, geometry.at_least)
        square, placement = to_input(picture.image, geometry)
        said = network.predict(square[np.newaxis], verbose=0)
        probabilities = softmax(said["logits"][0])
        first = (-probabilities).argsort(kind="stable")[:MAPPED]
        yield Answer(
            source,
            Ranking(run.labels, probabilities),
            picture.size,
            placement,
            class_maps=said["class_maps"][0][..., first],
        )


def explained_by_file(network: Network, photos: Sequence[Photo]) -> Iterator[Answer | Failure]:
    """Let a model file answer ``photos``, by the program's own pipeline, in their order."""
    return in_order(classify(network, (Source.of(photo.path) for photo in photos)))


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


def _why(path: Path) -> str:
    try:
        decode(Source.of(path))
    except PictureError as error:
        return str(error)
    return "It could not be read."
