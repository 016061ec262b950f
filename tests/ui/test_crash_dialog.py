"""The error report can be read, copied, deleted and kept, with the keyboard alone too."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from florapp.ui.crash_dialog import CrashDialog

REPORT = "FlorApp 0.1.0\nPython 3.11\n\nTraceback: <b>öß花</b>\n" + "\n".join(map(str, range(500)))


@pytest.fixture
def dialog(qtbot: QtBot) -> CrashDialog:
    dialog = CrashDialog(REPORT)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def button(dialog: CrashDialog, text: str) -> QPushButton:
    (found,) = (b for b in dialog.findChildren(QPushButton) if b.text().replace("&", "") == text)
    return found


def test_the_report_is_shown_word_for_word_and_cannot_be_changed(
    dialog: CrashDialog, qtbot: QtBot
) -> None:
    (text,) = dialog.findChildren(QPlainTextEdit)
    qtbot.keyClicks(text, "x")

    assert text.toPlainText() == REPORT
    assert text.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    assert text.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard


def test_copy_puts_the_report_on_the_clipboard(dialog: CrashDialog) -> None:
    button(dialog, "Copy").click()

    assert QGuiApplication.clipboard().text() == REPORT
    assert button(dialog, "Copied")
    assert dialog.isVisible()


@pytest.mark.parametrize(
    ("name", "result"),
    [("Delete", QDialog.DialogCode.Accepted), ("Close", QDialog.DialogCode.Rejected)],
)
def test_delete_and_close_are_told_apart(
    dialog: CrashDialog, name: str, result: QDialog.DialogCode
) -> None:
    button(dialog, name).click()

    assert dialog.result() == result
    assert not dialog.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_neither_return_nor_escape_deletes(dialog: CrashDialog, qtbot: QtBot, key: Qt.Key) -> None:
    qtbot.keyClick(dialog, key)

    assert not dialog.isVisible()
    assert dialog.result() == QDialog.DialogCode.Rejected


def test_everything_is_reached_with_the_tab_key_and_has_a_name(
    dialog: CrashDialog, qtbot: QtBot
) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    names = []
    for _ in range(4):
        widget = QApplication.focusWidget()
        assert widget is not None
        names.append(QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name))
        qtbot.keyClick(widget, Qt.Key.Key_Tab)

    assert sorted(names) == ["Close", "Copy", "Delete", "Error report"]
