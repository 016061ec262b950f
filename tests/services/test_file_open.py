"""What the Finder asks for arrives as paths; every other event is left alone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QUrl
from PySide6.QtGui import QFileOpenEvent
from pytestqt.qtbot import QtBot

from florapp.services.file_open import FileOpen


def test_pictures_opened_in_the_finder_are_told_together(qtbot: QtBot) -> None:
    opened: list[list[Path]] = []
    target, finder = QObject(), FileOpen()
    target.installEventFilter(finder)
    finder.opened.connect(opened.append)

    for name in ("Röslein 花", "b"):
        assert QCoreApplication.sendEvent(target, QFileOpenEvent(f"/Bilder/{name}.jpg"))
    assert not QCoreApplication.sendEvent(target, QFileOpenEvent(QUrl("https://a.invalid/")))
    assert not finder.eventFilter(target, QEvent(QEvent.Type.User))
    qtbot.waitUntil(lambda: bool(opened))
    assert opened == [[Path("/Bilder/Röslein 花.jpg"), Path("/Bilder/b.jpg")]]
