"""Other models answer, are remembered, and are told of when they cannot be opened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QMenu,
)
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from florapp.core.processors import Unsuitable
from florapp.core.source import Source
from florapp.services.settings import Settings
from florapp.ui.main_window import MainWindow
from tests.ui.hands import (
    WAIT,
    button,
    drop,
    entries,
    mime_of,
    open_window,
    said,
)

Plain = Callable[..., np.ndarray]
Save = Callable[[str, str], Path]


def test_another_model_answers_and_is_remembered(
    qtbot: QtBot,
    window: MainWindow,
    settings: Settings,
    save: Save,
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    drop(window, mime_of(save("a.png", "red")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    before = said(window)
    (tmp_path / "letter.onnx").write_text("Dear Sir")
    chosen = tmp_path / "letter.onnx"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a: (str(chosen), ""))
    window.actions_.open_model.trigger()
    qtbot.waitUntil(lambda: "not an ONNX model" in window.workspace.messages.text(), timeout=WAIT)
    assert said(window) == before
    window.workspace.messages.close_message()

    chosen = make_model(card=changed_card(temperature=20.0, title="Cooler"))
    window.actions_.open_model.trigger()
    qtbot.waitUntil(lambda: "Cooler" in window.workspace.messages.text(), timeout=WAIT)
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    assert said(window) != before
    assert settings.model == str(chosen) and settings.models[0] == str(chosen)
    window.actions_.show_card.trigger()
    card = next(w for w in QApplication.topLevelWidgets() if w.windowTitle() == "Cooler")
    assert card.isVisible()
    card.close()
    qtbot.waitUntil(lambda: not Shiboken.isValid(card), timeout=WAIT)


def test_why_the_model_does_not_run_on_what_else_there_is_is_told(
    qtbot: QtBot,
    window: MainWindow,
    save: Save,
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_use(*_: object, **__: object) -> None:
        raise Unsuitable("{0} answers differently: the processor is used.", "CUDA")

    monkeypatch.setattr("florapp.core.network.faster", no_use)
    drop(window, mime_of(make_model(card=changed_card(temperature=20.0, title="Cooler"))))
    qtbot.waitUntil(lambda: "CUDA answers diff" in window.workspace.messages.text(), timeout=WAIT)
    window.workspace.messages.close_message()
    drop(window, mime_of(save("a.png", "red")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)


def test_a_remembered_model_that_is_gone_is_told_of_once(
    qtbot: QtBot,
    qapp: QApplication,
    settings: Settings,
    save: Save,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("florapp.services.models.shipped_model", lambda: tiny_model)
    monkeypatch.setattr("florapp.core.folders.sources_in", endless)
    settings.model = str(tmp_path / "gone.onnx")
    settings.remember(settings.model)
    window = open_window(qtbot, qapp, settings)
    drop(window, mime_of(save("a.png", "red")))
    qtbot.waitUntil(lambda: "gone.onnx" in window.workspace.messages.text(), timeout=WAIT)
    assert "taken it off the Model menu" in window.workspace.messages.text()
    assert (settings.model, settings.models) == ("", ())
    reason = "No model is open. Choose one in the Model menu."
    qtbot.waitUntil(lambda: said(window) == f"No answer: {reason}", timeout=WAIT)
    qtbot.waitUntil(window.workspace.progress.isVisible, timeout=WAIT)
    assert window.workspace.progress.label.text() == reason
    button(window.workspace.progress, "Stop").click()
    qtbot.waitUntil(lambda: not window.workspace.progress.button.isVisible(), timeout=WAIT)
    found = len(entries(window))
    qtbot.wait(300)
    assert len(entries(window)) == found

    button(window.workspace.messages, "Use FlorApp's own").click()
    qtbot.waitUntil(lambda: said(window).startswith("Answer: "), timeout=WAIT)
    assert not window.workspace.messages.isVisible()
    window.close()


def test_the_opening_of_a_model_can_be_cancelled(
    qtbot: QtBot,
    window: MainWindow,
    settings: Settings,
    save: Save,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop(window, mime_of(save("a.png", "red")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    answer, go = said(window), threading.Event()
    monkeypatch.setattr("florapp.services.models._tried", lambda *_: go.wait(WAIT / 1000))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a: ("slow.onnx", ""))
    window.actions_.open_model.trigger()
    label = window.workspace.progress.label
    qtbot.waitUntil(label.isVisible, timeout=WAIT)
    qtbot.waitUntil(lambda: label.text() == "The model is being opened…", timeout=WAIT)
    button(window.workspace.progress, "Cancel").click()
    assert not window.workspace.progress.isVisible()
    go.set()
    qtbot.wait(100)
    assert said(window) == answer and not window.workspace.messages.isVisible()
    assert settings.model == str(tiny_model)


def test_without_any_model_the_window_says_so(
    qtbot: QtBot,
    qapp: QApplication,
    settings: Settings,
    save: Save,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr("florapp.services.models._tried", lambda *_: go.wait(WAIT / 1000))
        window = open_window(qtbot, qapp, settings)
        qtbot.waitUntil(window.workspace.progress.isVisible, timeout=WAIT)
        button(window.workspace.progress, "Cancel").click()
    reason = "No model is open. Choose one in the Model menu."
    assert (
        window.workspace.progress.isVisible() and window.workspace.progress.label.text() == reason
    )
    assert not window.workspace.progress.button.isVisible()
    assert settings.model == str(tiny_model)  # tried again at the next start
    drop(window, mime_of(save("a.png", "red")))
    qtbot.waitUntil(lambda: said(window) == f"No answer: {reason}", timeout=WAIT)
    go.set()

    monkeypatch.setattr("florapp.services.models.shipped_model", lambda: tiny_model)
    window.actions_.shipped_model.trigger()
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    qtbot.waitUntil(window.workspace.progress.isHidden, timeout=WAIT)
    window.close()


def endless(paths: list[Path], *_: object) -> Iterator[Source]:
    while True:
        threading.Event().wait(0.02)
        yield Source.of(paths[0])


def test_files_of_one_name_are_told_apart_in_the_menu(
    window: MainWindow, settings: Settings
) -> None:
    for folder in ("/a", "/b"):
        settings.remember(f"{folder}/black & white.onnx")
    (menu,) = (m for m in window.findChildren(QMenu) if m.title() == "&Model")
    menu.aboutToShow.emit()
    shown = [(a.text(), Path(a.toolTip())) for a in menu.actions() if "white" in a.text()]
    names = ("/b/black & white.onnx", "/a/black & white.onnx")
    assert shown == [("black && white.onnx", Path(name)) for name in names]
    assert menu.toolTipsVisible()


def test_the_model_that_is_in_use_is_not_opened_again(
    qtbot: QtBot, window: MainWindow, settings: Settings, save: Save
) -> None:
    drop(window, mime_of(save("a.png", "red")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    window.model_menu.aboutToShow.emit()
    (chosen,) = (action for action in window.model_menu.actions() if action.isChecked())
    changes = []
    window.workspace._session.pictures.dataChanged.connect(lambda *_: changes.append(1))
    chosen.trigger()
    qtbot.waitUntil(lambda: not window.workspace._session.opening, timeout=WAIT)
    assert entries(window)[0].result is not None
    assert not changes  # nothing was answered again


def test_a_model_file_that_was_written_anew_is_opened_anew(
    qtbot: QtBot,
    window: MainWindow,
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
) -> None:
    path, session = make_model(card=changed_card(title="First")), window.workspace._session
    drop(window, mime_of(path))
    qtbot.waitUntil(lambda: window.workspace.messages.text() == "First answers now.", timeout=WAIT)
    make_model(card=changed_card(title="Second")).replace(path)
    window.model_menu.aboutToShow.emit()
    (chosen,) = (action for action in window.model_menu.actions() if action.isChecked())
    chosen.trigger()
    qtbot.waitUntil(lambda: window.workspace.messages.text() == "Second answers now.", timeout=WAIT)
    assert session.card is not None and session.card.title == "Second"


def test_a_model_that_opens_takes_back_what_was_said_of_another(
    qtbot: QtBot,
    window: MainWindow,
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "letter.onnx").write_text("Dear Sir")
    chosen = tmp_path / "letter.onnx"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a: (str(chosen), ""))
    window.actions_.open_model.trigger()
    qtbot.waitUntil(lambda: "not an ONNX model" in window.workspace.messages.text(), timeout=WAIT)
    chosen = make_model(card=changed_card(title="Cooler"))
    window.actions_.open_model.trigger()
    qtbot.waitUntil(lambda: window.workspace.messages.text() == "Cooler answers now.", timeout=WAIT)
