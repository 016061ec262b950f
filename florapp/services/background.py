"""Runs one piece of work on a thread and hands its result back to the window's thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal


class Background(QObject):
    """Work whose callback gets the result, or the exception that ended it.

    The threads are daemons: work that hangs does not hold up the end of the program.
    """

    _done = Signal(object, object)  # callback, result

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._done.connect(self._deliver)

    def run(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Call ``work`` on a thread, then ``done`` with what it returned or raised."""

        def call() -> None:
            result: Any
            try:
                result = work()
            except Exception as error:
                result = error
            with contextlib.suppress(RuntimeError):  # the window, and this object, are gone
                self._done.emit(done, result)

        threading.Thread(target=call, daemon=True).start()

    def _deliver(self, done: Callable[[Any], None], result: Any) -> None:
        done(result)
