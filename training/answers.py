"""What a run or a model file says of labelled photographs. Only a run needs Keras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from florapp.core.errors import DataError, PictureError
from florapp.core.geometry import Geometry
from florapp.core.images import decode
from florapp.core.network import Network
from florapp.core.pipeline import classify, in_order
from florapp.core.prediction import MAPPED, Answer, Failure, Ranking
from florapp.core.source import Source
from florapp.core.square import to_input
from training.dataset import Photo, readable
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


def _why(path: Path) -> str:
    try:
        decode(Source.of(path))
    except PictureError as error:
        return str(error)
    return "It could not be read."
