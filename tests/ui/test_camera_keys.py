"""The webcam by keyboard: Space, Escape, and where the keyboard is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from florapp.services.camera import State
from florapp.services.multimedia import Fault
from florapp.ui.camera_panel import CameraPanel
from florapp.ui.main_window import MainWindow
from florapp.ui.shutter import Shutter
from tests.ui.camera_hands import become, find, show
from tests.ui.hands import WAIT, button, entries, press

Save = Callable[[str, str], Path]


def test_space_takes_a_picture_wherever_the_keyboard_is(
    panel: CameraPanel, window: MainWindow, qtbot: QtBot
) -> None:
    show(panel, qtbot, "red", "red")
    window.workspace.answer.setFocus()
    press(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(entries(window)) == 1, timeout=WAIT)


def test_space_on_another_button_presses_that_one(
    panel: CameraPanel, window: MainWindow, qtbot: QtBot
) -> None:
    show(panel, qtbot, "red", "red")
    mirror = button(panel, "Mirror")
    mirror.setFocus()
    press(window, Qt.Key.Key_Space)
    assert not mirror.isChecked()
    qtbot.wait(200)
    assert not entries(window)


def test_space_takes_one_picture_however_it_is_pressed(
    panel: CameraPanel, window: MainWindow, qtbot: QtBot, save: Save
) -> None:
    show(panel, qtbot, "red", "red")
    find(panel, Shutter).setFocus()
    press(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(entries(window)) == 1, timeout=WAIT)
    window.workspace.strip.setFocus()  # where a drop leaves the keyboard
    press(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(entries(window)) == 2, timeout=WAIT)
    qtbot.wait(300)
    first, second = (entry.name for entry in entries(window))
    assert first != second  # though taken within a second, perhaps
    assert not find(panel, QShortcut).autoRepeat()  # held for long it is still one
    assert window.stage.currentWidget() is panel


def test_space_presses_a_button_that_has_the_keyboard(
    panel: CameraPanel, window: MainWindow, qtbot: QtBot
) -> None:
    show(panel, qtbot, "red", "red")
    pressed: list[str] = []
    window.workspace.messages.show_message(
        "Well?", "question", [("Yes", lambda: pressed.append("yes"))]
    )
    button(window, "Yes").setFocus()
    press(window, Qt.Key.Key_Space)
    qtbot.wait(200)
    assert pressed == ["yes"]
    assert not entries(window)


def test_the_keyboard_is_where_it_is_needed(
    panel: CameraPanel, window: MainWindow, qtbot: QtBot
) -> None:
    shutter = find(panel, Shutter)
    become(panel.camera, State.OPENING)
    become(panel.camera, State.STREAMING)
    assert shutter.hasFocus()
    become(panel.camera, State.FAILED, Fault.UNPLUGGED)
    assert button(panel, "Try again").hasFocus()
    become(panel.camera, State.STREAMING)
    assert shutter.hasFocus()
    press(window, Qt.Key.Key_Escape)
    assert window.picture.hasFocus()  # not a button that Space would press


def test_escape_closes_it_and_the_next_time_it_opens_again(
    panel: CameraPanel, window: MainWindow, opened: list[str]
) -> None:
    press(window, Qt.Key.Key_Escape)
    assert window.stage.currentWidget() is window.picture
    assert panel.camera.state is State.CLOSED
    assert not window.actions_.camera.isChecked()
    window.actions_.camera.trigger()
    assert window.stage.currentWidget() is panel
    assert len(opened) == 2


def test_a_keyboard_that_was_lost_does_not_leave_the_camera(
    panel: CameraPanel, window: MainWindow, qtbot: QtBot, save: Save
) -> None:
    show(panel, qtbot, "red", "red")
    with qtbot.waitActive(window):
        window.activateWindow()
    focused = QApplication.focusWidget()
    assert focused is not None
    focused.clearFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None, timeout=WAIT)
    assert not window.workspace.strip.hasFocus()


def test_escape_takes_it_back_while_it_is_loaded(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    window.actions_.camera.trigger()
    press(window, Qt.Key.Key_Escape)
    assert not window.actions_.camera.isChecked()
    qtbot.wait(300)
    assert window.stage.currentWidget() is window.picture


def test_everything_in_it_has_a_name_and_can_be_reached_by_key(
    panel: CameraPanel, qtbot: QtBot
) -> None:
    for control in panel.findChildren(QAbstractButton):
        if control.isVisible():
            assert control.accessibleName() or control.text()
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.text()
