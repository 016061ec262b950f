"""The program's own start, without a screen, which closes its window when all is answered.

    python -m tests.robustness.window MODEL PICTURE...

It prints what became of each picture. With FLORAPP_WEB set to an address, that is dropped, too;
with FLORAPP_FETCH, the user agrees to fetch it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QMimeData, QTimer, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from florapp import app
from florapp.core.prediction import Answer
from florapp.services.settings import Settings
from florapp.ui.main_window import MainWindow
from tests.ui.hands import button, drop, entries

_build = app.build


def _watched(
    application: QApplication, settings: Settings, paths: Sequence[Path] = ()
) -> MainWindow:
    settings.model = sys.argv[1]
    window = _build(application, settings, paths)
    timer = QTimer(window, interval=20)

    def look() -> None:
        if len(entries(window)) < len(paths) or any(e.result is None for e in entries(window)):
            return
        timer.stop()
        for entry in entries(window):
            result = entry.result
            said = result.best.label.id if isinstance(result, Answer) else "none"
            print(entry.name, said, flush=True)
        if address := os.environ.get("FLORAPP_WEB"):
            mime = QMimeData()
            mime.setUrls([QUrl(address)])
            drop(window, mime)
            QTest.qWait(300)
            if "FLORAPP_FETCH" in os.environ:
                button(window, "Fetch").click()
                QTest.qWait(3000)
        window.close()

    timer.timeout.connect(look)
    window.painted.connect(timer.start)
    return window


if __name__ == "__main__":
    app.build = _watched
    app.main(sys.argv[2:])
