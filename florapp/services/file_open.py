"""Pictures opened in the Finder of macOS: they come as events, not on the command line."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFileOpenEvent


class FileOpen(QObject):
    """Filters the application's events; on macOS alone, as every event then takes a moment."""

    opened = Signal(Path)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if not isinstance(event, QFileOpenEvent) or not event.file():
            return False
        self.opened.emit(Path(event.file()))
        return True
