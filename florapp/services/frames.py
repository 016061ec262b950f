"""Turns a camera's frames into upright pictures, behind the window; keeps the last few."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QVideoFrame

from florapp.core.sharpness import sharpness
from florapp.services.background import Gate
from florapp.services.qimages import to_pixels
from florapp.services.upright import upright

_LAST_FEW = 5  # pictures among which the sharpest is sought,
_RECENT = 0.5  # seconds before the newest: a slow camera's may show another scene
_HOPELESS = 10  # frames in a row without a picture, after which none is expected any more


class _Rated(NamedTuple):
    at: float  # seconds
    sharpness: float
    picture: QImage


class Frames(QObject):
    """Turns frames into pictures on a thread of its own; the newest frame wins.

    At most two frames are held, as their memory may be the camera's own: the one that is read and
    the newest.
    """

    arrived = Signal()  # a picture can be taken; again only when it was
    unusable = Signal()  # many frames in a row could not be read

    def __init__(
        self, parent: QObject | None = None, *, look: Callable[[QImage], object] | None = None
    ) -> None:
        """Make the thread that also calls ``look`` with every picture."""
        super().__init__(parent)
        self._gate = Gate(self)
        self._look = look
        self._changed = threading.Condition()
        self._frame: QVideoFrame | None = None  # the newest, not yet read
        self._picture: QImage | None = None  # the newest, not yet taken
        self._last_few: deque[_Rated] = deque(maxlen=_LAST_FEW)
        self._unread = 0  # frames in a row
        self._camera = 0  # counts clear(): what was read for an earlier one is dropped
        self._closed = False
        threading.Thread(target=self._work, name="florapp-frames", daemon=True).start()

    def push(self, frame: QVideoFrame) -> None:
        """Read ``frame`` next, unless a newer one comes."""
        with self._changed:
            self._frame = frame
            self._changed.notify()

    def take(self) -> QImage | None:
        """Return the newest picture, once."""
        with self._changed:
            picture, self._picture = self._picture, None
            return picture

    def sharpest(self) -> QImage | None:
        """Return the sharpest of the last few pictures."""
        with self._changed:
            late = [r for r in self._last_few if self._last_few[-1].at - r.at < _RECENT]
        return max(late, key=lambda rated: rated.sharpness).picture if late else None

    def clear(self) -> None:
        """Forget all frames and pictures, also the one that is being read."""
        with self._changed:
            self._camera += 1
            self._frame = self._picture = None
            self._last_few.clear()
            self._unread = 0

    def close(self) -> None:
        """End the thread; what it is reading is dropped."""
        self._gate.close()
        self.clear()
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _work(self) -> None:
        while self._read_one():
            pass

    def _read_one(self) -> bool:
        """Wait for a frame and read it; False when there will be none. Keeps no frame."""
        with self._changed:
            while self._frame is None and not self._closed:
                self._changed.wait()
            if self._frame is None or self._closed:
                return False
            (frame, self._frame), camera = (self._frame, None), self._camera
        picture = upright(frame)
        if picture.isNull():
            self._count_unread(camera)
            return True
        rated = _Rated(time.monotonic(), sharpness(to_pixels(picture)), picture)
        with self._changed:
            if camera != self._camera:
                return True
            self._unread = 0
            untaken, self._picture = self._picture, picture
            self._last_few.append(rated)
        if untaken is None:
            self._gate.emit(self.arrived)
        if self._look is not None:
            self._look(picture)
        return True

    def _count_unread(self, camera: int) -> None:
        with self._changed:
            self._unread += camera == self._camera
            hopeless = self._unread == _HOPELESS
        if hopeless:
            self._gate.emit(self.unusable)
