"""What a long job tells the person who waits: where it is and how long it will take."""

from __future__ import annotations

import sys
import time
from typing import Any

import keras


def say(line: str) -> None:
    """Print one line at once, with the time: a log is read while the run goes on."""
    print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)


class Progress(keras.callbacks.Callback):  # type: ignore[misc]  # keras is untyped
    """Tells of a running epoch: every second on a terminal, else every minute.

    ``work_before`` and ``work_after`` are the epochs done and to come in units of this one's
    work, from which the time left is told.
    """

    def __init__(self, title: str, work_after: float) -> None:
        super().__init__()
        self._title, self._after = title, work_after
        self._live = sys.stdout.isatty()
        self._started = self._told = time.monotonic()

    def on_train_begin(self, logs: Any = None) -> None:
        self._started = self._told = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        now, steps = time.monotonic(), self.params["steps"]
        if now - self._told < (1 if self._live else 60):
            return
        self._told = now
        epoch = (now - self._started) * steps / (batch + 1)
        left = epoch * (1 + self._after) - (now - self._started)
        loss = (logs or {}).get("loss", float("nan"))
        line = f"{self._title}: {batch + 1}/{steps}, loss {loss:.3f}, {duration(left)} left"
        if self._live:
            print(f"\r{line}\033[K", end="", flush=True)
        else:
            say(line)

    def on_train_end(self, logs: Any = None) -> None:
        if self._live:
            print("\r\033[K", end="", flush=True)


def duration(seconds: float) -> str:
    """Seconds as a person says them: "40 s", "12 min", "1 h 05 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
