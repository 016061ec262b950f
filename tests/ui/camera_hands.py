"""What a camera that is not there shows the panel, and what is seen of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QVideoFrame
from pytestqt.qtbot import QtBot

from florapp.services.camera import Camera, State
from florapp.services.multimedia import Fault
from florapp.ui.camera_panel import CameraPanel
from florapp.ui.preview import Preview
from tests.ui.hands import WAIT

Save = Callable[[str, str], Path]
T = TypeVar("T", bound=QObject)


def find(panel: CameraPanel, kind: type[T]) -> T:
    found = panel.findChild(kind)
    assert isinstance(found, kind)
    return found


def become(camera: Camera, state: State, fault: Fault | None = None) -> None:
    camera.state, camera.fault = state, fault
    camera.changed.emit()


def halves(left: str, right: str) -> QVideoFrame:
    """A frame whose halves have these colours."""
    image = QImage(64, 48, QImage.Format.Format_RGB888)
    image.fill(left)
    for x in range(32, 64):
        for y in range(48):
            image.setPixelColor(x, y, right)
    return QVideoFrame(image)


def seen(panel: CameraPanel) -> tuple[str, str]:
    """The colours on the left and on the right of the preview."""
    preview = find(panel, Preview)
    image, area = preview.grab().toImage(), preview.picture_area()
    y, quarter = area.center().y(), area.width() // 4
    return (
        image.pixelColor(area.left() + quarter, y).name(),
        image.pixelColor(area.right() - quarter, y).name(),
    )


def show(panel: CameraPanel, qtbot: QtBot, left: str, right: str) -> None:
    """Have the camera see these colours."""
    panel.camera.frame.emit(halves(left, right))
    preview = find(panel, Preview)
    qtbot.waitUntil(lambda: not preview.picture_area().isEmpty(), timeout=WAIT)
