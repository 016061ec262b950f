"""Crash reports: what went wrong, for the user to read and pass on. No pictures in them.

A run has a name. While it lives it holds ``<name>.lock``, and ``<name>-0.txt`` waits for the one
thing Python cannot survive, a native crash; exceptions go to ``<name>-1.txt`` and so on.
"""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import itertools
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from platformdirs import user_state_path
from PySide6.QtCore import QLockFile, QSysInfo, qVersion

from florapp import __version__

#: So many reports are written in one run, and so many of earlier runs are kept.
MOST_REPORTS = 10
_LONGEST = 500  # characters of a line: a message may quote a whole file


def usual_folder() -> Path:
    """Where the reports of the user's own FlorApp lie."""
    return user_state_path("FlorApp", appauthor=False) / "crashes"


def install(folder: Path, tell: Callable[[Path], None] = lambda _: None) -> Callable[[], None]:
    """Write a report of every exception that nobody catches, and of a native crash.

    The program goes on after an exception in a slot; ``tell`` is called with the report's path, in
    the thread it happened in: the ``emit`` of a signal is right. Returns the function that ends
    this, which is also called when Python ends.
    """
    now = time.time_ns()
    when = time.strftime("%Y%m%d-%H%M%S", time.localtime(now // 10**9))
    name = f"{when}-{now // 1000 % 10**6:06}-{os.getpid()}"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    lock = QLockFile(str(folder / f"{name}.lock"))
    lock.tryLock(0)
    stop_watching = _watch(folder / f"{name}-0.txt")
    hook, thread_hook = sys.excepthook, threading.excepthook
    numbers = itertools.count(1)
    seen: set[object] = set()

    def report(kind: type[BaseException], error: BaseException | None, place: str) -> None:
        trace = error.__traceback__ if error else None
        where = (kind, *((f.f_code, line) for f, line in traceback.walk_tb(trace)))
        if where in seen or len(seen) == MOST_REPORTS or not issubclass(kind, Exception):
            return  # an error in painting comes back with every frame
        seen.add(where)
        path = folder / f"{name}-{next(numbers)}.txt"
        with contextlib.suppress(Exception):  # what reports an error must not make another
            told = "".join(traceback.format_exception(kind, error, trace))
            _write(path, f"{_header()}\n{place}\n{told}")
            tell(path)

    def on_exception(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        hook(kind, error, trace)
        report(kind, error, f"In {threading.current_thread().name}")

    def on_thread_exception(happened: threading.ExceptHookArgs) -> None:
        thread_hook(happened)
        thread = happened.thread.name if happened.thread else "a thread"
        report(happened.exc_type, happened.exc_value, f"In {thread}")

    def end() -> None:
        atexit.unregister(end)
        sys.excepthook, threading.excepthook = hook, thread_hook
        stop_watching()
        lock.unlock()

    sys.excepthook, threading.excepthook = on_exception, on_thread_exception
    atexit.register(end)
    return end


def left(folder: Path) -> list[Path]:
    """Find the reports of earlier runs, the oldest first; those of runs that go on are not meant.

    What runs that were killed left behind without a crash is cleared away, and so are the oldest
    reports when they are many.
    """
    found = []
    for path in sorted(folder.glob("*.txt")):
        run, _, number = path.stem.rpartition("-")
        if _runs(folder / f"{run}.lock"):
            continue
        if number == "0" and not read(path).partition("\n\n")[2].strip():
            forget([path])
        else:
            found.append(path)
    forget(found[:-MOST_REPORTS])
    return found[-MOST_REPORTS:]


def read(report: Path) -> str:
    """Return a report's text; "" when it cannot be read."""
    try:
        return _without_home(report.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""


def forget(reports: list[Path]) -> None:
    """Delete reports that the user has seen or does not want to see."""
    for path in reports:
        with contextlib.suppress(OSError):
            path.unlink()


def _watch(path: Path) -> Callable[[], None]:
    """Let Python write a native crash to ``path``; return what ends that and deletes the file.

    It is deleted whatever it holds, for who comes to a clean end did not crash: on Windows errors
    are written that somebody handles.
    """
    try:
        file = path.open("w", encoding="utf-8")
        file.write(f"{_header()}\n")
        file.flush()
    except OSError:
        return lambda: None
    faulthandler.enable(file)

    def end() -> None:
        faulthandler.disable()
        file.close()
        forget([path])

    return end


def _runs(lock_file: Path) -> bool:
    """Whether the run that holds ``lock_file`` still goes on."""
    lock = QLockFile(str(lock_file))
    lock.setStaleLockTime(0)  # a lock does not age; it is void when its process is gone
    free = lock.tryLock(0)
    lock.unlock()
    return not free


def _header() -> str:
    onnxruntime = getattr(sys.modules.get("onnxruntime"), "__version__", "not loaded")
    python = sys.version.split()[0]
    return (
        f"FlorApp {__version__}\n"
        f"Python {python}, Qt {qVersion()}, onnxruntime {onnxruntime}\n"
        f"{QSysInfo.prettyProductName()}, {QSysInfo.kernelType()} {QSysInfo.kernelVersion()}, "
        f"{QSysInfo.currentCpuArchitecture()}\n"
        f"{time.strftime('%Y-%m-%d %H:%M:%S%z')}\n"
    )


def _write(path: Path, text: str) -> None:
    """Write a report; it is there as a whole or not at all."""
    lines = (line[:_LONGEST] for line in _without_home(text).splitlines())
    part = path.with_suffix(".part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="backslashreplace")
    part.replace(path)


def _without_home(text: str) -> str:
    """Put ``~`` where the text names the user's home, which holds the user's name."""
    try:
        home = Path.home()
    except RuntimeError:  # there is none
        return text
    for folder in {home, home.resolve()} - {Path(home.anchor)}:
        # Strings that are quoted in a traceback have their backslashes doubled.
        named = r"[\\/]+".join(map(re.escape, re.split(r"[\\/]+", str(folder))))
        pattern = rf"(?<![\w.~/\\-]){named}(?![\w.-])"
        text = re.sub(pattern, "~", text, flags=re.IGNORECASE if os.name == "nt" else 0)
    return text
