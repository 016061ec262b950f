"""Take the README's picture of the window, with the sample pictures.

QT_QPA_PLATFORM=offscreen python packaging/screenshot.py docs/window.png
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from florapp.app import build
from florapp.core.paths import ASSETS
from florapp.services.settings import ColourScheme, Settings


def main(out: str) -> None:
    """Open the samples, wait until all are answered, and save what the window looks like."""
    application = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder) / "settings.ini")
        settings.colours = ColourScheme.LIGHT
        window = build(application, settings, [ASSETS / "samples"])
        window.resize(1120, 720)
        window.show()
        pictures = window.strip.model()

        def look() -> None:
            if len(pictures) and not pictures.waiting:
                timer.stop()
                window.strip.setCurrentIndex(pictures.index(1, 0))
                QTimer.singleShot(1000, take)

        def take() -> None:
            window.grab().save(out)
            window.close()
            application.quit()

        timer = QTimer(interval=500)
        timer.timeout.connect(look)
        timer.start()
        application.exec()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
