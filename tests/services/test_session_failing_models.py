"""A model that fails in use, or is in use no more, loses no picture and leaves no answer behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from florapp.core.errors import ModelFileError
from florapp.core.network import Network, Outputs
from florapp.core.source import Source
from florapp.services.session import Session
from tests.services.sessions import WAIT, all_answered, best

Plain = Callable[..., np.ndarray]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """As long as this is set, the tiny model, already opened, fails: late, and when it is told."""
    failing, real = threading.Event(), Network.run

    def run(network: Network, images: np.ndarray) -> Outputs:
        if network.card.title == "Tiny colours" and failing.is_set():
            raise ModelFileError("It fails.")
        return real(network, images)

    monkeypatch.setattr(Network, "run", run)
    yield failing


def test_a_model_that_fails_later_leaves_the_pictures_waiting_for_a_better_one(
    qtbot: QtBot,
    session: Session,
    plain: Plain,
    failing: threading.Event,
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
) -> None:
    failing.set()
    with qtbot.waitSignal(session.model_refused, timeout=WAIT) as refused:
        session.add_sources(Source(f"{i}", plain("red")) for i in range(3))
        session.look_at(1, 200)
    assert refused.args == [session.model_path, "It fails."]
    assert (session.stopped, session.pictures.waiting, session.broken) == (True, 3, True)

    session.open_model(make_model(card=changed_card(title="Better")))
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert best(session) == ["red"] * 3
    assert not session.stopped
    assert not session.broken


def test_what_a_model_failed_at_is_answered_when_it_goes_on(
    qtbot: QtBot, session: Session, plain: Plain, failing: threading.Event
) -> None:
    failing.set()
    with qtbot.waitSignal(session.model_refused, timeout=WAIT):
        session.add_sources(Source(f"{i}", plain("red")) for i in range(3))
    failing.clear()
    session.go_on()
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert best(session) == ["red"] * 3


def test_a_model_that_failed_is_tried_again_when_it_is_opened_again(
    qtbot: QtBot, session: Session, plain: Plain, failing: threading.Event
) -> None:
    failing.set()
    with qtbot.waitSignal(session.model_refused, timeout=WAIT):
        session.add_sources([Source("a", plain("red"))])
    failing.clear()
    with qtbot.waitSignal(session.model_opened, timeout=5000):
        session.open_model(session.model_path)
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert best(session) == ["red"]


def test_what_the_user_stopped_stays_so_under_another_model(
    qtbot: QtBot,
    session: Session,
    plain: Plain,
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
) -> None:
    session.stop()
    session.add_sources([Source("a", plain("red"))])
    with qtbot.waitSignal(session.model_opened, timeout=WAIT):
        session.open_model(make_model(card=changed_card(title="Another")))
    assert session.stopped


def test_a_model_that_fails_when_it_is_no_more_in_use_changes_nothing(
    qtbot: QtBot,
    session: Session,
    plain: Plain,
    monkeypatch: pytest.MonkeyPatch,
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
) -> None:
    running, go, ended, real = threading.Event(), threading.Event(), threading.Event(), Network.run

    def run(network: Network, images: np.ndarray) -> Outputs:
        if network.card.title != "Tiny colours":
            return real(network, images)
        running.set()
        go.wait(30)
        ended.set()
        raise ModelFileError("It fails.")

    refused: list[object] = []
    session.model_refused.connect(lambda *both: refused.append(both))
    monkeypatch.setattr(Network, "run", run)
    session.add_sources([Source("a", plain("red"))])
    assert running.wait(30)
    with qtbot.waitSignal(session.model_opened, timeout=WAIT):
        session.open_model(make_model(card=changed_card(title="Better")))
    go.set()
    assert ended.wait(30)
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    qtbot.wait(200)
    assert refused == []
    assert not session.stopped


def test_an_answer_of_a_model_that_is_no_more_in_use_is_dropped(
    qtbot: QtBot,
    session: Session,
    plain: Plain,
    monkeypatch: pytest.MonkeyPatch,
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
) -> None:
    running, go, later, real = threading.Event(), threading.Event(), threading.Event(), Network.run

    def run(network: Network, images: np.ndarray) -> Outputs:
        if network.card.title == "Tiny colours":
            running.set()
            go.wait(30)
        elif images.any():  # else it is tried
            later.wait(30)
        return real(network, images)

    monkeypatch.setattr(Network, "run", run)
    session.add_sources([Source("a", plain("red"))])
    assert running.wait(30)
    with qtbot.waitSignal(session.model_opened, timeout=WAIT):
        session.open_model(make_model(card=changed_card(title="Newer")))
    go.set()
    qtbot.wait(200)
    assert session.pictures.waiting == 1
    later.set()
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert best(session) == ["red"]


def test_an_unforeseen_error_in_a_lane_loses_no_picture_and_is_reported(
    qtbot: QtBot, session: Session, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def classify(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch, qtbot.captureExceptions() as reported:
        patch.setattr("florapp.core.pipeline.classify", classify)
        with qtbot.waitSignal(session.model_refused, timeout=WAIT) as refused:
            session.add_sources([Source("a", plain("red")), Source("b", plain("blue"))])
        session.look_at(1, 200)
        qtbot.waitUntil(lambda: len(reported) == 2, timeout=WAIT)
    assert "can't start new thread" in refused.args[1]
    assert (session.stopped, session.pictures.waiting) == (True, 2)
    session.go_on()
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert best(session) == ["red", "blue"]
