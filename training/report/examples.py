"""A few answers, with what in the photograph spoke for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from florapp.core.heatmap import strengths
from florapp.core.prediction import Answer
from training.answers import Answers
from training.dataset import Photo
from training.evaluate import Subject
from training.report.mistakes import worst
from training.report.pictures import small, with_map

_EACH = 2  # examples of a kind
_SHOWN = 2  # candidates of an example


@dataclass(frozen=True, eq=False)
class Map:
    """What speaks for a class, laid over the photograph."""

    name: str
    probability: float
    right: bool
    image: Image.Image


@dataclass(frozen=True, eq=False)
class Example:
    """A photograph of the class ``name``, and the maps of its first candidates, best first."""

    photo: Photo
    name: str
    image: Image.Image
    maps: tuple[Map, ...]


def chosen(answers: Answers) -> list[int]:
    """Choose photographs: wrong and sure, right but hardly, right as usual; two of each."""
    right = np.flatnonzero(answers.given == answers.truth)
    rising = right[np.argsort(answers.probabilities[right].max(axis=1), kind="stable")]
    middle = len(rising) // 2
    some = [*worst(answers, _EACH), *rising[:_EACH], *rising[middle : middle + _EACH]]
    return list(dict.fromkeys(map(int, some)))


def examples(subject: Subject, answers: Answers) -> list[Example]:
    """Let the chosen photographs be answered again, with maps; none where there are no maps."""
    photos = [answers.photos[i] for i in chosen(answers)]
    results, labels = subject.explained(photos), subject.labels
    found = []
    for photo, answer in zip(photos, results, strict=True):
        if not isinstance(answer, Answer) or answer.class_maps is None:
            continue
        image, true = small(photo.path), labels[photo.label]
        maps = tuple(
            Map(
                candidate.label.name,
                candidate.probability,
                candidate.label == true,
                with_map(image, strengths(answer.class_maps, i), answer.placement),
            )
            for i, candidate in enumerate(answer.top(_SHOWN))
        )
        found.append(Example(photo, true.name, image, maps))
    return found
