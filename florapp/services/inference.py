"""Answers the strip's pictures in the background: the selected one first, then the rest.

Two lanes, each a daemon thread around ``core.pipeline.classify``: one for the picture that the user
looks at, one for all the others, so that a selected picture overtakes whatever is being read.
Results come back as signals in the thread that owns this object.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from florapp.core.errors import FlorAppError
from florapp.core.images import Picture
from florapp.core.network import Network
from florapp.core.pipeline import classify
from florapp.core.prediction import Answer, Failure
from florapp.core.source import Source
from florapp.services.qimages import THUMBNAIL, to_qimage


class Inference(QObject):
    """Asks the network about pictures. Every result is for the network in use when it arrives."""

    answered = Signal(int, object)  # key, Answer | Failure
    decoded = Signal(int, QImage)  # key, thumbnail
    broken = Signal(str)  # the model fails; a sentence
    _result = Signal(int, int, object)  # ticket, key, result
    _thumbnail = Signal(int, QImage)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changed = threading.Condition()
        self._network: Network | None = None
        self._ticket = 0  # of the network: what carries an older one is dropped
        self._cancelled = threading.Event()  # of the runs under this ticket
        self._waiting: dict[int, Source] = {}
        self._selected: dict[int, Source] = {}  # one at the most
        self._stopped = self._closed = False
        self._result.connect(self._deliver)
        self._thumbnail.connect(self.decoded)
        for take in (self._take_selected, self._take_waiting):
            threading.Thread(target=self._lane, args=(take,), daemon=True).start()

    @property
    def stopped(self) -> bool:
        """Whether the rest of the strip is left waiting."""
        return self._stopped

    def use(self, network: Network) -> None:
        """Answer with ``network`` from now on. Whoever was not answered is to be asked again."""
        with self._changed:
            self._cancelled.set()
            self._cancelled = threading.Event()
            self._network, self._ticket = network, self._ticket + 1
            self._waiting, self._selected = {}, {}
            self._changed.notify_all()

    def ask(self, pictures: Iterable[tuple[int, Source]]) -> None:
        """Queue pictures, by key."""
        with self._changed:
            self._waiting.update(pictures)
            self._changed.notify_all()

    def prefer(self, key: int, source: Source) -> None:
        """Answer this picture before all others, even while the rest is stopped."""
        with self._changed:
            self._selected = {key: source}
            self._changed.notify_all()

    def forget(self, keys: Iterable[int]) -> None:
        """Ask no more about removed pictures."""
        with self._changed:
            for key in keys:
                self._waiting.pop(key, None)
                self._selected.pop(key, None)

    def stop(self) -> None:
        """Leave the rest waiting until :meth:`go_on`; what is being read is still answered."""
        with self._changed:
            self._stopped = True

    def go_on(self) -> None:
        """Answer the rest again."""
        with self._changed:
            self._stopped = False
            self._changed.notify_all()

    def close(self) -> None:
        """End the threads; what they are reading is dropped."""
        with self._changed:
            self._closed = True
            self._cancelled.set()
            self._changed.notify_all()

    def _deliver(self, ticket: int, key: int, result: Answer | Failure) -> None:
        if ticket == self._ticket:
            self.answered.emit(key, result)

    def _take_selected(self) -> tuple[int, Source] | None:
        if not self._selected:
            return None
        key, source = self._selected.popitem()
        self._waiting.pop(key, None)
        return key, source

    def _take_waiting(self) -> tuple[int, Source] | None:
        if self._stopped or not self._waiting:
            return None
        key = next(iter(self._waiting))
        return key, self._waiting.pop(key)

    def _lane(self, take: Callable[[], tuple[int, Source] | None]) -> None:
        while True:
            with self._changed:
                first = None
                while not self._closed and (self._network is None or (first := take()) is None):
                    self._changed.wait()
                if first is None or self._network is None:
                    return
                network, ticket, cancelled = self._network, self._ticket, self._cancelled
            with contextlib.suppress(RuntimeError):  # the window, and this object, are gone
                self._run(network, ticket, cancelled, first, take)

    def _run(
        self,
        network: Network,
        ticket: int,
        cancelled: threading.Event,
        first: tuple[int, Source],
        take: Callable[[], tuple[int, Source] | None],
    ) -> None:
        keys: list[int] = []  # by their position in what classify() is given
        asked: dict[int, Source] = {}  # and not answered

        def sources() -> Iterator[Source]:
            picture: tuple[int, Source] | None = first
            while picture is not None:
                keys.append(picture[0])
                asked[picture[0]] = picture[1]
                yield picture[1]
                with self._changed:
                    picture = None if cancelled.is_set() else take()

        def decoded(position: int, picture: Picture) -> None:
            with contextlib.suppress(RuntimeError):
                self._thumbnail.emit(keys[position], to_qimage(picture.pixels, THUMBNAIL))

        try:
            for position, result in classify(
                network, sources(), cancelled=cancelled, decoded=decoded
            ):
                del asked[keys[position]]
                self._result.emit(ticket, keys[position], result)
        except FlorAppError as error:
            self.stop()
            self.broken.emit(str(error))
        with self._changed:
            if ticket == self._ticket:  # the model failed: they go on waiting, at the front
                self._waiting = asked | self._waiting
