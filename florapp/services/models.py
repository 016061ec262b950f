"""Opens model files behind the window."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from florapp.core.errors import FlorAppError


class Models(QObject):
    """Opens and tries a model on a thread; of several requests the newest wins."""

    opened = Signal(object, object)  # Network, the path asked for
    refused = Signal(object, str)  # the path asked for, a sentence
    _done = Signal(int, object, object)  # ticket, path, Network | sentence

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ticket = 0
        self._done.connect(self._deliver)

    def open(self, path: Path | None) -> None:
        """Open ``path``; None is the model that comes with the program."""
        self._ticket += 1
        work = threading.Thread(target=self._open, args=(self._ticket, path), daemon=True)
        work.start()

    def _open(self, ticket: int, path: Path | None) -> None:
        result: object
        try:
            # Imported here: numpy and onnxruntime must not hold up the window's first paint.
            import numpy as np

            from florapp.core.network import Network
            from florapp.core.paths import shipped_model

            network = Network(path or shipped_model())
            size = network.card.geometry.size
            network.run(np.zeros((1, size, size, 3), np.uint8))  # some open and cannot be run
            result = network
        except FlorAppError as error:
            result = str(error)
        with contextlib.suppress(RuntimeError):  # the window, and this object, are gone
            self._done.emit(ticket, path, result)

    def _deliver(self, ticket: int, path: Path | None, result: object) -> None:
        if ticket != self._ticket:
            return
        if isinstance(result, str):
            self.refused.emit(path, result)
        else:
            self.opened.emit(result, path)
