"""What a long job tells the person who waits."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

_TELL_EVERY = 20.0  # seconds
_T = TypeVar("_T")


def say(line: str, *, to: TextIO | None = None) -> None:
    """Print one line at once, with the time: a log is read while the run goes on."""
    shown = os.fsencode(line).decode(errors="replace")  # it may hold a name in no encoding
    print(f"{time.strftime('%H:%M:%S')}  {shown}", file=to, flush=True)


def counted(results: Iterable[_T], count: int, title: str) -> Iterator[_T]:
    """Pass ``results`` on as they come; tell now and then how many of ``count`` there have been.

    That goes to stderr, as it is no part of what was found.
    """
    started = told = time.monotonic()
    for done, result in enumerate(results, 1):
        yield result
        now = time.monotonic()
        if now - told > _TELL_EVERY:
            told, left = now, (now - started) * (count - done) / done
            say(f"{title}: {done} of {count}, {duration(left)} left", to=sys.stderr)


def duration(seconds: float) -> str:
    """Seconds as a person says them: "40 s", "12 min", "1 h 05 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
