"""Opens model files behind the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from florapp.core.errors import FlorAppError
from florapp.core.paths import shipped_model
from florapp.core.source import Stamp, stamp
from florapp.services.background import Background
from florapp.services.words import told

if TYPE_CHECKING:
    from florapp.core.network import Network


class Models(QObject):
    """Opens and tries a model on a thread; of several requests the newest wins."""

    opened = Signal(object, object)  # Network, the path asked for
    refused = Signal(object, str)  # the path asked for, a sentence

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._ticket = 0
        self._known: tuple[Path | None, Stamp, Network] | None = None  # what was opened last

    def open(self, path: Path | None) -> None:
        """Open ``path``; None is the model that comes with the program.

        A file that has not changed since it was opened last gives the network that it gave then.
        """
        self._ticket += 1
        ticket, known = self._ticket, self._known

        def done(result: tuple[Stamp, Network] | Exception) -> None:
            if ticket != self._ticket:
                return
            if isinstance(result, FlorAppError):
                self.refused.emit(path, told(str(result)))
            elif isinstance(result, Exception):
                text = self.tr("The model could not be opened ({0}). Open another one.")
                self.refused.emit(path, text.format(result))
                raise result
            else:
                written, network = result
                self._known = (path, written, network)
                self.opened.emit(network, path)

        self._background.run(lambda: _tried(path, known), done)

    def forget(self) -> None:
        """Open what was opened last anew, should it be asked for again."""
        self._known = None

    def cancel(self) -> None:
        """Signal nothing more of what is being opened; its thread ends when it is through."""
        self._ticket += 1


def _tried(
    path: Path | None, known: tuple[Path | None, Stamp, Network] | None
) -> tuple[Stamp, Network]:
    # Here: it must not hold up the window's first paint, nor the first drop.
    import numpy as np

    from florapp.core import pipeline  # noqa: F401
    from florapp.core.allocator import give_back
    from florapp.core.network import Network
    from florapp.services import qimages  # noqa: F401

    written = stamp(path or shipped_model())
    if known is not None and written and known[:2] == (path, written):
        return written, known[2]
    network = Network(path or shipped_model())
    size = network.card.geometry.size
    network.run(np.zeros((1, size, size, 3), np.uint8))  # some open and cannot be run
    give_back()  # what opening it took, and the model before the last
    return written, network
