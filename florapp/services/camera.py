"""The webcam: which there are, the one that is open, and what is wrong with it.

Qt often says nothing when a camera fails (busy at its start, unplugged, silent), and calls it
active all the same. So what counts here is whether frames come: a watchdog counts its looks since
the last one.
"""

from __future__ import annotations

import enum
import math
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import (
    QCameraPermission,
    QCoreApplication,
    QObject,
    QPermission,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtMultimedia import (
    QCamera,
    QCameraDevice,
    QCameraFormat,
    QMediaCaptureSession,
    QMediaDevices,
    QVideoFrame,
    QVideoFrameFormat,
    QVideoSink,
)
from shiboken6 import Shiboken

from florapp.services.multimedia import Fault, has_backend

_LOOK_MS = 250  # between two looks of the watchdog
#: So many looks without a frame and the camera is silent: at its start, and later.
_PATIENCE_AT_FIRST, _PATIENCE = 20, 10

_WANTED_PIXELS = 1280 * 720
_FLUID = 23.0  # frames a second; 24 is often 23.976
_TINY_PIXELS = 320 * 240


class State(enum.Enum):
    """Where the camera stands."""

    CLOSED = enum.auto()
    ASKING = enum.auto()  # the system asks the user for permission
    OPENING = enum.auto()
    STREAMING = enum.auto()
    FAILED = enum.auto()  # ``Camera.fault`` says why


class Camera(QObject):
    """One camera at a time. What is wrong with it is a state, and it goes on by itself if it can.

    A camera that is silent stays open, in case that it comes back; in every other fault it is
    closed. One that was unplugged is opened again as soon as it is back.
    """

    frame = Signal(QVideoFrame)
    changed = Signal()  # ``state``, ``fault`` or ``device``
    devices_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = State.CLOSED
        self.fault: Fault | None = None
        self.device = QCameraDevice()  # the one that is open, or that failed
        self._wanted = ""  # id; "" is the system's own choice
        self._camera: QCamera | None = None
        self._looks_left = 0  # of the watchdog, before it takes the camera to be silent
        self._sink = QVideoSink(self)
        self._sink.videoFrameChanged.connect(self._arrived)
        self._capture = QMediaCaptureSession(self)
        self._capture.setVideoSink(self._sink)
        self._media = QMediaDevices(self)
        self._media.videoInputsChanged.connect(self._plugged)
        self._watchdog = QTimer(self, interval=_LOOK_MS)
        self._watchdog.timeout.connect(self._watch)

    @property
    def is_open(self) -> bool:
        """Whether a camera is open, be it silent."""
        return self._camera is not None

    @property
    def is_closed(self) -> bool:
        """Whether none is wanted; one that has failed is."""
        return self.state is State.CLOSED

    @staticmethod
    def devices() -> list[QCameraDevice]:
        """Return the cameras there are."""
        return QMediaDevices.videoInputs()

    def open(self, wanted: str = "") -> None:
        """Open the camera with the id ``wanted``, or the usual one where there is none such."""
        self._let_go()
        self._become(State.OPENING)
        self._wanted = wanted
        application, permission = QCoreApplication.instance(), QCameraPermission()
        assert application is not None
        status = application.checkPermission(permission)
        if status == Qt.PermissionStatus.Undetermined:
            self._become(State.ASKING)
            application.requestPermission(permission, self, self._permitted)
        elif status == Qt.PermissionStatus.Denied:
            self._fail(Fault.NOT_ALLOWED)
        else:
            self._start()

    def close(self) -> None:
        """Let go of the camera at once."""
        self._let_go()
        self._become(State.CLOSED)

    def fail(self, fault: Fault) -> None:
        """Take it that the camera is of no use: its frames cannot be read, say."""
        if self.state in (State.OPENING, State.STREAMING):
            self._fail(fault)

    # ------------------------------------------------------------------- start

    def _permitted(self, permission: QPermission) -> None:
        if self.state is not State.ASKING:  # closed in the meantime
            return
        if permission.status() == Qt.PermissionStatus.Granted:
            self._start()
        else:
            self._fail(Fault.NOT_ALLOWED)

    def _start(self) -> None:
        devices = self.devices()
        if not devices:
            self.device = QCameraDevice()
            self._fail(_why_none())
            return
        usual, before = QMediaDevices.defaultVideoInput(), device_id(self.device)
        self.device = next((d for d in devices if device_id(d) == self._wanted), usual)
        if device_id(self.device) != before:
            self.changed.emit()
        chosen = best_format(self.device.videoFormats())
        if chosen is None:
            self._fail(Fault.UNUSABLE)
            return
        camera = QCamera(self.device, self)
        self._camera = camera
        camera.setCameraFormat(chosen)
        self._capture.setCamera(camera)
        camera.start()
        if camera.error() != QCamera.Error.NoError:  # most come before anyone could listen
            self._erred()
            return
        # Queued: it deletes the camera, which must not be in the middle of telling.
        camera.errorOccurred.connect(self._erred, Qt.ConnectionType.QueuedConnection)
        self._looks_left = _PATIENCE_AT_FIRST
        self._watchdog.start()
        self._become(State.OPENING)

    def _erred(self) -> None:
        if self._camera is not None and self._camera.error() != QCamera.Error.NoError:
            self._fail(Fault.BUSY if _may_open(self.device) else Fault.NOT_ALLOWED)

    # ------------------------------------------------------------- while it runs

    def _arrived(self, frame: QVideoFrame) -> None:
        if self._camera is None or not frame.isValid():
            return
        self._looks_left = _PATIENCE
        if self.state is not State.STREAMING:
            self._become(State.STREAMING)
        self.frame.emit(frame)

    def _watch(self) -> None:
        # Looks are counted, not seconds: frames come by this very thread, and while something held
        # it up there could be none.
        self._looks_left -= 1
        if self._looks_left == 0:
            silent = self.state is State.OPENING
            self._become(State.FAILED, Fault.SILENT if silent else Fault.STOPPED)

    def _plugged(self) -> None:
        there = {device_id(device) for device in self.devices()}
        if self.state in (State.CLOSED, State.ASKING):
            pass
        elif not self.device.isNull() and device_id(self.device) not in there:
            self._fail(Fault.UNPLUGGED)
        elif self._camera is None and there and self._waits_for(there):
            unplugged = self.fault is Fault.UNPLUGGED
            self.open(device_id(self.device) if unplugged else self._wanted)
        self.devices_changed.emit()

    def _waits_for(self, there: set[str]) -> bool:
        """Say whether one of the cameras that are ``there`` ends the fault."""
        if self.fault is Fault.UNPLUGGED:
            return device_id(self.device) in there
        return self.fault in (Fault.NO_CAMERA, Fault.NOT_ALLOWED, Fault.UNUSABLE)

    # --------------------------------------------------------------------- end

    def _fail(self, fault: Fault) -> None:
        self._let_go()
        self._become(State.FAILED, fault)

    def _let_go(self) -> None:
        self._watchdog.stop()
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.stop()
            self._capture.setCamera(None)  # type: ignore[arg-type]  # the stubs forget None
            Shiboken.delete(camera)  # only this closes the device, and lets others use it

    def _become(self, state: State, fault: Fault | None = None) -> None:
        if (state, fault) != (self.state, self.fault):
            self.state, self.fault = state, fault
            self.changed.emit()


def device_id(device: QCameraDevice) -> str:
    """Return what tells ``device`` from others, from one start of the program to the next."""
    return device.id().toStdString()


def best_format(formats: Iterable[QCameraFormat]) -> QCameraFormat | None:
    """Choose the fluid format nearest to 1280x720; None where Qt knows none of them.

    What comes uncompressed goes before JPEG of the same size: it costs less, and is sharper. A
    tiny one is taken only where there is no other, however slow those are.
    """

    def cost(offered: QCameraFormat) -> tuple[float, ...]:
        size, rate = offered.resolution(), offered.maxFrameRate()
        pixels = max(1, size.width() * size.height())
        off = abs(math.log(pixels / _WANTED_PIXELS))
        jpeg = offered.pixelFormat() == QVideoFrameFormat.PixelFormat.Format_Jpeg
        return pixels < _TINY_PIXELS, max(0.0, _FLUID - rate), off, jpeg, rate

    unknown = QVideoFrameFormat.PixelFormat.Format_Invalid
    known = (offered for offered in formats if offered.pixelFormat() != unknown)
    return min(known, key=cost, default=None)


def _why_none() -> Fault:
    if not has_backend():
        return Fault.NO_BACKEND
    # On Linux Qt leaves out what may not be opened, and what offers no format that it knows.
    nodes = Path("/dev").glob("video*") if sys.platform == "linux" else ()
    cameras = [node for node in nodes if node.name.removeprefix("video").isdecimal()]
    if not cameras:
        return Fault.NO_CAMERA
    allowed = all(os.access(node, os.R_OK | os.W_OK) for node in cameras)
    return Fault.UNUSABLE if allowed else Fault.NOT_ALLOWED


def _may_open(device: QCameraDevice) -> bool:
    node = device_id(device)
    return not node.startswith("/dev/") or os.access(node, os.R_OK | os.W_OK)
