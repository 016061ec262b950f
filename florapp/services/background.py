"""Runs one piece of work on a thread and hands its result back to the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance

from florapp.services.priority import let_the_window_go_first


class Gate:
    """Lets threads emit the signals of ``owner``, until it is closed or ``owner`` is destroyed.

    Qt cannot stand a signal from one thread while another destroys its sender.
    """

    def __init__(self, owner: QObject) -> None:
        self._lock = threading.Lock()
        self._open = True
        # Not self.close: Qt would know it by a borrowed reference, and a thread that ends just now
        # may have had the last one to ``owner``, and so to this.
        # And directly: ``owner`` is then destroyed by that thread, and a call that waits for the
        # window's would find it gone.
        owner.destroyed.connect(lambda *_: self.close(), Qt.ConnectionType.DirectConnection)

    def emit(self, signal: SignalInstance, *arguments: object) -> None:
        """Emit ``signal``; nothing happens when the gate is closed."""
        with self._lock:
            if self._open:
                signal.emit(*arguments)

    def close(self) -> None:
        """Emit nothing from now on."""
        with self._lock:
            self._open = False


class Background(QObject):
    """Work whose callback gets the result, or the exception that ended it.

    The threads are daemons: work that hangs does not hold up the end of the program.
    """

    _done = Signal(object, object, object)  # callback, result, the work's event

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gate = Gate(self)
        self._running: set[threading.Event] = set()  # each is set when its work is over
        self._done.connect(self._deliver)

    @property
    def busy(self) -> bool:
        """Whether anything is still to be delivered."""
        return bool(self._running)

    def run(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Call ``work`` on a thread, then ``done`` with what it returned or raised."""
        over = threading.Event()

        def call() -> None:
            let_the_window_go_first()
            result: Any
            try:
                result = work()
            except Exception as error:
                result = error
            finally:
                over.set()
            self._gate.emit(self._done, done, result, over)

        self._running.add(over)
        threading.Thread(target=call, daemon=True).start()

    def wait(self, patience: float) -> None:
        """Wait, but for each work no longer than so many seconds, until all are over."""
        for over in self._running:
            over.wait(patience)

    def _deliver(self, done: Callable[[Any], None], result: Any, over: threading.Event) -> None:
        self._running.discard(over)
        done(result)
