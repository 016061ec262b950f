"""Answers leave the window on the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import (
    QGuiApplication,
)
from PySide6.QtWidgets import (
    QLabel,
)
from pytestqt.qtbot import QtBot

from florapp.ui.main_window import MainWindow
from tests.ui.hands import (
    WAIT,
    drop,
    entries,
    mime_of,
    press,
    said,
)

Plain = Callable[..., np.ndarray]
Save = Callable[[str, str], Path]


def select_of_message(qtbot: QtBot, window: MainWindow, text: str, start: int, count: int) -> None:
    window.workspace.messages.show_message(text, "error")
    words = window.workspace.messages.findChild(QLabel, "messageText")
    assert isinstance(words, QLabel)
    with qtbot.waitActive(window):
        window.activateWindow()
    words.setFocus()
    words.setSelection(start, count)


def test_answers_are_copied(qtbot: QtBot, window: MainWindow, save: Save) -> None:
    first, second = save("1.png", "red"), save("2.png", "green")
    empty = save("3.png", "red")
    empty.write_bytes(b"")
    drop(window, mime_of(first, second, empty))
    qtbot.waitUntil(
        lambda: all(entry.result for entry in entries(window)) and "Red" in said(window),
        timeout=WAIT,
    )
    window.actions_.copy.trigger()
    assert QGuiApplication.clipboard().text().startswith("Red\n")
    window.actions_.copy_all.trigger()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t")[:2] for line in lines] == [["1.png", "Red"], ["2.png", "Green"]]

    select_of_message(qtbot, window, "A reason to pass on.", 2, 6)
    press(window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "reason"


def test_lines_that_are_selected_are_copied_as_lines(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    drop(window, mime_of(save("1.png", "red")))
    qtbot.waitUntil(lambda: "Red" in said(window), timeout=WAIT)
    select_of_message(qtbot, window, "Rose\nLotus", 0, 10)
    window.actions_.copy.trigger()
    assert QGuiApplication.clipboard().text() == "Rose\nLotus"


def test_copying_several_that_failed_copies_what_is_shown(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    paths = [save(f"{number}.png", "red") for number in range(3)]
    for path in paths[1:]:
        path.write_bytes(b"")
    drop(window, mime_of(*paths))
    qtbot.waitUntil(
        lambda: all(entry.result for entry in entries(window)) and "Red" in said(window),
        timeout=WAIT,
    )
    strip = window.workspace.strip
    for row in (1, 2):
        strip.selectionModel().select(
            strip.model().index(row, 0), QItemSelectionModel.SelectionFlag.Select
        )
    strip.selectionModel().select(
        strip.model().index(0, 0), QItemSelectionModel.SelectionFlag.Deselect
    )
    window.actions_.copy.trigger()
    assert QGuiApplication.clipboard().text().startswith("Red\n")
