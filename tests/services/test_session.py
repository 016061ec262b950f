"""Pictures are added, looked at, stopped and removed, all behind the window."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
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
    assert (entry.thumbnail.width(), entry.thumbnail.height()) == (40, 30)


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
    noting("florapp.core.readers.decode", images.decode)
    noting("florapp.core.images.decode", images.decode)  # for the screen
    before, session = nice(), Session()
    session.open_model(tiny_model)
    session.add_sources([Source("a", plain("red"))])
    session.look_at(0, 200)
    qtbot.waitUntil(lambda: len(seen) == 3 and session.pictures.waiting == 0, timeout=WAIT)
    session.close()
    assert nice() == before
    assert set(seen.values()) == {max(before, 10)}


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
