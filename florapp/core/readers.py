"""Threads that read pictures, each into the network's square; one that hangs is given up."""

from __future__ import annotations

import atexit
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from florapp.core.errors import QT_TRANSLATE_NOOP, PictureError, Sentence
from florapp.core.geometry import Geometry, Placement
from florapp.core.images import Picture, decode
from florapp.core.memory import waits
from florapp.core.prediction import Failure
from florapp.core.quality import Flaw, flaw
from florapp.core.source import Source
from florapp.core.square import to_input

#: Seconds after which a picture that is still being read is given up.
PATIENCE = 30.0
#: Seconds between two looks at the clock, and at whether to stop.
TICK = 0.05
_BATCH = 8  # pictures that the network is given at once
_MOMENT = 1.0  # seconds for decoders to come to an end when Python does

_at_work: set[threading.Thread] = set()  # readers with a picture
_ending = threading.Event()  # Python is about to end: no reader begins another picture


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A picture shaped for the network: ``image`` is uint8 ``[size, size, 3]``.

    ``whole`` is the picture's size. Its own pixels are let go: a dozen that wait would be many.
    """

    source: Source
    whole: tuple[int, int]
    image: NDArray[np.uint8]
    placement: Placement
    flaw: Flaw | None


class Readers:
    """Threads that decode and shape pictures, and the book of what each is reading."""

    def __init__(
        self,
        geometry: Geometry,
        threads: int,
        patience: float,
        decoded: Callable[[int, Picture], None] | None,
    ) -> None:
        self._geometry, self._patience, self._decoded = geometry, patience, decoded
        self._todo: queue.SimpleQueue[tuple[int, Source] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[int, Ready | Failure]] = queue.SimpleQueue()
        self._reading: dict[int, Source] = {}  # handed out and not yet come back
        # Goes on only while somebody looks: a process may be stopped for a while, a caller busy.
        self._clock, self._looked = 0.0, time.monotonic()
        # When its reading began by that clock, and the thread that reads; kept by the readers.
        self._since: dict[int, tuple[float, int]] = {}
        self._room = 2 * _BATCH + threads
        self._started = 0
        for _ in range(threads):
            self._start()

    def room(self, until: float) -> bool:
        """Say whether to hand out more: past ``until``, what is finished is answered first."""
        answer_first = time.monotonic() > until and not self._done.empty()
        return len(self._reading) < self._room and not answer_first

    def busy(self) -> bool:
        return bool(self._reading)

    def read(self, position: int, source: Source) -> None:
        self._reading[position] = source
        self._todo.put((position, source))

    def ready(self) -> Iterator[tuple[int, Ready | Failure]]:
        """Yield the finished pictures of one batch at most, waiting one tick for the first."""
        for count in range(_BATCH):
            try:
                position, result = self._done.get(timeout=0 if count else TICK)
            except queue.Empty:
                break
            if self._reading.pop(position, None) is not None:  # else it was given up before
                yield position, result
        yield from self._hung()

    def close(self) -> None:
        with contextlib.suppress(queue.Empty):  # what nobody has begun is dropped
            while True:
                self._todo.get_nowait()
        for _ in range(self._started):
            self._todo.put(None)

    def _hung(self) -> Iterator[tuple[int, Failure]]:
        looked, self._looked = self._looked, time.monotonic()
        self._clock += min(self._looked - looked, 1.0, self._patience / 4)
        now = self._clock
        for position, (since, thread) in self._since.copy().items():
            if waits(thread):
                self._since[position] = now, thread
            elif now - since > self._patience and position in self._reading:
                source = self._reading.pop(position)
                self._since.pop(position, None)
                self._start()  # in the place of the one that hangs
                reason = Sentence(
                    QT_TRANSLATE_NOOP(
                        "core", "Reading took more than {0} seconds and was given up."
                    ),
                    f"{self._patience:g}",
                )
                yield position, Failure(source, reason)

    def _start(self) -> None:
        name = f"florapp-reader-{self._started + 1}"
        try:
            threading.Thread(target=self._work, name=name, daemon=True).start()
        except RuntimeError:  # the system gives no more threads: those that run will do
            if not self._started:
                raise
        else:
            self._started += 1

    def _work(self) -> None:
        while (task := self._todo.get()) is not None and not _ending.is_set():
            position, source = task
            self._since[position] = self._clock, threading.get_ident()
            _at_work.add(threading.current_thread())
            result = self._shape(position, source)
            _at_work.discard(threading.current_thread())
            self._since.pop(position, None)  # however long the caller leaves it lying
            self._done.put((position, result))

    def _shape(self, position: int, source: Source) -> Ready | Failure:
        try:
            picture = decode(source, self._geometry.at_least)
            if self._decoded is not None:
                self._decoded(position, picture)
            image, placement = to_input(picture.image, self._geometry)
            ready = Ready(source, picture.size, image, placement, flaw(image))
        except PictureError as error:
            return Failure(source, str(error))
        except BaseException as error:  # a reader must come back with something, whatever happened
            reason = Sentence(
                QT_TRANSLATE_NOOP("core", "The picture could not be prepared ({0})."), repr(error)
            )
            return Failure(source, reason)
        return ready


@atexit.register
def _let_decoders_end() -> None:
    """Wait a moment for what is being read, as Python ends: libheif at work then crashes it."""
    _ending.set()
    end = time.monotonic() + _MOMENT
    while any(t.is_alive() for t in _at_work.copy()) and time.monotonic() < end:
        time.sleep(0.01)
