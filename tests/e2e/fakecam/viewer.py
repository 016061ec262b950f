"""A small program that looks through a camera by Qt: ``viewer.py FOLDER``.

It opens the first camera, opens it anew when it was unplugged, and writes into the folder what
Qt says, again and again (state.json), and the newest frame (frame.png).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtMultimedia import (
    QCamera,
    QMediaCaptureSession,
    QMediaDevices,
    QVideoFrame,
    QVideoSink,
)


class Viewer:
    """A camera, and what was seen and heard of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._session = QMediaCaptureSession()
        self._sink = QVideoSink()
        self._sink.videoFrameChanged.connect(self._see)
        self._session.setVideoSink(self._sink)
        self._camera: QCamera | None = None
        self._frames = 0
        self._devices = QMediaDevices()
        self._devices.videoInputsChanged.connect(self._open)
        self._open()

    def _open(self) -> None:
        devices = QMediaDevices.videoInputs()
        if self._camera is not None:
            self._camera.stop()
            self._session.setCamera(None)  # type: ignore[arg-type]
            self._camera.deleteLater()  # only that closes the device
            self._camera = None
        if devices:
            self._camera = QCamera(devices[0])
            self._session.setCamera(self._camera)
            self._camera.start()

    def _see(self, frame: QVideoFrame) -> None:
        if frame.isValid():  # a last one that is not comes when the camera stops
            self._frames += 1

    def write(self) -> None:
        """Write what there is to say, and begin to count anew."""
        frame = self._sink.videoFrame()
        if self._frames and frame.isValid():
            frame.toImage().save(str(self._folder / "unfinished.png"))
            (self._folder / "unfinished.png").replace(self._folder / "frame.png")
        state = {
            "cameras": [device.description() for device in QMediaDevices.videoInputs()],
            "nodes": sorted(node.name for node in Path("/dev").glob("video*")),
            "access": os.access("/dev/video0", os.R_OK | os.W_OK),
            "error": self._camera.errorString() if self._camera else "",
            "frames": self._frames,
        }
        (self._folder / "unfinished.json").write_text(json.dumps(state))
        (self._folder / "unfinished.json").replace(self._folder / "state.json")
        self._frames = 0


application = QGuiApplication(sys.argv)
viewer = Viewer(Path(sys.argv[1]))
timer = QTimer()
timer.timeout.connect(viewer.write)
timer.start(300)
sys.exit(application.exec())
