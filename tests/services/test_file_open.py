"""What the Finder asks for arrives as a path; every other event is left alone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QUrl
from PySide6.QtGui import QFileOpenEvent
from pytestqt.qtbot import QtBot

from florapp.services.file_open import FileOpen


def test_a_picture_opened_in_the_finder_is_told(qtbot: QtBot) -> None:
    opened: list[Path] = []
    target, finder = QObject(), FileOpen()
    target.installEventFilter(finder)
    finder.opened.connect(opened.append)

    assert QCoreApplication.sendEvent(target, QFileOpenEvent("/Bilder/Röslein 花.jpg"))
    assert not QCoreApplication.sendEvent(target, QFileOpenEvent(QUrl("https://a.invalid/")))
    assert not finder.eventFilter(target, QEvent(QEvent.Type.User))
    assert opened == [Path("/Bilder/Röslein 花.jpg")]
