"""From many sources to answers: each exactly once, whatever hangs, fails or is broken off."""

from __future__ import annotations

import dataclasses
import itertools
import threading
import time
from typing import Any

import numpy as np
import pytest

from florapp.core import images, readers
from florapp.core.pipeline import classify, in_order
from florapp.core.prediction import Answer, Failure
from florapp.core.source import Source

COLOURS = ("red", "green", "blue")
pytestmark = pytest.mark.timeout(60)


def said(result):
    return result.best.label.id if isinstance(result, Answer) else "failure"


def reason(result):
    assert isinstance(result, Failure)
    return result.reason


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 100])
def test_every_source_is_answered_exactly_once(network, coloured, count):
    results = dict(found := list(classify(network, map(coloured, range(count)))))
    assert len(found) == count
    assert sorted(results) == list(range(count))
    for position, answer in results.items():
        assert said(answer) == COLOURS[position % 3]
        assert answer.source.name == str(position)


def test_an_answer_holds_all_classes_and_the_upright_size(network, coloured, card):
    ((_, answer),) = classify(network, [coloured(1)])
    assert isinstance(answer, Answer)
    probabilities = [candidate.probability for candidate in answer.candidates]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1, abs=1e-5)
    assert {candidate.label for candidate in answer.candidates} == set(card.labels)
    assert answer.top(2) == answer.candidates[:2]
    assert answer.size == (40, 30)
    assert answer.placement.box == (0, 0, 1, 1)


def test_of_a_batch_every_picture_has_its_own_novelty(network, coloured, monkeypatch):
    """By which a stranger is told: that of its neighbour would let it pass."""
    run, batches = network.run, []

    def strange(pictures):
        batches.append(len(pictures))
        time.sleep(0.02)  # meanwhile others are read
        return dataclasses.replace(run(pictures), novelty=pictures[:, 0, 0, 0].astype(np.float32))

    monkeypatch.setattr(network, "run", strange)
    results: Any = in_order(classify(network, map(coloured, range(24))))
    assert [answer.novelty > 100 for answer in results] == [n % 3 == 0 for n in range(24)]
    assert max(batches) > 2


def test_failures_stand_in_their_place_and_the_rest_goes_on(network, coloured):
    sources = [coloured(number) for number in range(20)]
    sources[4] = Source.of(b"no picture", name="broken")
    sources[9] = Failure(Source.of(b"", name="early"), "Known before.")
    results = list(in_order(classify(network, sources)))
    assert [r.source.name for r in results[3:6]] == ["3", "broken", "5"]
    assert results[9] == sources[9]
    assert "not a picture" in reason(results[4])
    assert [said(r) for r in results].count("failure") == 2


def test_the_order_of_the_sources_is_kept(network, coloured, monkeypatch):
    def decode(source, at_least=None):
        time.sleep(0.002 * (-int(source.name) % 5))  # later ones overtake
        return images.decode(source, at_least)

    monkeypatch.setattr(readers, "decode", decode)
    results = in_order(classify(network, map(coloured, range(60))))
    assert [result.source.name for result in results] == [str(number) for number in range(60)]


def test_an_unforeseen_error_in_reading_fails_that_picture_only(network, coloured, monkeypatch):
    def decode(source, at_least=None):
        if source.name == "1":
            raise RuntimeError("what?")
        return images.decode(source, at_least)

    monkeypatch.setattr(readers, "decode", decode)
    results = list(in_order(classify(network, map(coloured, range(3)))))
    assert [said(result) for result in results] == ["red", "failure", "blue"]
    assert "what?" in reason(results[1])


def test_answers_stream_while_the_sources_are_still_coming(network, coloured):
    pulled = itertools.count()
    endless = (coloured(next(pulled)) for _ in itertools.repeat(None))
    results = in_order(classify(network, endless))
    for expected in range(50):
        assert next(results).source.name == str(expected)
    assert next(pulled) < 50 + 64  # it reads ahead, but not far


def test_slow_sources_are_answered_as_they_come(network, coloured):
    pulled = []

    def slow():
        for number in range(30):
            pulled.append(number)
            yield coloured(number)
            time.sleep(0.1)

    results = in_order(classify(network, slow()))
    for number in range(5):
        assert next(results).source.name == str(number)
        assert len(pulled) <= number + 6


def test_sources_that_have_nothing_yet_are_asked_again(network, coloured, monkeypatch):
    slow, asked = threading.Event(), itertools.count()

    def decode(source, at_least=None):
        if source.name == "0":
            slow.wait(30)
        return images.decode(source, at_least)

    def sources():
        yield coloured(0)
        while not slow.is_set():
            yield coloured(1) if next(asked) == 2 else None
        yield Failure(coloured(2), "Known before.")

    monkeypatch.setattr(readers, "decode", decode)
    results = []
    for position, result in classify(network, sources()):
        results.append((position, said(result)))
        slow.set()  # not before the second picture overtook the first
    assert results[0] == (1, "green")
    assert sorted(results[1:]) == [(0, "red"), (2, "failure")]


def test_two_threads_share_one_network(network, plain):
    pictures = np.random.default_rng(0).integers(0, 256, (40, 20, 30, 3), np.uint8)

    def probabilities():
        answers: Any = in_order(classify(network, map(Source.of, pictures)))
        return [{c.label.id: c.probability for c in answer.candidates} for answer in answers]

    alone = probabilities()
    together: list[list] = []
    threads = [threading.Thread(target=lambda: together.append(probabilities())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(together) == 3
    for answers in together:
        assert all(a == pytest.approx(b) for a, b in zip(answers, alone, strict=True))
