"""The program's own start, without a screen, which closes its window when all is answered.

    python -m tests.robustness.window MODEL PICTURE...

It prints what became of each picture. Without a MODEL ("") it is the one in the settings. With
FLORAPP_WEB set to an address, that is dropped, too, and it prints what is asked; with
FLORAPP_FETCH, the user agrees to fetch it.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QMimeData, QTimer, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from florapp import app
from florapp.core.prediction import Answer
from florapp.services.settings import Settings
from florapp.ui.main_window import MainWindow
from tests.ui.hands import button, drop, entries

_PATIENCE = 60.0  # seconds; the machine may be busy


def run(model: str, paths: Sequence[str], use: Callable[[MainWindow], object]) -> NoReturn:
    """Open the window with ``paths``; ``use`` it when they are answered, and close it."""
    build = app.build

    def watched(
        application: QApplication, settings: Settings, paths: Sequence[Path] = ()
    ) -> MainWindow:
        if model:
            settings.model = model
        window = build(application, settings, paths)
        timer = QTimer(window, interval=20)

        def look() -> None:
            if not answered(window, len(paths)):
                return
            timer.stop()
            try:
                use(window)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            window.close()

        timer.timeout.connect(look)
        window.painted.connect(timer.start)
        return window

    app.build = watched
    app.main(paths)


def answered(window: MainWindow, count: int) -> bool:
    """Whether so many pictures are there, and all have their answers."""
    results = [entry.result for entry in entries(window)]
    return len(results) >= count and None not in results


def wait(holds: Callable[[], bool]) -> None:
    """Let the window work until that holds."""
    end = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        QTest.qWait(20)


def tell(window: MainWindow) -> None:
    """Print what became of each picture."""
    for entry in entries(window):
        result = entry.result
        said = result.best.label.id if isinstance(result, Answer) else "none"
        print(entry.name, said, flush=True)


def asked_to_fetch(window: MainWindow) -> QAbstractButton:
    """Wait for the question, print it, and wait a moment more; return the button that agrees."""
    messages = window.workspace.messages
    wait(lambda: "Fetch" in messages.text())
    print(messages.text(), flush=True)
    QTest.qWait(300)
    return button(messages, "Fetch")


def _use(window: MainWindow) -> None:
    tell(window)
    if address := os.environ.get("FLORAPP_WEB"):
        mime = QMimeData()
        mime.setUrls([QUrl(address)])
        drop(window, mime)
        agree = asked_to_fetch(window)
        if "FLORAPP_FETCH" in os.environ:
            agree.click()
            QTest.qWait(3000)


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2:], _use)
