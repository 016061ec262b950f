"""One piece of work done for many things, in threads, while a person is told how long it takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from training.progress import counted

_T = TypeVar("_T")
_R = TypeVar("_R")


def each(work: Callable[[_T], _R], items: Sequence[_T], title: str) -> list[_R]:
    """Do ``work`` on every item, and return the results in their order.

    Decoders let other threads run meanwhile. Interrupted, it drops what nobody has begun.
    """
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        return list(counted(pool.map(work, items), len(items), title))
    finally:
        pool.shutdown(cancel_futures=True)
