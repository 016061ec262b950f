"""The real window, as a user meets it: drops, keys, messages, menus."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import (
    QAccessible,
    QAction,
    QGuiApplication,
    QImage,
)
from PySide6.QtWidgets import (
    QApplication,
)
from pytestqt.qtbot import QtBot

from florapp.core import images
from florapp.core.prediction import Answer
from florapp.core.source import Source
from florapp.services.fetch import Fetch
from florapp.ui.main_window import MainWindow
from tests.ui.hands import (
    WAIT,
    button,
    drop,
    entries,
    mime_of,
    press,
    said,
    selected,
    shown_colour,
)

Plain = Callable[..., np.ndarray]
Save = Callable[[str, str], Path]


def test_a_dropped_picture_is_shown_and_named(qtbot: QtBot, window: MainWindow, save: Save) -> None:
    assert "no picture yet" in said(window)
    path = save("Grüße aus 北京.png", "green")
    _, dropped = drop(window, mime_of(path))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Green, "), timeout=WAIT)
    qtbot.waitUntil(lambda: shown_colour(window) == "#00ff00", timeout=WAIT)
    assert dropped.dropAction() == Qt.DropAction.CopyAction
    assert "Grüße aus 北京.png" in window.windowTitle()
    assert not window.workspace.strip.isVisible()  # one picture needs no strip


def test_a_drop_is_a_copy_or_nothing(window: MainWindow, save: Save) -> None:
    move, copy = Qt.DropAction.MoveAction, Qt.DropAction.CopyAction
    enter, _ = drop(window, mime_of(save("a.png", "red")), move)
    assert not enter.isAccepted()
    _, dropped = drop(window, mime_of(save("a.png", "red")), move | copy)
    assert dropped.dropAction() == copy


def test_a_broken_picture_among_good_ones_stays_with_its_reason(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    good, broken = save("1.png", "red"), save("2.png", "red")
    broken.write_bytes(broken.read_bytes()[:60])
    drop(window, mime_of(good, broken, save("3.png", "blue")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    assert window.workspace.strip.isVisible()
    qtbot.keyClick(window.workspace.strip, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: "No answer" in said(window), timeout=WAIT)
    assert "damaged" in said(window) or "cut short" in said(window)
    qtbot.keyClick(window.workspace.strip, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Blue"), timeout=WAIT)


def test_what_lies_on_another_machine_is_told(window: MainWindow, save: Save) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(save("a.png", "red"))), QUrl("smb://nas/photos/b.jpg")])
    drop(window, mime)
    assert "cannot read smb://nas/photos/b.jpg" in window.workspace.messages.text()
    mime.setUrls([QUrl("mtp://telephone/DCIM")])
    window.workspace.messages.close_message()
    drop(window, mime)
    assert "cannot read mtp://telephone/DCIM" in window.workspace.messages.text()


def test_pasted_pixels_are_named_and_a_text_is_not(qtbot: QtBot, window: MainWindow) -> None:
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    QGuiApplication.clipboard().setImage(image)
    with qtbot.waitActive(window):
        window.activateWindow()
    for number in range(3):
        press(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        assert selected(window) == [number]
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Blue"), timeout=WAIT)
    QGuiApplication.clipboard().setText("not a path")
    window.actions_.paste.trigger()
    assert "no picture to paste" in window.workspace.messages.text()


def test_a_picture_on_the_web_is_not_fetched_before_the_user_agrees(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []
    monkeypatch.setattr(Fetch, "start", lambda fetch: begun.append(fetch.objectName()))
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/poppy.jpg")])
    drop(window, mime)
    assert "example.org" in window.workspace.messages.text() and not begun
    button(window.workspace.messages, "Fetch").click()
    assert len(begun) == 1


def test_of_several_from_the_web_the_first_is_looked_at_and_the_others_leave_the_view(
    window: MainWindow, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetches: list[Fetch] = []

    def start(fetch: Fetch) -> None:
        fetches.append(fetch)

    monkeypatch.setattr(Fetch, "start", start)
    mime = QMimeData()
    mime.setUrls([QUrl(f"https://example.org/{name}.jpg") for name in "abc"])
    for row in (0, 3):
        drop(window, mime)
        button(window.workspace.messages, "Fetch").click()
        for number in range(3):
            fetches[row + number].fetched.emit(Source(f"{row}", plain("red")))
            assert selected(window) == [row]


def test_a_folder_can_be_stopped_and_gone_on_with(
    qtbot: QtBot, window: MainWindow, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, decode = threading.Event(), images.decode

    def slow(source: Source, at_least: int | None = None) -> images.Picture:
        if "many" in source.name:
            go.wait(WAIT / 1000)
        return decode(source, at_least)

    monkeypatch.setattr("florapp.core.readers.decode", slow)
    for i in range(12):
        folder = save(f"many/{i}.png", "red").parent
    drop(window, mime_of(folder))
    qtbot.waitUntil(lambda: len(entries(window)) == 12, timeout=WAIT)
    qtbot.waitUntil(
        lambda: (
            window.workspace.progress.isVisible()
            and window.workspace.progress.button.text() == "Stop"
        ),
        timeout=WAIT,  # before that, the model's opening can be cancelled
    )
    button(window.workspace.progress, "Stop").click()
    assert window.workspace.progress.label.text() == "Stopped: 0 of 12 pictures done"
    drop(window, mime_of(save("more.png", "blue")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Blue"), timeout=WAIT)
    told = window.workspace.progress.label
    qtbot.waitUntil(lambda: told.text() == "Stopped: 1 of 13 pictures done", timeout=WAIT)
    button(window.workspace.progress, "Go on").click()
    go.set()
    qtbot.waitUntil(
        lambda: all(isinstance(entry.result, Answer) for entry in entries(window)),
        timeout=WAIT,
    )
    qtbot.waitUntil(window.workspace.progress.isHidden, timeout=WAIT)


def test_everything_is_reached_by_keyboard_and_has_a_name(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    drop(window, mime_of(save("a.png", "red"), save("b.png", "green")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    qtbot.waitUntil(lambda: not window.workspace.strip.pictures.waiting, timeout=WAIT)  # no Stop
    window.workspace.messages.show_message("Something is wrong.", "error", [("Mend it", list)])
    window.workspace.fetching.tell("Fetching…")
    qtbot.waitUntil(window.workspace.fetching.isVisible, timeout=WAIT)
    with qtbot.waitActive(window):
        window.activateWindow()
    assert window.workspace.strip.hasFocus()
    names = []
    for _ in range(5):
        focus = QApplication.focusWidget()
        assert focus is not None
        names.append(QAccessible.queryAccessibleInterface(focus).text(QAccessible.Text.Name))
        press(window, Qt.Key.Key_Tab)
    told = "Something is wrong."
    assert names == ["Pictures", "Cancel", told, "Mend it", "Close this message"]
    assert window.workspace.strip.hasFocus()  # and round again
    keys = [
        a.shortcut().toString() for a in window.findChildren(QAction) if not a.shortcut().isEmpty()
    ]
    assert len(keys) == len(set(keys))  # no key means two things


def test_the_keyboard_is_always_somewhere(qtbot: QtBot, window: MainWindow, save: Save) -> None:
    drop(window, mime_of(save("a.png", "red"), save("b.png", "green")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    with qtbot.waitActive(window):
        window.activateWindow()
    focused = QApplication.focusWidget()
    assert focused is window.workspace.strip
    focused.clearFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is focused, timeout=WAIT)


def test_what_is_no_longer_so_is_not_said(qtbot: QtBot, window: MainWindow, save: Save) -> None:
    QGuiApplication.clipboard().setText("a text")
    window.actions_.paste.trigger()
    assert "no picture to paste" in window.workspace.messages.text()
    drop(window, mime_of(save("a.png", "red")))
    qtbot.waitUntil(lambda: "Red" in said(window), timeout=WAIT)
    assert window.workspace.messages.text() == ""
