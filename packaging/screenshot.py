"""Take the README's pictures of the window: with the sample pictures, and with a camera.

QT_QPA_PLATFORM=offscreen python packaging/screenshot.py docs/window.png docs/camera.png
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from florapp.app import build, make_application
from florapp.core.drawing import draw
from florapp.core.paths import ASSETS
from florapp.services.pictures import PictureList
from florapp.services.qimages import to_qimage
from florapp.services.settings import ColourScheme, Settings
from florapp.ui.main_window import MainWindow


def with_samples(application: QApplication, settings: Settings) -> MainWindow:
    """Open the samples, and wait until all are answered."""
    window = opened(application, settings, [ASSETS / "samples"])
    pictures = answered(window)
    window.workspace.strip.setCurrentIndex(pictures.index(0, 0))  # one that it is sure of
    return window


def with_camera(application: QApplication, settings: Settings) -> MainWindow:
    """See a drawn flower through a camera that is not there, and take its picture."""
    from PySide6.QtMultimedia import QVideoFrame

    from florapp.services.camera import Camera, State
    from florapp.ui.live_answer import LiveAnswer
    from florapp.ui.shutter import Shutter

    frame = QVideoFrame(to_qimage(draw("sunflower", 1280, 720), 1280).convertToFormat(_RGB))

    def stream(self: Camera, wanted: str = "") -> None:
        self.state = State.STREAMING
        self.changed.emit()
        frames = QTimer(self, interval=40)
        frames.timeout.connect(lambda: self.frame.emit(frame))
        frames.start()

    Camera.open = stream  # type: ignore[method-assign]
    settings.live = True
    window = opened(application, settings, [])
    wait_until(window.actions_.show_card.isEnabled)
    window.actions_.camera.trigger()
    wait_until(lambda: window.findChildren(LiveAnswer))
    wait_until(lambda: "%" in window.findChildren(LiveAnswer)[0].accessibleName())
    window.findChildren(Shutter)[0].click()
    answered(window)
    return window


_RGB = QImage.Format.Format_RGBX8888


def opened(application: QApplication, settings: Settings, paths: Sequence[Path]) -> MainWindow:
    settings.colours = ColourScheme.LIGHT
    window = build(application, settings, paths)
    window.resize(1120, 720)
    window.show()
    wait_until(lambda: hasattr(window, "workspace"))
    return window


def answered(window: MainWindow) -> PictureList:
    """Wait until all pictures are answered, and return them."""
    pictures = window.workspace.strip.model()
    assert isinstance(pictures, PictureList)
    wait_until(lambda: len(pictures) and not pictures.waiting)
    return pictures


def wait_until(is_so: Callable[[], object]) -> None:
    while not is_so():
        wait(200)


def wait(duration: int) -> None:
    """Let the program run for some milliseconds."""
    loop = QEventLoop()
    QTimer.singleShot(duration, loop.quit)
    loop.exec()


def main(samples: str, camera: str) -> None:
    """Take both pictures."""
    application = make_application()
    for take, out in ((with_samples, samples), (with_camera, camera)):
        with tempfile.TemporaryDirectory() as folder:
            window = take(application, Settings(Path(folder) / "settings.json"))
            wait(1500)
            window.grab().save(out)
            window.close()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:3])
