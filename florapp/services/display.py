"""Decodes the selected picture for the screen, sharper than the network needs it."""

from __future__ import annotations

import threading
import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from florapp.core.errors import PictureError
from florapp.core.source import Source
from florapp.services.background import Gate
from florapp.services.priority import let_the_window_go_first

_PATIENCE = 2.0  # seconds after which a reader that hangs holds up nobody any more


class Display(QObject):
    """Decodes on a thread of its own; of several requests the newest wins.

    Why a picture cannot be read is not told here: its answer says it, unless it came before.
    """

    ready = Signal(int, QImage, object)  # key, upright picture, its file's stamp
    failed = Signal(int)  # key

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gate = Gate(self)
        self._changed = threading.Condition()
        self._wanted: tuple[int, Source, int] | None = None
        self._readers = 0  # the newest one's number: the others end when they come back
        self._busy_since: float | None = None
        self._closed = False
        self._later = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._later.timeout.connect(self._relieve)

    def show(self, key: int, source: Source, longest: int) -> None:
        """Decode ``source`` for an area whose longer side has ``longest`` device pixels."""
        with self._changed:
            self._wanted = (key, source, longest)
            self._changed.notify_all()
        self._relieve()
        self._later.start(round(1000 * _PATIENCE) + 1)

    def close(self) -> None:
        """End the thread; what it is reading is dropped."""
        self._gate.close()
        self._later.stop()
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _relieve(self) -> None:
        """See to it that what is wanted has a reader, and none that hangs."""
        with self._changed:
            since = self._busy_since
            hangs = since is not None and time.monotonic() - since > _PATIENCE
            if self._wanted and not self._closed and (hangs or not self._readers):
                self._readers += 1
                self._busy_since = None
                threading.Thread(target=self._work, args=(self._readers,), daemon=True).start()

    def _work(self, number: int) -> None:
        let_the_window_go_first()
        while True:
            with self._changed:
                while not self._closed and number == self._readers and self._wanted is None:
                    self._changed.wait()
                if self._closed or number != self._readers or self._wanted is None:
                    return
                (key, source, longest), self._wanted = self._wanted, None
                self._busy_since = time.monotonic()
            # Here, on the thread: the window is painted before numpy and Pillow are there.
            from florapp.core.images import decode
            from florapp.services.qimages import to_qimage

            try:
                picture = decode(source, longest)
                image = to_qimage(picture.pixels, longest)
            except PictureError:
                self._gate.emit(self.failed, key)
            else:
                self._gate.emit(self.ready, key, image, picture.written)
            with self._changed:
                if number == self._readers:
                    self._busy_since = None
