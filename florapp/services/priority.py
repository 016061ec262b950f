"""Who goes first when every processor is busy: the window."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

_NICE = 10


def let_the_window_go_first() -> None:
    """Lower the calling thread's priority, and that of the threads that it will start.

    Without it the window's thread waits for its turn behind those that decode and infer, up to
    80 ms at a time on two cores. On Linux alone, where every thread has a priority of its own
    (sched(7)); elsewhere a process has one, and nothing happens.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):  # a sandbox may forbid it
            now = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, max(now, _NICE))
