"""Names what the camera sees, again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from florapp.core.errors import FlorAppError
from florapp.services.background import Gate
from florapp.services.words import told

if TYPE_CHECKING:  # the window is painted before numpy is there
    from florapp.core.model_file import Label
    from florapp.core.network import Network
    from florapp.core.prediction import Answer, Candidate

_LEAD = 0.05  # by which another candidate has to lead to become the first


class Live(QObject):
    """Names the newest picture on a thread of its own, as often as the network manages.

    What comes in the meantime is not queued: only the newest picture waits.
    """

    named = Signal(object)  # Answer; see _Naming
    broken = Signal(str)  # the network fails, and naming waits for another; a sentence
    _result = Signal(object, object)  # naming, answer
    _failure = Signal(object, object)  # naming, exception

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gate = Gate(self)
        self._changed = threading.Condition()
        self._network: Network | None = None
        self._on = False
        self._naming: _Naming | None = None  # what comes from another one is dropped
        self._image: QImage | None = None  # the newest, not yet looked at
        self._thread: threading.Thread | None = None
        self._closed = False
        self._result.connect(self._deliver)
        self._failure.connect(self._tell)

    @property
    def has_network(self) -> bool:
        """Whether there is a network to name with."""
        return self._network is not None

    def use(self, network: Network) -> None:
        """Name with ``network`` from now on."""
        self._network = network
        self._begin()

    def start(self) -> None:
        """Name what :meth:`look` is given, as soon as there is a network."""
        self._on = True
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="florapp-live", daemon=True)
            self._thread.start()
        self._begin()

    def stop(self) -> None:
        """Name nothing any more; what is being named is dropped."""
        self._on = False
        self._begin()

    def look(self, image: QImage) -> None:
        """Name ``image`` next, unless a newer one comes. May be called from any thread."""
        with self._changed:
            if self._naming is not None:
                self._image = image
                self._changed.notify()

    def close(self) -> None:
        """End the thread; what it is naming is dropped."""
        self._gate.close()
        self.stop()
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _begin(self) -> None:
        with self._changed:
            network = self._network if self._on else None
            self._naming = _Naming(network) if network is not None else None
            self._image = None

    def _deliver(self, naming: _Naming, answer: Answer) -> None:
        if naming is self._naming:
            self.named.emit(answer)

    def _tell(self, naming: _Naming, error: Exception) -> None:
        if naming is not self._naming:
            return
        with self._changed:
            self._naming = self._image = None  # until another network comes
        if isinstance(error, FlorAppError):
            self.broken.emit(told(str(error)))
            return
        text = self.tr(
            "What the camera sees could not be named ({0}). Try again, or open another model."
        )
        self.broken.emit(text.format(error))
        raise error

    def _work(self) -> None:
        while self._name_one():
            pass

    def _name_one(self) -> bool:
        """Wait for a picture and name it; False when there will be none."""
        with self._changed:
            while not self._closed and (self._naming is None or self._image is None):
                self._changed.wait()
            if self._closed or self._naming is None or self._image is None:
                return False
            naming, image, self._image = self._naming, self._image, None
        try:
            self._gate.emit(self._result, naming, naming.name(image))
        except Exception as error:  # the thread goes on: another network may come
            self._gate.emit(self._failure, naming, error)
        return True


class _Naming:
    """One stretch of naming by one network: answers are smoothed, and the name does not flicker.

    The candidate that was the first stays the first until another leads clearly.
    """

    def __init__(self, network: Network) -> None:
        from florapp.core.smoothing import Smoothing

        self._network = network
        self._probabilities, self._novelty = Smoothing(), Smoothing()
        self._first: Label | None = None

    def name(self, image: QImage) -> Answer:
        """Answer with all classes, most probable first but for the one that stays."""
        import numpy as np

        from florapp.core.prediction import Answer, Ranking
        from florapp.core.quality import flaw
        from florapp.core.source import Source
        from florapp.core.square import to_input
        from florapp.services.qimages import to_pixels

        card, now = self._network.card, time.monotonic()
        square, placement = to_input(to_pixels(image), card.geometry)
        outputs = self._network.run(square[np.newaxis])
        probabilities = self._probabilities.add(now, outputs.probabilities[0])
        ranked: Sequence[Candidate] = Ranking(card.labels, probabilities)
        stays = next((c for c in ranked if c.label == self._first), ranked[0])
        if ranked[0].probability - stays.probability < _LEAD:
            ranked = (stays, *(c for c in ranked if c.label != stays.label))
        self._first = ranked[0].label
        novelty = None
        if outputs.novelty is not None:
            novelty = float(self._novelty.add(now, outputs.novelty)[0])
        return Answer(
            Source("", b""),
            ranked,
            (image.width(), image.height()),
            placement,
            flaw(square),
            novelty,
            card.calibration,
        )
