"""What the camera sees is named again and again, by the newest picture, without flickering."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from florapp.core.drawing import draw
from florapp.core.model_file import Calibration, Card
from florapp.core.network import Network, Outputs
from florapp.core.prediction import Answer, Candidate
from florapp.services.live import Live
from tests.services.sessions import WAIT

Names = list[Answer]


def seen(colour: str = "red") -> QImage:
    image = QImage(41, 30, QImage.Format.Format_RGB888)  # an odd width: its lines have gaps
    image.fill(QColor({"green": "lime"}.get(colour, colour)))
    return image


def drawn() -> QImage:
    pixels = draw("rose", 64, 48)
    return QImage(pixels.tobytes(), 64, 48, 192, QImage.Format.Format_RGB888).copy()


class Scripted:
    """A network that gives what the test hands it, when it does; the size asked is noted."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.told: queue.SimpleQueue[tuple[float, ...] | Exception] = queue.SimpleQueue()
        self.looked: list[np.ndarray] = []
        self.novelty = 0.0

    def run(self, images: np.ndarray) -> Outputs:
        self.looked.append(images)
        told = self.told.get(timeout=WAIT / 1000)
        if isinstance(told, Exception):
            raise told
        logits, shares = np.zeros((1, 3), np.float32), np.array([told], np.float32)
        return Outputs(logits, shares, novelty=np.array([self.novelty], np.float32))


@pytest.fixture
def live(qtbot: QtBot) -> Iterator[Live]:
    made = Live()
    yield made
    made.close()


@pytest.fixture
def names(live: Live) -> Names:
    heard: Names = []
    live.named.connect(heard.append)
    return heard


@pytest.fixture
def scripted(card: Card, live: Live) -> Any:
    network: Any = Scripted(card)
    live.use(network)
    live.start()
    return network


@pytest.fixture
def ask(qtbot: QtBot, live: Live, scripted: Any) -> Callable[..., tuple[Candidate, ...]]:
    """Return a function that has the network tell probabilities, and gives what is named."""

    def ask(*told: float) -> tuple[Candidate, ...]:
        scripted.told.put(told)
        with qtbot.waitSignal(live.named, timeout=WAIT) as signal:
            live.look(seen())
        assert signal.args is not None
        return signal.args[0].candidates

    return ask


@pytest.mark.parametrize("colour", ["red", "green", "blue"])
def test_the_picture_is_named_by_the_model(
    qtbot: QtBot, live: Live, tiny_model: Path, colour: str
) -> None:
    live.start()  # before there is a network
    live.look(seen(colour))
    live.use(Network(tiny_model))
    with qtbot.waitSignal(live.named, timeout=WAIT) as signal:
        live.look(seen(colour))
    assert signal.args is not None
    named = signal.args[0].candidates
    assert [named[0].label.id, len(named)] == [colour, 3]
    assert sum(candidate.probability for candidate in named) == pytest.approx(1, abs=1e-5)


