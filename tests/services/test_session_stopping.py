"""Work and searches that are stopped, or fail: what was found stays, and the rest goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from florapp.core import folders
from florapp.core.prediction import Failure
from florapp.core.source import Source
from florapp.services.session import Session
from tests.services.sessions import WAIT, all_answered, best

Plain = Callable[..., np.ndarray]


def test_stopped_work_waits_until_it_goes_on_and_the_picture_looked_at_does_not(
    qtbot: QtBot, session: Session, plain: Plain
) -> None:
    session.stop()
    session.add_sources(Source(f"{i}", plain("green")) for i in range(5))
    session.look_at(3, 200)
    qtbot.waitUntil(lambda: session.pictures.waiting == 4, timeout=WAIT)
    qtbot.wait(300)
    assert best(session) == ["WAITING"] * 3 + ["green", "WAITING"]
    session.go_on()
    qtbot.waitUntil(all_answered(session), timeout=WAIT)


def test_a_search_that_is_stopped_keeps_what_it_found(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    searching = threading.Event()

    def endless(*_: object) -> Iterator[Source]:
        while True:
            searching.wait(0.02)
            yield Source("a", b"")

    monkeypatch.setattr("florapp.core.folders.sources_in", endless)
    session.add_paths([Path("anywhere")])
    qtbot.waitUntil(lambda: len(session.pictures) > 3, timeout=WAIT)
    session.stop()
    qtbot.waitUntil(lambda: not session.searching, timeout=WAIT)
    found = len(session.pictures)
    qtbot.wait(200)
    assert len(session.pictures) == found
    last = session.pictures.entry(found - 1)
    assert last is not None and isinstance(last.result, Failure)
    assert "Open it again for the rest" in last.result.reason


def test_a_file_behind_a_search_that_is_stopped_comes_all_the_same(
    qtbot: QtBot,
    session: Session,
    save: Callable[[str, str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    single, folder = save("single.png", "green"), save("folder/a.png", "red").parent
    go, real = threading.Event(), folders.sources_in

    def sources_in(paths: list[Path], *_: object) -> Iterator[Source | Failure]:
        if paths == [Path("slow")]:
            yield Source("found", b"")
            go.wait(30)
            yield Source("too late", b"")
        else:
            yield from real(paths)

    monkeypatch.setattr("florapp.core.folders.sources_in", sources_in)
    session.add_paths([Path("slow")])
    session.add_paths([folder, single])
    qtbot.waitUntil(lambda: len(session.pictures) == 1, timeout=WAIT)  # though the search goes on
    session.stop()
    qtbot.waitUntil(lambda: not session.searching, timeout=WAIT)
    assert [entry.name for entry in session.pictures] == ["found", "slow", "folder", "single.png"]
    entry = session.pictures.entry(2)
    assert entry is not None and isinstance(entry.result, Failure)
    assert "stopped before this folder" in entry.result.reason
    go.set()


def test_stop_asks_a_disk_that_hangs_for_nothing_more(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back, is_dir = threading.Event(), Path.is_dir

    def gone(path: Path) -> bool:
        if path.is_relative_to(tmp_path):
            back.wait(30)
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", gone)
    session.add_paths([tmp_path / name for name in ("one", "two", "three")])
    qtbot.wait(150)
    session.stop()
    qtbot.waitUntil(lambda: not session.searching, timeout=5000)
    back.set()
    assert [entry.name for entry in session.pictures] == ["one", "two", "three"]


@pytest.mark.parametrize("error", [OSError("unplugged"), RecursionError("too deep")])
def test_a_search_that_fails_is_told_and_the_rest_goes_on(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def sources_in(paths: list[Path], *_: object) -> Iterator[Source]:
        yield Source(f"in {paths[0]}", b"")
        if paths == [Path("bad")]:
            raise error

    monkeypatch.setattr("florapp.core.folders.sources_in", sources_in)
    session.add_paths([Path("bad"), Path("good")])
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert [entry.name for entry in session.pictures] == ["in bad", "bad", "in good"]
    entry = session.pictures.entry(1)
    assert entry is not None and isinstance(entry.result, Failure)
    assert str(error) in entry.result.reason


def test_what_was_stopped_and_has_ended_does_not_stop_what_comes_later(
    qtbot: QtBot, session: Session, plain: Plain
) -> None:
    session.stop()
    session.add_sources([Source("a", plain("red"))])
    session.look_at(0, 200)
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert not session.stopped
    session.add_sources(Source(f"{i}", plain("green")) for i in range(3))
    qtbot.waitUntil(all_answered(session), timeout=10_000)
