"""Searches dropped folders for pictures, behind the window."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from florapp.core.folders import sources_in
from florapp.core.prediction import Failure
from florapp.core.source import Source

_EVERY = 0.1  # seconds between two handfuls


class Gather(QObject):
    """Turns paths into sources on a thread and hands them over in handfuls, in order."""

    found = Signal(list, bool)  # of Source | Failure; whether they are the first of their search
    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stopped = threading.Event()
        self._busy = 0
        self._last: threading.Thread | None = None
        self.finished.connect(self._one_less)

    @property
    def busy(self) -> bool:
        """Whether folders are still being searched."""
        return self._busy > 0

    def start(self, paths: Sequence[Path]) -> None:
        """Search ``paths``, after those that are being searched."""
        self._busy += 1
        arguments = (paths, self._stopped, self._last)
        self._last = threading.Thread(target=self._work, args=arguments, daemon=True)
        self._last.start()

    def stop(self) -> None:
        """End the searches; what was found stays."""
        self._stopped.set()
        self._stopped, self._last = threading.Event(), None

    def _one_less(self) -> None:
        self._busy -= 1

    def _work(
        self, paths: Sequence[Path], stopped: threading.Event, before: threading.Thread | None
    ) -> None:
        if before is not None:
            before.join()
        handful: list[Source | Failure] = []
        since, first = time.monotonic(), True
        with contextlib.suppress(RuntimeError):  # the window, and this object, are gone
            for source in sources_in(paths):
                if stopped.is_set():
                    break
                handful.append(source)
                if time.monotonic() - since > _EVERY:
                    self.found.emit(handful, first)
                    handful, since, first = [], time.monotonic(), False
            if handful and not stopped.is_set():
                self.found.emit(handful, first)
            self.finished.emit()
