"""Nothing goes wrong unnoticed: what Qt warns of, and exceptions that nobody waits for."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

#: What Qt is known to say, and nobody can stop it from saying.
KNOWN = (
    "This plugin does not support propagateSizeHints",
    "This plugin does not support raise",
    "This plugin does not support grabbing the",  # keyboard, or mouse
    "Couldn't load",
    "Couldn't resolve",
    "Couldn't add V4L2 buffer",  # a camera is being unplugged
    "Couldn't start v4l2 camera stream",
    "Mouse event at",  # QTest, of a click on a window that has just become smaller
)


@contextlib.contextmanager
def strict() -> Iterator[list[str]]:
    """Gather whatever goes wrong: Qt's warnings, and exceptions in slots and threads."""
    wrong: list[str] = []

    def on_message(kind: QtMsgType, _: QMessageLogContext, text: str) -> None:
        harmless = kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)
        if not harmless and not text.startswith(KNOWN):
            wrong.append(f"Qt: {text}")

    def on_error(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        sys.__excepthook__(kind, error, trace)
        wrong.append(f"{kind.__name__}: {error}")

    def on_thread_error(happened: threading.ExceptHookArgs) -> None:
        threading.__excepthook__(happened)
        wrong.append(f"{happened.exc_type.__name__}: {happened.exc_value}")

    before = sys.excepthook, threading.excepthook
    handler = qInstallMessageHandler(on_message)
    sys.excepthook, threading.excepthook = on_error, on_thread_error
    try:
        yield wrong
    finally:
        qInstallMessageHandler(handler)
        sys.excepthook, threading.excepthook = before