def test_answers_are_smoothed_over_a_second(
    ask: Callable[..., tuple[Candidate, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("florapp.services.live.time.monotonic", lambda: now)
    ask(0.9, 0.1, 0.0)
    assert ask(0.7, 0.3, 0.0)[0].probability == pytest.approx(0.8)
    now += 1.5
    assert ask(0.6, 0.4, 0.0)[0].probability == pytest.approx(0.6)


def test_novelty_and_flaws_are_told_as_for_a_picture(
    qtbot: QtBot, live: Live, scripted: Any, changed_card: Callable[..., Card], learnt: Calibration
) -> None:
    scripted.card = changed_card(calibration=learnt)
    scripted.novelty = 9.0
    scripted.told.put((0.9, 0.1, 0.0))
    with qtbot.waitSignal(live.named, timeout=WAIT) as signal:
        live.look(drawn())
    assert signal.args is not None
    answer = signal.args[0]
    assert (answer.novelty, answer.flaw) == (9.0, None)
    assert answer.verdict.doubt == "strange"
    scripted.told.put((0.9, 0.1, 0.0))
    with qtbot.waitSignal(live.named, timeout=WAIT) as signal:
        live.look(seen("black"))
    assert signal.args is not None
    assert signal.args[0].verdict.doubt == "flaw"


def test_the_name_changes_only_when_another_leads_clearly(
    ask: Callable[..., tuple[Candidate, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("florapp.services.live.time.monotonic", lambda: now)

    def first(*told: float) -> list[str]:
        nonlocal now
        now += 2  # nothing is smoothed
        return [candidate.label.id for candidate in ask(*told)]

    assert first(0.5, 0.4, 0.1) == ["red", "green", "blue"]
    assert first(0.43, 0.47, 0.1) == ["red", "green", "blue"]
    assert first(0.32, 0.34, 0.34) == ["red", "green", "blue"]
    assert first(0.42, 0.48, 0.1) == ["green", "red", "blue"]
    assert first(0.47, 0.43, 0.1) == ["green", "red", "blue"]
    assert first(0.1, 0.1, 0.8) == ["blue", "red", "green"]


def test_of_pictures_that_come_too_fast_the_newest_is_named(
    qtbot: QtBot, live: Live, scripted: Any, names: Names
) -> None:
    live.look(seen("red"))
    qtbot.waitUntil(lambda: len(scripted.looked) == 1, timeout=WAIT)
    for _ in range(300):
        live.look(seen("blue"))
    live.look(seen("green"))
    for _ in range(2):
        scripted.told.put((1.0, 0.0, 0.0))
    qtbot.waitUntil(lambda: len(names) == 2, timeout=WAIT)
    assert len(scripted.looked) == 2
    assert scripted.looked[1].shape == (1, 32, 32, 3)
    assert scripted.looked[1][0, 16, 16].tolist() == [0, 255, 0]


def test_what_is_being_named_when_it_stops_is_dropped(
    qtbot: QtBot, live: Live, scripted: Any, names: Names
) -> None:
    live.look(seen())
    qtbot.waitUntil(lambda: len(scripted.looked) == 1, timeout=WAIT)
    live.look(seen())
    before = time.monotonic()
    live.stop()  # while the network is at work
    assert time.monotonic() - before < 1
    live.look(seen())
    live.start()
    scripted.told.put((1.0, 0.0, 0.0))
    qtbot.wait(200)
    assert names == [] and len(scripted.looked) == 1

    scripted.told.put((0.2, 0.8, 0.0))  # nothing is left of what came before the stop
    live.look(seen())
    qtbot.waitUntil(lambda: len(names) == 1, timeout=WAIT)
    assert names[0].best.label.id == "green"
    assert names[0].best.probability == pytest.approx(0.8)


def test_an_answer_on_its_way_when_it_stops_is_dropped(
    qtbot: QtBot, live: Live, scripted: Any, names: Names
) -> None:
    scripted.told.put((1.0, 0.0, 0.0))
    live.look(seen())
    deadline = time.monotonic() + WAIT / 1000
    while not scripted.told.empty() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)  # the answer waits in this thread's queue
    live.stop()
    qtbot.wait(100)
    assert names == []


def test_another_model_starts_anew(
    qtbot: QtBot, live: Live, scripted: Any, names: Names, tiny_model: Path
) -> None:
    live.look(seen())
    qtbot.waitUntil(lambda: len(scripted.looked) == 1, timeout=WAIT)
    live.use(Network(tiny_model))
    scripted.told.put((1.0, 0.0, 0.0))
    live.look(seen("blue"))
    qtbot.waitUntil(lambda: len(names) == 1, timeout=WAIT)
    assert names[0].best.label.id == "blue" and names[0].best.probability > 0.99


def test_a_model_that_fails_is_told_once_and_naming_waits_for_another(
    qtbot: QtBot,
    live: Live,
    make_model: Callable[..., Path],
    tiny_model: Path,
) -> None:
    heard: list[str] = []
    live.broken.connect(heard.append)
    live.use(Network(make_model(broken=True)))
    live.start()
    with qtbot.waitSignal(live.broken, timeout=WAIT):
        live.look(seen())
    live.look(seen())
    qtbot.wait(100)
    assert len(heard) == 1 and "cannot be run" in heard[0]

    live.use(Network(tiny_model))  # with another it goes on
    with qtbot.waitSignal(live.named, timeout=WAIT):
        live.look(seen())


def test_an_error_nobody_thought_of_is_told_and_raised(
    qtbot: QtBot, live: Live, scripted: Any
) -> None:
    scripted.told.put(ZeroDivisionError("by zero"))
    with (
        qtbot.captureExceptions() as raised,
        qtbot.waitSignal(live.broken, timeout=WAIT) as signal,
    ):
        live.look(seen())
    assert signal.args is not None and "by zero" in signal.args[0]
    assert [kind for kind, *_ in raised] == [ZeroDivisionError]


def test_nothing_is_told_after_the_end(
    qtbot: QtBot, live: Live, scripted: Any, names: Names
) -> None:
    live.look(seen())
    qtbot.waitUntil(lambda: len(scripted.looked) == 1, timeout=WAIT)
    live.close()
    scripted.told.put((1.0, 0.0, 0.0))
    live.look(seen())
    qtbot.waitUntil(
        lambda: not any(t.name == "florapp-live" for t in threading.enumerate()), timeout=WAIT
    )
    qtbot.wait(50)
    assert names == []
