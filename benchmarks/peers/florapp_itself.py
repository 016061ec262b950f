"""FlorApp, by its public API, and the stages that this takes, one by one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.peers.task import Many, One, Task
from florapp import Answer, Classifier, Failure
from florapp.core.images import decode
from florapp.core.network import Network
from florapp.core.source import Source
from florapp.core.square import to_input

#: Whether it is the very network, or one of the same architecture.
SAME = True

SHIPPED, STAGES = "**FlorApp**", "stages"
MANY = "FlorApp from Python, classify_many"


def one(task: Task) -> dict[str, One]:
    """Answer one picture; or measure how long each stage takes, and the least that it could."""
    classifier, network = Classifier(task.int8), Network(task.int8)

    def answer(path: str) -> list[float]:
        return _probabilities(classifier, classifier.classify(path))

    def stages(path: str) -> dict[str, float]:
        times = [time.perf_counter()]
        picture = decode(Source.of(path), network.card.geometry.at_least)
        times.append(time.perf_counter())
        image, _ = to_input(picture.image, network.card.geometry)
        times.append(time.perf_counter())
        network.run(image[None])
        times.append(time.perf_counter())
        _entropy(path)
        times.append(time.perf_counter())
        names = "decode", "resize", "infer", "entropy"
        return dict(zip(names, np.diff(times).tolist(), strict=True))

    return {SHIPPED: answer, STAGES: stages}


def many(task: Task) -> dict[str, Many]:
    """Answer many; the command does the same (benchmarks/folders.py)."""
    classifier = Classifier(task.int8)

    def answers(paths: Sequence[str]) -> Iterator[list[float]]:
        yield from (
            _probabilities(classifier, answer) for answer in classifier.classify_many(paths)
        )

    return {MANY: answers}


def _probabilities(classifier: Classifier, answer: Answer | Failure) -> list[float]:
    """Return them in the order of the labels, as the others do."""
    assert isinstance(answer, Answer), answer
    found = {candidate.label.id: candidate.probability for candidate in answer.candidates}
    return [found[label.id] for label in classifier.card.labels]


def _entropy(path: str) -> Any:
    """Let libjpeg-turbo read all of a JPEG, and make next to nothing of it.

    At an eighth of its size a picture is the mean of each block: every code is decoded, and no
    cosine computed; an eighth squared of the colours is converted.
    """
    with Image.open(path) as image:
        image.draft("RGB", (1, 1))
        image.load()
    assert max(image.size) <= 4000 // 8 + 1
