"""One piece of work done for many things, in threads, while a person is told how long it takes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from training.progress import duration, say

_TELL_EVERY = 20.0  # seconds
_T = TypeVar("_T")
_R = TypeVar("_R")


def each(work: Callable[[_T], _R], items: Sequence[_T], title: str) -> list[_R]:
    """Do ``work`` on every item, and return the results in their order.

    Decoders let other threads run meanwhile. Interrupted, it drops what nobody has begun.
    """
    results: list[_R] = []
    started = told = time.monotonic()
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        for result in pool.map(work, items):
            results.append(result)
            now = time.monotonic()
            if now - told > _TELL_EVERY:
                told, done = now, len(results)
                left = (now - started) * (len(items) - done) / done
                say(f"{title}: {done} of {len(items)}, {duration(left)} left")
    finally:
        pool.shutdown(cancel_futures=True)
    return results
