"""The one way from sources to answers, taken by window, terminal, Python and workshop alike.

Daemon threads decode (readers.py); the caller's thread gathers what is ready into batches, runs
the network and yields. A reader that hangs is given up and replaced, so it holds up nobody, not
even the end of the program.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from florapp.core.images import Picture
from florapp.core.network import Network, Outputs
from florapp.core.prediction import MAPPED, Answer, Failure, Ranking
from florapp.core.readers import PATIENCE, TICK, Readers, Ready
from florapp.core.source import Source


def classify(
    network: Network,
    sources: Iterable[Source | Failure | None],
    *,
    cancelled: threading.Event | None = None,
    decoded: Callable[[int, Picture], None] | None = None,
    patience: float = PATIENCE,
) -> Generator[tuple[int, Answer | Failure]]:
    """Yield (position in ``sources``, answer) for every source, in the order of readiness.

    A Failure among the sources is passed on. A None among them has no position: it says "nothing
    yet", and they are asked again a moment later. Setting ``cancelled``, or closing the generator,
    ends it at once; what is then still being read is dropped. ``decoded`` is called with each
    position and its picture by the thread that read it, before the network sees it (a window makes
    its thumbnails there). ``patience`` is in seconds.
    """
    if cancelled is None:
        cancelled = threading.Event()
    threads = max(2, network.threads)  # two at least: one of them may hang
    readers = Readers(network.card.geometry, threads, patience, decoded)
    numbered = _numbered(sources)
    exhausted = False
    try:
        while not cancelled.is_set():
            until = time.monotonic() + TICK
            while not exhausted and readers.room(until) and not cancelled.is_set():
                position, source = next(numbered, (-1, None))
                if isinstance(source, Failure):
                    yield position, source
                elif source is not None:
                    readers.read(position, source)
                else:
                    exhausted = position < 0
                    break
            if exhausted and not readers.busy():
                return
            batch = []
            for position, result in readers.ready():
                if isinstance(result, Failure):
                    yield position, result
                else:
                    batch.append((position, result))
            if batch and not cancelled.is_set():
                yield from _run(network, batch)
    finally:
        readers.close()


def in_order(
    results: Iterable[tuple[int, Answer | Failure]],
) -> Iterator[Answer | Failure]:
    """Yield the results of :func:`classify` in the order of their sources."""
    waiting: dict[int, Answer | Failure] = {}
    position = 0
    for found, result in results:
        waiting[found] = result
        while position in waiting:
            yield waiting.pop(position)
            position += 1


def _numbered(
    sources: Iterable[Source | Failure | None],
) -> Iterator[tuple[int, Source | Failure | None]]:
    position = 0
    for source in sources:
        yield position, source
        position += source is not None


def _run(network: Network, batch: list[tuple[int, Ready]]) -> Iterator[tuple[int, Answer]]:
    outputs = network.run(np.stack([ready.image for _, ready in batch]))
    for i, (position, ready) in enumerate(batch):
        ranked = Ranking(network.card.labels, outputs.probabilities[i])
        yield (
            position,
            Answer(
                ready.source,
                ranked,
                ready.whole,
                ready.placement,
                ready.flaw,
                None if outputs.novelty is None else float(outputs.novelty[i]),
                network.card.calibration,
                _top_maps(outputs, i),
            ),
        )


def _top_maps(outputs: Outputs, i: int) -> NDArray[np.float32] | None:
    """Copy the maps of picture ``i``'s first classes; all of them would fill the memory."""
    if outputs.class_maps is None:
        return None
    first = (-outputs.probabilities[i]).argsort(kind="stable")[:MAPPED]
    maps: NDArray[np.float32] = outputs.class_maps[i][..., first].copy()
    return maps
