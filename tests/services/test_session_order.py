"""In which order pictures are read: the one looked at first, and none waits for one that hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from florapp.core import images
from florapp.core.network import Network
from florapp.core.source import Source
from florapp.services.display import Display
from florapp.services.inference import Inference
from florapp.services.pictures import State
from florapp.services.session import Session
from tests.services.sessions import WAIT, all_answered, best

Plain = Callable[..., np.ndarray]


def test_the_picture_looked_at_is_read_once_though_it_is_in_two_queues(
    qtbot: QtBot, tiny_model: Path, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    answered: list[int] = []
    decode = images.decode

    def counted(source: Source, at_least: int | None = None) -> images.Picture:
        read.append(source.name)
        time.sleep(0.005)
        return decode(source, at_least)

    monkeypatch.setattr("florapp.core.readers.decode", counted)
    inference = Inference()
    inference.answered.connect(lambda key, _: answered.append(key))
    inference.use(Network(tiny_model))
    for key in range(30):
        source = Source(str(key), plain("red"))
        inference.prefer(key, source)
        inference.ask([(key, source)])
        qtbot.waitUntil(lambda: len(answered) > key, timeout=WAIT)  # noqa: B023
    inference.close()
    assert [int(name) for name in read] == answered == list(range(30))


def test_the_picture_looked_at_overtakes_all_others(
    qtbot: QtBot, session: Session, plain: Plain, go: threading.Event
) -> None:
    session.add_sources(Source(f"slow {i}", plain("red")) for i in range(100))
    session.add_sources([Source("wanted", plain("blue"))])
    session.look_at(50, 200)
    qtbot.wait(300)  # its lane is busy now
    session.look_at(100, 200)
    qtbot.waitUntil(lambda: session.pictures.waiting < 101, timeout=10_000)

    assert session.looked_at is not None and session.looked_at.state is State.ANSWERED
    assert session.pictures.waiting == 100
    go.set()
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert best(session) == ["red"] * 100 + ["blue"]


def test_the_window_has_its_turn_before_the_picture_looked_at_is_read(
    qtbot: QtBot, session: Session, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    monkeypatch.setattr(Inference, "prefer", lambda _, key, source: read.append(key))
    monkeypatch.setattr(Display, "show", lambda _, key, source, longest: read.append(key))
    session.stop()
    session.add_sources(Source(name, plain("red")) for name in "ab")
    session.look_at(0, 200)
    session.look_at(1, 200)
    assert not read
    qtbot.waitUntil(lambda: bool(read))
    assert read == [list(session.pictures)[1].key] * 2  # what was passed by is left out


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """When each picture, by its name, began to be read for the network; in that order."""
    begun: dict[str, float] = {}
    decode = images.decode

    def noting(source: Source, at_least: int | None = None) -> images.Picture:
        begun[source.name] = time.monotonic()
        return decode(source, at_least)

    monkeypatch.setattr("florapp.core.readers.decode", noting)
    return begun


def test_the_first_picture_of_a_drop_has_a_moment_to_itself(
    qtbot: QtBot, session: Session, plain: Plain, begun: dict[str, float]
) -> None:
    dropped = time.monotonic()
    session.added.connect(lambda row: session.look_at(row, 0))
    session.add_sources(Source(name, plain("red")) for name in ("first", "second", "removed"))
    session.add_sources([Source("more of it", plain("red"))], first=False)
    session.remove([2])
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert set(begun) == {"first", "second", "more of it"}
    assert next(iter(begun)) == "first"
    assert min(begun["second"], begun["more of it"]) - dropped > 0.25


def test_drop_upon_drop_does_not_make_the_moment_longer(
    qtbot: QtBot, session: Session, plain: Plain
) -> None:
    session.added.connect(lambda row: session.look_at(row, 0))
    for _ in range(15):
        session.add_sources(Source(name, plain("red")) for name in ("first", "second"))
        qtbot.wait(150)
    answered = [entry.name for entry in session.pictures if entry.result is not None]
    assert answered.count("second") > 5  # long before the last drop


def test_what_waited_for_the_model_begins_with_the_picture_looked_at(
    qtbot: QtBot, plain: Plain, tiny_model: Path, begun: dict[str, float]
) -> None:
    session = Session()
    session.add_sources(Source(name, plain("red")) for name in "abcd")
    session.look_at(2, 0)
    session.open_model(tiny_model)
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    session.close()
    assert next(iter(begun)) == "c" and sorted(begun) == ["a", "b", "c", "d"]


def test_a_first_picture_that_hangs_holds_up_the_rest_for_a_moment_only(
    qtbot: QtBot, session: Session, plain: Plain, go: threading.Event
) -> None:
    session.added.connect(lambda row: session.look_at(row, 0))
    session.add_sources(Source(name, plain("blue")) for name in ("slow", "a", "b"))
    qtbot.waitUntil(lambda: session.pictures.waiting == 1, timeout=10_000)
    assert best(session) == ["WAITING", "blue", "blue"]


def test_a_slow_picture_holds_up_none_that_are_added_later(
    qtbot: QtBot, session: Session, plain: Plain, go: threading.Event
) -> None:
    session.add_sources([Source("slow", plain("red"))])
    qtbot.wait(300)
    session.add_sources(Source(f"{i}", plain("blue")) for i in range(4))
    qtbot.waitUntil(lambda: session.pictures.waiting == 1, timeout=10_000)
    assert best(session) == ["WAITING"] + ["blue"] * 4


def test_a_picture_looked_at_again_while_it_is_read_is_answered_as_ever(
    qtbot: QtBot, session: Session, plain: Plain, go: threading.Event
) -> None:
    session.stop()  # so that the lane of the picture looked at has them alone
    session.add_sources(Source(name, plain("green")) for name in ("slow", "b", "c"))
    for row in (0, 1, 0):
        session.look_at(row, 200)
        qtbot.wait(200)
    go.set()
    qtbot.waitUntil(lambda: session.pictures.waiting == 1, timeout=10_000)
    session.look_at(2, 200)
    qtbot.waitUntil(lambda: session.pictures.waiting == 0, timeout=10_000)
    assert best(session) == ["green"] * 3


def test_a_picture_that_hangs_holds_up_the_screen_for_a_moment_only(
    qtbot: QtBot,
    session: Session,
    plain: Plain,
    go: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("florapp.services.display._PATIENCE", 0.5)
    session.add_sources([Source("slow", plain("red")), Source("b", plain("blue"))])
    session.look_at(0, 200)
    qtbot.wait(100)
    with qtbot.waitSignal(session.picture_ready, timeout=10_000) as shown:
        session.look_at(1, 200)
    assert shown.args[0].pixelColor(5, 5).name() == "#0000ff"
