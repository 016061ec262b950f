"""What a long job tells the person who waits."""

from __future__ import annotations

import os
import time


def say(line: str) -> None:
    """Print one line at once, with the time: a log is read while the run goes on."""
    shown = os.fsencode(line).decode(errors="replace")  # it may hold a name in no encoding
    print(f"{time.strftime('%H:%M:%S')}  {shown}", flush=True)


def duration(seconds: float) -> str:
    """Seconds as a person says them: "40 s", "12 min", "1 h 05 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
