"""Answers the strip's pictures in the background: the selected one first, then the rest.

Two lanes, each a daemon thread around ``core.pipeline.classify``: one for the picture that the user
looks at, one for all the others, so that a selected picture overtakes whatever is being read.
Results come back as signals in the thread that owns this object.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from florapp.core.errors import FlorAppError
from florapp.core.prediction import Answer, Failure
from florapp.core.source import Source
from florapp.services.background import Gate
from florapp.services.priority import let_the_window_go_first
from florapp.services.words import told

if TYPE_CHECKING:
    from florapp.core.images import Picture
    from florapp.core.network import Network


class Inference(QObject):
    """Asks the network about pictures. Every result is for the network in use when it arrives."""

    answered = Signal(int, object)  # key, Answer | Failure
    decoded = Signal(int, object, object)  # key, thumbnail, its file's stamp
    broken = Signal(str)  # the network fails; a sentence
    _result = Signal(int, int, object)  # ticket, key, result
    _thumbnail = Signal(int, object, object)
    _failure = Signal(int, object)  # ticket, exception

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gate = Gate(self)
        self._changed = threading.Condition()
        self._network: Network | None = None
        self._ticket = 0  # of the network: what carries an older one is dropped
        self._cancelled = threading.Event()  # of the runs under this ticket
        self._waiting: dict[int, Source] = {}
        self._selected: dict[int, Source] = {}  # one at the most; it may be waiting as well
        self._reading: set[int] = set()  # taken by a lane under this ticket, and not answered
        self._stopped = False  # by the user
        self._failed = False  # the network in use
        self._closed = False
        self._result.connect(self._deliver)
        self._thumbnail.connect(self.decoded)
        self._failure.connect(self._tell)
        for first in (self._first_selected, self._first_waiting):
            threading.Thread(
                target=self._lane, args=(first,), name="florapp-lane", daemon=True
            ).start()

    @property
    def stopped(self) -> bool:
        """Whether the rest of the strip is left waiting: by the user, or as the network fails."""
        return self._stopped or self._failed

    def use(self, network: Network) -> None:
        """Answer with ``network`` from now on. Whoever was not answered is to be asked again."""
        with self._changed:
            self._cancelled.set()
            self._cancelled = threading.Event()
            self._network, self._ticket, self._failed = network, self._ticket + 1, False
            self._waiting, self._selected, self._reading = {}, {}, set()
            self._changed.notify_all()

    def ask(self, pictures: Iterable[tuple[int, Source]]) -> None:
        """Queue pictures, by key, but for those that are being read."""
        with self._changed:
            self._waiting.update(each for each in pictures if each[0] not in self._reading)
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
            self._stopped = self._failed = False
            self._changed.notify_all()

    def close(self) -> None:
        """End the threads; what they are reading is dropped."""
        self._gate.close()
        with self._changed:
            self._closed = True
            self._ticket += 1
            self._cancelled.set()
            self._changed.notify_all()

    def _deliver(self, ticket: int, key: int, result: Answer | Failure) -> None:
        if ticket == self._ticket:
            self.answered.emit(key, result)

    def _tell(self, ticket: int, error: Exception) -> None:
        if ticket != self._ticket:
            return
        if isinstance(error, FlorAppError):
            self.broken.emit(told(str(error)))
            return
        text = self.tr("The pictures could not be answered ({0}). Go on, or open another model.")
        self.broken.emit(text.format(error))
        raise error

    def _first_selected(self) -> int | None:
        return next(iter(self._selected), None)

    def _first_waiting(self) -> int | None:
        return None if self.stopped else next(iter(self._waiting), None)

    def _lane(self, first: Callable[[], int | None]) -> None:
        let_the_window_go_first()
        while True:
            with self._changed:
                while not self._closed and (self._network is None or first() is None):
                    self._changed.wait()
                if self._closed or self._network is None:
                    return
                network, ticket, cancelled = self._network, self._ticket, self._cancelled
                reading = self._reading
            self._run(network, ticket, cancelled, reading, first)

    def _run(
        self,
        network: Network,
        ticket: int,
        cancelled: threading.Event,
        reading: set[int],
        first: Callable[[], int | None],
    ) -> None:
        # Here, on the thread: the window is painted before numpy and Pillow are there.
        from florapp.core.pipeline import classify
        from florapp.services.qimages import to_thumbnail

        keys: list[int] = []  # by their position in what classify() is given
        asked: dict[int, Source] = {}  # and not answered

        def sources() -> Iterator[Source | None]:
            """Yield what is to be read, and None as long as that may still become more."""
            while True:
                with self._changed:
                    key, source = None if cancelled.is_set() else first(), None
                    if key is not None:  # from both: it need not be read twice
                        waiting = self._waiting.pop(key, None)
                        source = self._selected.pop(key, waiting)
                        reading.add(key)
                if key in asked:  # looked at again while it is being read
                    continue
                if key is not None and source is not None:
                    keys.append(key)
                    asked[key] = source
                elif not asked:
                    return
                yield source

        def decoded(position: int, picture: Picture) -> None:
            thumbnail = to_thumbnail(picture.image)
            self._gate.emit(self._thumbnail, keys[position], thumbnail, picture.written)

        try:
            for position, result in classify(
                network, sources(), cancelled=cancelled, decoded=decoded
            ):
                del asked[keys[position]]
                with self._changed:
                    reading.discard(keys[position])
                self._gate.emit(self._result, ticket, keys[position], result)
        except Exception as error:  # the lane goes on: another network may come
            with self._changed:
                if ticket != self._ticket:
                    return
                self._failed = True
                self._waiting = self._selected | asked | self._waiting  # they wait at the front
                self._selected = {}
                reading.difference_update(asked)
            self._gate.emit(self._failure, ticket, error)
