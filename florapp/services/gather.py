"""Searches dropped folders for pictures, behind the window."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from florapp.core.errors import QT_TRANSLATE_NOOP, Sentence
from florapp.core.folders import PICTURE_SUFFIXES, patiently
from florapp.core.prediction import Failure
from florapp.core.source import Source
from florapp.services.background import Gate

_EVERY = 0.1  # seconds between two handfuls
_BROKEN_OFF = Sentence(
    QT_TRANSLATE_NOOP("core", "The search of this folder was stopped. Open it again for the rest.")
)


class Gather(QObject):
    """Turns paths into sources on a thread and hands them over in handfuls, in order."""

    found = Signal(list, bool)  # of Source | Failure; whether they are the first of their search
    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gate = Gate(self)
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
        """Search no more folders; what was found stays, and files named outright still come."""
        self._stopped.set()
        self._stopped, self._last = threading.Event(), None

    def close(self) -> None:
        """End everything; nothing is found any more."""
        self._gate.close()
        self.stop()

    def _one_less(self) -> None:
        self._busy -= 1

    def _work(
        self, paths: Sequence[Path], stopped: threading.Event, before: threading.Thread | None
    ) -> None:
        if before is not None:
            before.join()
        handful: list[Source | Failure] = []
        since, first = time.monotonic(), True
        try:
            for source in _sources(paths, stopped):
                if source is not None:
                    handful.append(source)
                if handful and time.monotonic() - since > _EVERY:
                    self._gate.emit(self.found, handful, first)
                    handful, since, first = [], time.monotonic(), False
            if handful:
                self._gate.emit(self.found, handful, first)
        finally:
            self._gate.emit(self.finished)


def _sources(paths: Sequence[Path], stopped: threading.Event) -> Iterator[Source | Failure | None]:
    """Yield what every path leads to, or why it leads to nothing; None while nothing comes."""
    for path in paths:
        found = broken_off = False
        try:
            for source in () if stopped.is_set() else patiently([path], _EVERY):
                found = found or source is not None
                yield source
                if stopped.is_set():
                    itself = isinstance(source, Source) and source.content == path  # a file
                    broken_off = not itself
                    break
        except Exception as error:  # the other paths have a right to be looked into
            reason = Sentence(
                QT_TRANSLATE_NOOP(
                    "core", "The search of this folder broke off ({0}). Open what is missing."
                ),
                error,
            )
            yield Failure(Source(str(path), path), reason)
            continue
        if stopped.is_set() and not found:
            yield _unsearched(path)
        elif broken_off:
            yield Failure(Source(str(path), path), _BROKEN_OFF)


def _unsearched(path: Path) -> Source | Failure:
    """Return what goes by its name for a picture, and say of all else that it was not searched.

    The disk is not asked: it may be why the search was stopped.
    """
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return Source(str(path), path)
    reason = Sentence(
        QT_TRANSLATE_NOOP("core", "The search was stopped before this folder. Open it again.")
    )
    return Failure(Source(str(path), path), reason)
