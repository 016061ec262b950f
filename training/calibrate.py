"""What is learnt after training, by running the very file that it is then stored in."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from florapp.core.errors import DataError
from florapp.core.model_file import Card, Label
from florapp.core.network import Network, Outputs
from training.crossed import (
    calibration_figures,
    set_figures,
    together_figures,
    verdict_figures,
)
from training.dataset import Photo, shaped
from training.files import write_whole
from training.graph import set_card, set_temperature
from training.learn import Said, fit_temperature, learn, probabilities_of
from training.measure import figures, stranger_figures, weak_classes
from training.novelty import Floats, add_novelty, fit_detector, remove_novelty
from training.progress import counted, say
from training.selftest import record

#: Photographs to learn from, at least: fewer tell nothing when they are halved.
FEWEST = 10
_BATCH = 16


def calibrate(
    path: Path,
    photos: Sequence[Photo],
    *,
    train: Sequence[Photo] = (),
    strangers: Mapping[str, Sequence[Photo]] | None = None,
) -> Card:
    """Learn from validation ``photos`` what makes the answers of the model in ``path`` honest.

    The temperature, the calibration (core/model_file.py), the figures on these photographs and the
    answer for the self-test are stored in it. The novelty is fitted on ``train``, the photographs
    that the network was trained with; without any the file keeps what it has. How well it tells
    ``strangers``, photographs of other things by the name of their collection, is only measured.
    Returns the new card. Raises DataError for fewer than FEWEST photographs.
    """
    if len(photos) < FEWEST:
        raise DataError(
            f"There are {len(photos)} photographs, and it takes {FEWEST} to learn from. Give more."
        )
    model = onnx.load(str(path))
    if train:
        remove_novelty(model.graph)
    written: list[Card] = []

    def save(part: Path, card: Card) -> Network:
        set_temperature(model, card.temperature)
        set_card(model, card)
        onnx.save(model, str(part))
        return Network(part)

    def write(part: Path) -> None:
        network = save(part, Network(path).card)
        say(f"what the file says of {len(photos)} photographs held back")
        said = said_of(network, photos)
        card = replace(network.card, temperature=fit_temperature(said.truth, said.logits))
        if train:
            say(f"the features of {len(train)} training photographs")
            features = _features(network, train)
            labels = np.array([photo.label for photo in train])
            assert said.features is not None  # else there were none of the training either
            add_novelty(model, fit_detector(features, labels, said.features))
        network = save(part, card)
        if train:
            said = said_of(network, photos)
        say("measuring")
        _, calibration = learn(said)
        found = _figures(said, card.labels)
        if strangers and said.novelty is None:
            say("the file says nothing about strange pictures: they were not looked at")
        elif strangers:
            assert said.novelty is not None
            assert calibration.novelty is not None
            found["strangers"] = {
                name: stranger_figures(said.novelty, _novelty(network, them), calibration.novelty)
                for name, them in strangers.items()
            }
        card = replace(card, calibration=calibration, figures=found, self_test=record(network))
        save(part, card)
        written.append(card)

    write_whole(path, write)
    return written[0]


def said_of(network: Network, photos: Sequence[Photo]) -> Said:
    """Run ``network`` on ``photos`` and keep what is learnt from."""
    outputs = list(_run(network, photos))
    return Said(
        np.array([photo.label for photo in photos]),
        np.concatenate([each.logits for each in outputs]),
        _joined(each.novelty for each in outputs),
        _joined(each.embedding for each in outputs),
    )


def _figures(said: Said, labels: Sequence[Label]) -> dict[str, Any]:
    probabilities = probabilities_of(said, fit_temperature(said.truth, said.logits))
    found: dict[str, Any] = {
        name: dataclasses.asdict(figure)
        for name, figure in figures(said.truth, probabilities).items()
    }
    return (
        found
        | {"photographs": len(said.truth)}
        | calibration_figures(said)
        | {
            "sets": set_figures(said),
            "verdicts": verdict_figures(said, labels),
            "together": together_figures(said),
            "weak_classes": weak_classes(said.truth, probabilities, labels),
        }
    )


def _features(network: Network, photos: Sequence[Photo]) -> Floats:
    found = _joined(each.embedding for each in _run(network, photos))
    if found is None:
        raise DataError("The file has no output 'embedding', which the novelty is made of.")
    if not np.isfinite(found).all():
        raise DataError("The network's features are not numbers: the training has gone wrong.")
    return found


def _novelty(network: Network, photos: Sequence[Photo]) -> Floats:
    found = _joined(each.novelty for each in _run(network, photos))
    assert found is not None  # the file has been asked for it before
    return found


def _joined(parts: Iterable[Floats | None]) -> Floats | None:
    there = [part for part in parts if part is not None]
    return np.concatenate(there) if there else None


def _run(network: Network, photos: Sequence[Photo]) -> Iterator[Outputs]:
    geometry = network.card.geometry
    parts = [photos[start : start + _BATCH] for start in range(0, len(photos), _BATCH)]
    for part in counted(parts, len(parts), f"answers, {_BATCH} photographs at a time"):
        yield network.run(np.stack([shaped(photo.path, geometry) for photo in part]))
