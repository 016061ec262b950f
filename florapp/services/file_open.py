"""Pictures opened in the Finder of macOS: they come as events, not on the command line."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent


class FileOpen(QObject):
    """Filters the application's events; on macOS alone, as every event then takes a moment.

    Pictures opened together come one by one, and are told of together.
    """

    opened = Signal(list)  # of paths

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Path] = []
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._tell)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if not isinstance(event, QFileOpenEvent) or not event.file():
            return False
        self._waiting.append(Path(event.file()))
        self._soon.start()
        return True

    def _tell(self) -> None:
        together, self._waiting = self._waiting, []
        self.opened.emit(together)
