"""How well a run or a model file does on labelled photographs."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from florapp.core.errors import DataError
from florapp.core.geometry import Geometry
from florapp.core.network import Network
from florapp.core.pipeline import classify, in_order
from florapp.core.prediction import Failure
from florapp.core.source import Source
from training.batches import PlainBatches
from training.dataset import Photo
from training.files import write_json
from training.measure import Figure
from training.progress import say
from training.run import Run


def probabilities_of_run(
    run: Run, photos: Sequence[Photo]
) -> tuple[NDArray[np.int_], NDArray[np.float32]]:
    """Let Keras answer ``photos``: (labels, probabilities ``[photos, classes]``)."""
    model = run.recipe.model
    batches = PlainBatches(photos, len(run.classes), Geometry(model.size, model.fit))
    logits = run.network.predict(batches, verbose=0)
    truth = np.array([photo.label for photo in photos])
    return truth, keras.ops.convert_to_numpy(keras.ops.softmax(logits))


def probabilities_of_file(
    network: Network, photos: Sequence[Photo]
) -> tuple[NDArray[np.int_], NDArray[np.float32]]:
    """Let a model file answer ``photos``, by the program's own pipeline.

    Returns (labels, probabilities) of those that could be read; the others are named.
    """
    index = {label.id: i for i, label in enumerate(network.card.labels)}
    truth, rows = [], []
    sources = (Source.of(photo.path) for photo in photos)
    for photo, result in zip(photos, in_order(classify(network, sources)), strict=True):
        if isinstance(result, Failure):
            say(f"{result.source.name}: left out. {result.reason}")
            continue
        row = np.zeros(len(index), dtype=np.float32)
        for candidate in result.candidates:
            row[index[candidate.label.id]] = candidate.probability
        truth.append(photo.label)
        rows.append(row)
    if not rows:
        raise DataError("None of the photographs could be read.")
    return np.array(truth), np.stack(rows)


def write_figures(path: Path, about: dict[str, Any], found: dict[str, Figure]) -> None:
    """Write the figures as JSON, with what they are about."""
    write_json(path, about | {name: dataclasses.asdict(f) for name, f in found.items()})
