"""What a user does with the window, and what they see and hear of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QWidget,
)
from pytestqt.qtbot import QtBot

from florapp.app import build
from florapp.services.pictures import Entry, PictureList
from florapp.services.settings import Settings
from florapp.ui.main_window import MainWindow

WAIT = 60_000  # milliseconds; the machine may be busy


def mime_of(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(
    window: MainWindow, mime: QMimeData, actions: Qt.DropAction = Qt.DropAction.CopyAction
) -> tuple[QDragEnterEvent, QDropEvent]:
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 200), actions, mime, left, none)
    QApplication.sendEvent(window, enter)
    event = QDropEvent(QPointF(50, 200), actions, mime, left, none)
    if enter.isAccepted():
        QApplication.sendEvent(window, event)
    return enter, event


def open_window(qtbot: QtBot, qapp: QApplication, settings: Settings) -> MainWindow:
    """Show the window, and wait until one can work in it."""
    window = build(qapp, settings)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.painted, timeout=WAIT):
        window.show()
    return window


def said(window: MainWindow) -> str:
    return window.workspace.answer.accessibleName()


def is_said(window: MainWindow, words: str) -> bool:
    return words in said(window)


def entries(window: MainWindow) -> list[Entry]:
    pictures = window.workspace.strip.model()
    assert isinstance(pictures, PictureList)
    return list(pictures)


def button(window: QWidget, text: str) -> QAbstractButton:
    return next(
        b for b in window.findChildren(QAbstractButton) if b.text() == text and b.isVisible()
    )


def press(
    window: MainWindow,
    key: Qt.Key,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press a key as the system does: the modifiers are known to be held."""
    QTest.keyClick(window.windowHandle(), key, held)


def selected(window: MainWindow) -> list[int]:
    return sorted(
        index.row() for index in window.workspace.strip.selectionModel().selectedIndexes()
    )


def shown_colour(window: MainWindow) -> str:
    return window.picture.grab().toImage().pixelColor(window.picture.rect().center()).name()
