"""What is done with the pictures of the strip: gone along, taken off and back, copied."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
)
from pytestqt.qtbot import QtBot

from florapp.core.source import Source
from florapp.ui.main_window import MainWindow
from tests.ui.hands import (
    WAIT,
    button,
    drop,
    entries,
    is_said,
    mime_of,
    press,
    said,
    selected,
)

Plain = Callable[..., np.ndarray]
Save = Callable[[str, str], Path]


def look_away_and_back(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    press(window, Qt.Key.Key_Right)
    press(window, Qt.Key.Key_Left)


def test_delete_takes_a_picture_off_and_leaves_its_file(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    paths = [save(f"{i}.png", colour) for i, colour in enumerate(("red", "green", "blue"))]
    drop(window, mime_of(*paths))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    with qtbot.waitActive(window):
        window.activateWindow()
    assert window.workspace.strip.hasFocus()
    press(window, Qt.Key.Key_Right)
    for answer, left in (("Blue", ["0.png", "2.png"]), ("Red", ["0.png"]), ("no picture yet", [])):
        press(window, Qt.Key.Key_Delete)
        assert [entry.name for entry in entries(window)] == left
        assert selected(window) == ([len(left) - 1] if left else [])
        qtbot.waitUntil(partial(is_said, window, answer), timeout=WAIT)
    assert not window.actions_.remove.isEnabled()
    drop(window, mime_of(*paths))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    window.actions_.select_all.trigger()
    window.actions_.remove.trigger()
    assert "no picture yet" in said(window)
    assert all(path.exists() for path in paths)
    drop(window, mime_of(paths[2]))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Blue"), timeout=WAIT)


def test_what_is_in_no_file_can_be_taken_back(qtbot: QtBot, window: MainWindow, save: Save) -> None:
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    QGuiApplication.clipboard().setImage(image)
    window.actions_.paste.trigger()
    drop(window, mime_of(save("a.png", "red")))
    qtbot.waitUntil(lambda: len(entries(window)) == 2, timeout=WAIT)
    window.actions_.select_all.trigger()
    window.actions_.remove.trigger()
    assert entries(window) == []
    assert "Removed: Pasted picture" in window.workspace.messages.text()
    button(window, "Add again").click()
    assert [entry.name for entry in entries(window)] == ["Pasted picture"]
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Blue"), timeout=WAIT)


def test_what_was_taken_off_one_by_one_is_taken_back_together(
    qtbot: QtBot, window: MainWindow, plain: Plain
) -> None:
    session = window.workspace._session
    session.add_sources(Source(name, plain("red")) for name in ("one", "two", "three"))
    for _ in range(2):
        window.actions_.remove.trigger()
    assert window.workspace.messages.text() == "Removed: one + 1"
    button(window, "Add again").click()
    assert [entry.name for entry in entries(window)] == ["three", "one", "two"]
    qtbot.waitUntil(lambda: all(entry.result for entry in entries(window)), timeout=WAIT)


def test_what_was_let_go_of_does_not_come_back(window: MainWindow, plain: Plain) -> None:
    session = window.workspace._session
    session.add_sources(Source(name, plain("red")) for name in ("one", "two"))
    window.actions_.remove.trigger()
    window.workspace.messages.close_message()
    window.actions_.remove.trigger()
    assert window.workspace.messages.text() == "Removed: two"
    button(window, "Add again").click()
    assert [entry.name for entry in entries(window)] == ["two"]


def test_a_file_that_becomes_whole_is_answered_when_it_is_looked_at_again(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    whole = save("copied.png", "red").read_bytes()
    copied = save("copied.png", "red")
    copied.write_bytes(whole[: len(whole) // 2])
    drop(window, mime_of(copied, save("other.png", "green")))
    qtbot.waitUntil(lambda: said(window).startswith("No answer"), timeout=WAIT)
    copied.write_bytes(whole)
    look_away_and_back(qtbot, window)
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)


def test_a_file_that_is_written_anew_is_answered_anew(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    scan = save("scan.png", "red")
    drop(window, mime_of(scan, save("other.png", "green")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    qtbot.waitUntil(lambda: window.picture.accessibleName() == "Picture: scan.png", timeout=WAIT)
    save("scan.png", "blue")
    os.utime(scan, (1, 1))  # however coarse the disk's clock is
    look_away_and_back(qtbot, window)
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Blue"), timeout=WAIT)


def test_the_keyboard_is_on_the_single_picture_and_opens_nothing(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    drop(window, mime_of(save("a.png", "red")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    assert window.picture.hasFocus()


def test_a_picture_that_went_after_its_answer_is_told_as_gone(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    first, second = save("a.png", "red"), save("b.png", "green")
    drop(window, mime_of(first, second))
    qtbot.waitUntil(
        lambda: len([entry for entry in entries(window) if entry.result]) == 2, timeout=WAIT
    )
    with qtbot.waitActive(window):
        window.activateWindow()
    window.workspace.strip.setFocus()
    second.unlink()  # on a stick that was pulled, say
    press(window, Qt.Key.Key_Right)
    qtbot.waitUntil(
        lambda: "cannot be read any more" in window.picture.accessibleName(), timeout=WAIT
    )
    assert "Green" in said(window)
    press(window, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: window.picture.accessibleName() == "Picture: a.png", timeout=WAIT)


def test_a_picture_on_the_screen_stays_there_when_its_file_goes(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    only = save("a.png", "red")
    drop(window, mime_of(only))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    qtbot.waitUntil(lambda: window.picture.accessibleName() == "Picture: a.png", timeout=WAIT)
    only.unlink()
    with qtbot.waitSignal(window.workspace._session.picture_gone, timeout=WAIT):
        window.resize(window.width() + 300, window.height() + 200)
    assert window.picture.accessibleName() == "Picture: a.png"


def test_no_letter_leads_away_from_the_picture(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    bad = save("a.png", "red")
    bad.write_bytes(b"")
    drop(window, mime_of(bad, save("w.png", "green")))
    qtbot.waitUntil(
        lambda: len([entry for entry in entries(window) if entry.result]) == 2, timeout=WAIT
    )
    with qtbot.waitActive(window):
        window.activateWindow()
    window.workspace.strip.setFocus()
    press(window, Qt.Key.Key_W)  # held to see why, where there is an answer
    assert selected(window) == [0]


def test_of_pictures_that_are_selected_those_with_an_answer_are_copied(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    good, bad = save("a.png", "red"), save("b.png", "red")
    bad.write_bytes(b"")
    drop(window, mime_of(good, bad))
    qtbot.waitUntil(
        lambda: len([entry for entry in entries(window) if entry.result]) == 2, timeout=WAIT
    )
    with qtbot.waitActive(window):
        window.activateWindow()
    window.workspace.strip.setFocus()
    QGuiApplication.clipboard().setText("precious")
    ctrl = Qt.KeyboardModifier.ControlModifier
    press(window, Qt.Key.Key_Right)
    press(window, Qt.Key.Key_C, ctrl)
    assert QGuiApplication.clipboard().text() == "precious"  # it has none, nor a name to give
    press(window, Qt.Key.Key_A, ctrl)
    press(window, Qt.Key.Key_C, ctrl)
    assert QGuiApplication.clipboard().text().startswith("a.png\tRed")
    QGuiApplication.clipboard().setText("precious")
    chosen = window.workspace.strip.selectionModel()
    rows = window.workspace.strip.pictures
    chosen.select(rows.index(0), QItemSelectionModel.SelectionFlag.ClearAndSelect)
    chosen.setCurrentIndex(rows.index(1), QItemSelectionModel.SelectionFlag.NoUpdate)
    press(window, Qt.Key.Key_C, ctrl)
    assert QGuiApplication.clipboard().text().startswith("a.png\tRed")


def test_the_keyboard_is_never_lost_with_the_strip(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    drop(window, mime_of(save("a.png", "red"), save("b.png", "green")))
    qtbot.waitUntil(
        lambda: len([entry for entry in entries(window) if entry.result]) == 2, timeout=WAIT
    )
    with qtbot.waitActive(window):
        window.activateWindow()
    window.workspace.strip.setFocus()
    press(window, Qt.Key.Key_Delete)
    assert not window.workspace.strip.isVisible()
    assert window.focusWidget() is window.picture
    window.actions_.remove.trigger()
    focus = window.focusWidget()
    assert focus is not None and focus.objectName() == "noticeOpen"
