"""Pictures are added, looked at, stopped and removed, all behind the window."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from florapp.classifier import Classifier
from florapp.core import images
from florapp.core.network import Network
from florapp.core.prediction import Answer, Failure
from florapp.core.source import Source
from florapp.services.inference import Inference
from florapp.services.pictures import State
from florapp.services.session import Session
from tests.services.sessions import WAIT, all_answered, best

Plain = Callable[..., np.ndarray]


def test_files_and_folders_are_answered_in_their_order(
    qtbot: QtBot, session: Session, save: Callable[[str, str], Path], tiny_model: Path
) -> None:
    single = save("Grüße 花.png", "green")
    folder = save("many/1.png", "red").parent
    save("many/2.png", "blue")
    (folder / "3.png").write_bytes(b"")
    session.add_paths([single, folder, folder / "nowhere.png"])
    qtbot.waitUntil(all_answered(session), timeout=WAIT)

    assert best(session) == ["green", "red", "blue", "FAILED", "FAILED"]
    reasons = [e.result.reason for e in session.pictures if isinstance(e.result, Failure)]
    assert "zero bytes" in reasons[0] and "no such file" in reasons[1]
    entry = session.pictures.entry(0)
    assert entry is not None and isinstance(entry.result, Answer)
    assert entry.result.best == Classifier(tiny_model).classify(single).best
    assert entry.thumbnail is not None and (entry.thumbnail.width(), entry.thumbnail.height()) == (
        40,
        30,
    )


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

    monkeypatch.setattr("florapp.core.pipeline.decode", counted)
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


def test_pictures_added_before_the_model_is_there_are_answered_when_it_is(
    qtbot: QtBot, plain: Plain, tiny_model: Path
) -> None:
    session = Session()
    session.add_sources([Source("a", plain("red")), Source("b", plain("blue"))])
    assert session.pictures.waiting == 2
    session.open_model(tiny_model)
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert best(session) == ["red", "blue"]
    session.close()


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priorities of their own")
def test_whatever_works_behind_the_window_lets_it_go_first(
    qtbot: QtBot, plain: Plain, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, int] = {}

    def nice() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def noting(name: str, real: Callable[..., Any]) -> None:
        def work(*arguments: Any) -> Any:
            seen[name] = nice()
            return real(*arguments)

        monkeypatch.setattr(name, work)

    noting("florapp.core.network.Network", Network)  # onnxruntime's threads inherit it
    noting("florapp.core.pipeline.decode", images.decode)
    noting("florapp.core.images.decode", images.decode)  # for the screen
    before, session = nice(), Session()
    session.open_model(tiny_model)
    session.add_sources([Source("a", plain("red"))])
    session.look_at(0, 200)
    qtbot.waitUntil(lambda: len(seen) == 3 and session.pictures.waiting == 0, timeout=WAIT)
    session.close()
    assert nice() == before
    assert set(seen.values()) == {max(before, 10)}


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the reading of pictures called "slow" wait for this, for the network and the screen."""
    go, real = threading.Event(), images.decode

    def decode(source: Source, at_least: int | None = None) -> images.Picture:
        if source.name.startswith("slow"):
            go.wait(30)
        return real(source, at_least)

    monkeypatch.setattr("florapp.core.pipeline.decode", decode)
    monkeypatch.setattr("florapp.core.images.decode", decode)
    yield go
    go.set()


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


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """When each picture, by its name, began to be read for the network; in that order."""
    begun: dict[str, float] = {}
    decode = images.decode

    def noting(source: Source, at_least: int | None = None) -> images.Picture:
        begun[source.name] = time.monotonic()
        return decode(source, at_least)

    monkeypatch.setattr("florapp.core.pipeline.decode", noting)
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


def test_the_view_goes_to_the_first_of_a_drop_and_to_what_comes_when_it_is_empty(
    session: Session, plain: Plain
) -> None:
    rows: list[int] = []
    session.added.connect(rows.append)
    session.added.connect(lambda row: session.look_at(row, 200))
    for first in (True, False, True, False):
        session.add_sources([Source("a", plain("red")), Source("b", plain("red"))], first)
    assert rows == [0, 4]
    session.remove(range(8))
    session.look_at(-1, 200)
    session.add_sources([Source("late", plain("red"))], False)
    assert rows == [0, 4, 0]


def test_removed_pictures_are_forgotten(qtbot: QtBot, session: Session, plain: Plain) -> None:
    session.stop()
    session.add_sources(Source(f"{i}", plain("red")) for i in range(4))
    session.remove([0, 2])
    session.go_on()
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert [entry.name for entry in session.pictures] == ["1", "3"]


def test_the_picture_looked_at_is_decoded_for_the_screen(
    qtbot: QtBot, session: Session, save: Callable[[str, str], Path], plain: Plain
) -> None:
    session.add_sources([Source("large", plain("blue", 900, 600)), Source("small", plain("red"))])
    with qtbot.waitSignal(session.picture_ready, timeout=WAIT) as shown:
        session.look_at(0, 300)
    assert (shown.args[0].width(), shown.args[0].height()) == (300, 200)
    with qtbot.waitSignal(session.picture_ready, timeout=WAIT) as shown:
        session.look_closer(600)
    assert shown.args[0].width() == 600
    with qtbot.waitSignal(session.picture_ready, timeout=WAIT) as shown:
        session.look_at(1, 300)
    assert (shown.args[0].width(), shown.args[0].pixelColor(5, 5).name()) == (40, "#ff0000")


def lanes() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "florapp-lane"}


def test_closing_ends_at_once_whatever_is_being_read(
    qtbot: QtBot, tiny_model: Path, plain: Plain, go: threading.Event
) -> None:
    others = lanes()
    session = Session()
    with qtbot.waitSignal(session.model_opened, timeout=WAIT):
        session.open_model(tiny_model)
    session.add_sources(Source(f"slow {i}", plain("red")) for i in range(3))
    session.look_at(1, 200)
    qtbot.wait(300)
    heard: list[object] = []
    session.progress_changed.connect(lambda: heard.append("progress"))
    session.picture_ready.connect(heard.append)

    own = lanes() - others
    assert len(own) == 2
    began = time.monotonic()
    session.close()
    assert time.monotonic() - began < 0.5
    for lane in own:
        lane.join(10)
    assert not any(lane.is_alive() for lane in own)
    go.set()
    qtbot.wait(300)
    assert heard == []
    assert session.pictures.waiting == 3
