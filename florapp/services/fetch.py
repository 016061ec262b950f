"""One picture from the web, fetched behind the window after the user has agreed."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt, QUrl, Signal

from florapp.core.errors import PictureError
from florapp.core.source import Source
from florapp.services.background import Background, Gate
from florapp.services.download import download
from florapp.services.words import told


class Fetch(QObject):
    """The fetching of one address; ends with ``fetched`` or ``failed``, or with ``cancel()``."""

    fetched = Signal(object)  # a Source
    failed = Signal(str)  # a sentence for the user
    progress = Signal(int, int)  # bytes that have come, bytes in all; 0 when that is not known
    _arrived = Signal(int, int)

    def __init__(self, url: QUrl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._url = QUrl(url)
        self._cancelled = threading.Event()
        self._background = Background(self)
        self._gate = Gate(self)
        self._arrived.connect(self._tell)
        cancelled = self._cancelled  # not its method: background.py, Gate
        self.destroyed.connect(lambda *_: cancelled.set(), Qt.ConnectionType.DirectConnection)

    def start(self) -> None:
        """Begin; returns at once, and nothing is signalled before it has returned."""
        url, cancelled = self._url, self._cancelled

        def arrived(here: int, total: int) -> None:
            self._gate.emit(self._arrived, here, total)

        self._background.run(lambda: download(url, cancelled, arrived), self._end)

    def cancel(self) -> None:
        """Stop; nothing is signalled from now on."""
        self._cancelled.set()

    def _tell(self, here: int, total: int) -> None:
        if not self._cancelled.is_set():
            self.progress.emit(here, total)

    def _end(self, result: Source | Exception) -> None:
        if self._cancelled.is_set():
            return
        self._cancelled.set()
        if isinstance(result, Source):
            self.fetched.emit(result)
        elif isinstance(result, PictureError):
            self.failed.emit(told(str(result)))
        else:
            self.failed.emit(
                self.tr(
                    "The picture could not be fetched, for a reason that FlorApp did not expect. "
                    "Save the picture in your browser and drop the file."
                )
            )
            raise result
