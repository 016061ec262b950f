"""Another model answers, cannot be opened, or fails later: no picture is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from florapp.core.prediction import Answer
from florapp.core.source import Source
from florapp.services import models
from florapp.services.session import Session
from tests.services.sessions import WAIT, all_answered, best

Plain = Callable[..., np.ndarray]


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
            assert session.opening
        assert refused.args[0] == wrong and why in refused.args[1]
        assert not session.opening
    assert entry.result.best.probability == before

    with qtbot.waitSignal(session.model_opened, timeout=WAIT):
        session.open_model(make_model(card=changed_card(temperature=8.0, title="Cooler")))
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert session.card is not None and session.card.title == "Cooler"
    assert entry.result.best.probability < before


def test_a_model_file_that_was_written_anew_is_opened_anew(
    qtbot: QtBot,
    session: Session,
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
) -> None:
    """As after another training, under the same name."""
    path = make_model(card=changed_card(title="Before"))
    for title in ("Before", "After"):
        make_model(card=changed_card(title=title)).replace(path)
        with qtbot.waitSignal(session.model_opened, timeout=WAIT):
            session.open_model(path)
        assert session.card is not None and session.card.title == title


def test_a_model_that_comes_with_pictures_answers_them(
    qtbot: QtBot,
    session: Session,
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
    save: Callable[[str, str], Path],
) -> None:
    model = make_model(card=changed_card(title="Dropped"))
    with qtbot.waitSignal(session.model_opened, timeout=WAIT):
        session.add_paths([save("red.png", "red"), model])
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    assert session.card is not None and session.card.title == "Dropped"
    assert [entry.name for entry in session.pictures] == ["red.png"]


def test_a_model_that_opens_and_cannot_be_run_is_refused(
    qtbot: QtBot, session: Session, make_model: Callable[..., Path]
) -> None:
    with qtbot.waitSignal(session.model_refused, timeout=WAIT) as refused:
        session.open_model(make_model(broken=True))
    assert "cannot be run" in refused.args[1]


def test_whether_a_model_is_being_opened_is_known(qtbot: QtBot, tiny_model: Path) -> None:
    session = Session()
    seen: list[tuple[bool, bool]] = []
    session.progress_changed.connect(lambda: seen.append((session.opening, session.card is None)))
    assert not session.opening
    with qtbot.waitSignal(session.model_refused, timeout=WAIT):
        session.open_model(tiny_model.with_name("gone.onnx"))
    qtbot.waitUntil(lambda: len(seen) == 2)
    with qtbot.waitSignal(session.model_opened, timeout=WAIT):
        session.open_model(tiny_model)
    qtbot.waitUntil(lambda: len(seen) == 4)
    assert seen == [(True, True), (False, True), (True, True), (False, False)]
    session.close()


class Opening:
    """The opening of a model that takes as long as the test wants it to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._go, self._ended, real = threading.Event(), threading.Event(), models._tried

        def tried(*arguments: Any) -> Any:
            self._go.wait(30)
            try:
                return real(*arguments)
            finally:
                self._ended.set()

        monkeypatch.setattr(models, "_tried", tried)

    def end(self, qtbot: QtBot) -> None:
        """Let it end, and its result arrive."""
        self._go.set()
        assert self._ended.wait(30)
        qtbot.wait(200)


@pytest.mark.parametrize("gone", [False, True])
def test_cancelling_leaves_the_model_in_use_whatever_comes_of_the_other(
    qtbot: QtBot,
    session: Session,
    plain: Plain,
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    gone: bool,
) -> None:
    opening, before = Opening(monkeypatch), (session.card, session.model_path)
    other = make_model(card=changed_card(title="Other"))
    heard: list[object] = []
    session.model_opened.connect(lambda: heard.append("opened"))
    session.model_refused.connect(lambda *both: heard.append(both))
    session.open_model(other.with_name("gone.onnx") if gone else other)
    with qtbot.waitSignal(session.progress_changed):
        session.cancel_opening()
    assert not session.opening
    session.add_sources([Source("a", plain("red"))])
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    opening.end(qtbot)
    assert heard == [] and (session.card, session.model_path) == before
    assert best(session) == ["red"]


def test_what_is_opened_after_cancelling_answers(
    qtbot: QtBot, plain: Plain, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session()
    with monkeypatch.context() as patch:
        opening = Opening(patch)
        session.open_model(tiny_model.with_name("gone.onnx"))
        session.cancel_opening()
    assert session.card is None
    session.add_sources([Source("a", plain("red"))])
    session.open_model(tiny_model)
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    opening.end(qtbot)
    assert (best(session), session.model_path, session.opening) == (["red"], tiny_model, False)
    session.close()


def test_an_unforeseen_error_in_opening_a_model_refuses_it_and_is_reported(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(*_: object) -> None:
        raise LookupError("no such petal")

    monkeypatch.setattr("florapp.services.models._tried", tried)
    with (
        qtbot.captureExceptions() as reported,
        qtbot.waitSignal(session.model_refused, timeout=WAIT) as refused,
    ):
        session.open_model(None)
    assert "no such petal" in refused.args[1]
    assert not session.opening
    assert [str(error) for _, error, _ in reported] == ["no such petal"]
