"""Pictures are added, looked at and removed; models change; all behind the window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from florapp.classifier import Classifier
from florapp.core import images
from florapp.core.prediction import Answer, Failure
from florapp.core.source import Source
from florapp.services.pictures import State
from florapp.services.session import Session

Plain = Callable[..., np.ndarray]
WAIT = 60_000  # milliseconds; the machine may be busy


@pytest.fixture
def session(qtbot: QtBot, tiny_model: Path) -> Iterator[Session]:
    made = Session()
    with qtbot.waitSignal(made.model_opened, timeout=WAIT):
        made.open_model(tiny_model)
    yield made
    made.close()


@pytest.fixture
def save(tmp_path: Path, plain: Plain) -> Callable[[str, str], Path]:
    def save(name: str, colour: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(plain(colour)).save(path)
        return path

    return save


def best(session: Session) -> list[str]:
    return [
        entry.result.best.label.id if isinstance(entry.result, Answer) else entry.state.name
        for entry in session.pictures
    ]


def all_answered(session: Session) -> Callable[[], bool]:
    return lambda: not session.searching and session.pictures.waiting == 0


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


def test_the_picture_looked_at_overtakes_all_others(
    qtbot: QtBot, session: Session, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, real = threading.Event(), images.decode

    def slow(source: Source, at_least: int | None = None) -> images.Picture:
        if source.name != "wanted":
            go.wait(30)
        return real(source, at_least)

    monkeypatch.setattr("florapp.core.pipeline.decode", slow)
    session.add_sources(Source(f"{i}", plain("red")) for i in range(100))
    session.add_sources([Source("wanted", plain("blue"))])
    session.look_at(100, 200)
    qtbot.waitUntil(lambda: session.pictures.waiting < 101, timeout=WAIT)

    assert session.looked_at is not None and session.looked_at.state is State.ANSWERED
    assert session.pictures.waiting == 100
    go.set()
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert best(session) == ["red"] * 100 + ["blue"]


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

    def endless(paths: object) -> Iterator[Source]:
        while True:
            searching.wait(0.02)
            yield Source("a", b"")

    monkeypatch.setattr("florapp.services.gather.sources_in", endless)
    session.add_paths([Path("anywhere")])
    qtbot.waitUntil(lambda: len(session.pictures) > 3, timeout=WAIT)
    session.stop()
    qtbot.waitUntil(lambda: not session.searching, timeout=WAIT)
    found = len(session.pictures)
    qtbot.wait(200)
    assert len(session.pictures) == found


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


def test_another_model_answers_everything_anew_and_a_wrong_one_changes_nothing(
    qtbot: QtBot,
    session: Session,
    plain: Plain,
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
    tmp_path: Path,
) -> None:
    session.add_sources([Source("a", plain("red"))])
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    entry = session.pictures.entry(0)
    assert entry is not None and isinstance(entry.result, Answer)
    before = entry.result.best.probability

    (tmp_path / "text.onnx").write_text("no model")
    for wrong, why in (
        (tmp_path / "text.onnx", "not an ONNX model"),
        (make_model(metadata={}), "not a FlorApp model"),
        (tmp_path / "gone.onnx", "no model file"),
    ):
        with qtbot.waitSignal(session.model_refused, timeout=WAIT) as refused:
            session.open_model(wrong)
        assert refused.args[0] == wrong and why in refused.args[1]
    assert entry.result.best.probability == before

    with qtbot.waitSignal(session.model_opened, timeout=WAIT):
        session.open_model(make_model(card=changed_card(temperature=8.0, title="Cooler")))
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert session.card is not None and session.card.title == "Cooler"
    assert entry.result.best.probability < before


def test_a_model_that_opens_and_cannot_be_run_is_refused(
    qtbot: QtBot, session: Session, make_model: Callable[..., Path]
) -> None:
    with qtbot.waitSignal(session.model_refused, timeout=WAIT) as refused:
        session.open_model(make_model(broken=True))
    assert "cannot be run" in refused.args[1]


def test_closing_ends_at_once_whatever_is_being_read(
    qtbot: QtBot, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = threading.Event()
    monkeypatch.setattr("florapp.core.pipeline.decode", lambda *_: hanging.wait(60))
    session = Session()
    session.open_model(tiny_model)
    session.add_sources([Source("a", b""), Source("b", b"")])
    before = set(threading.enumerate())
    session.close()
    hanging.set()
    assert all(thread.daemon for thread in before if thread is not threading.main_thread())
