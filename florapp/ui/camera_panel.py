"""The webcam: what it sees, the shutter, and what to do when there is nothing to see."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from florapp.core.prediction import Answer
from florapp.core.source import Source
from florapp.core.verdict import judge
from florapp.services.background import Background
from florapp.services.camera import Camera, State
from florapp.services.frames import Frames
from florapp.services.live import Live
from florapp.services.multimedia import Fault
from florapp.services.qimages import to_jpeg
from florapp.services.settings import Settings
from florapp.ui.camera_controls import CameraControls
from florapp.ui.camera_faults import in_words
from florapp.ui.camera_picker import CameraPicker
from florapp.ui.icons import icon
from florapp.ui.live_answer import LiveAnswer
from florapp.ui.messages import announce
from florapp.ui.notice import Notice
from florapp.ui.preview import Preview

_MARGIN = 16


class CameraPanel(QWidget):
    """Shows the camera as long as it is open; ``taken`` hands over each picture."""

    taken = Signal(object)  # Source: a JPEG file's bytes, named after the time
    open_requested = Signal()  # a picture, instead of a camera
    close_requested = Signal()
    state_changed = Signal()

    def __init__(self, live: Live, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live, self._settings = live, settings
        self.camera = Camera(self)
        self._frames = Frames(self, look=live.look)
        self._background = Background(self)
        self._name, self._shots = "", 0  # of the picture taken last; how many with that name
        self._preview = Preview()
        self._preview.mirrored = settings.mirrored
        self._notice = Notice(self._preview)
        self._answer = LiveAnswer(self._preview)
        self._on = QLabel(self.tr("● Camera is on"))
        self._picker = CameraPicker()
        self._controls = CameraControls(mirrored=settings.mirrored, live=settings.live)
        self._close = QToolButton()
        self._arrange()
        self._connect()
        self._show_cameras()
        self._show_state()

    def _arrange(self) -> None:
        self.setObjectName("cameraPanel")
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setMinimumSize(320, 200)
        self._on.setObjectName("cameraOn")
        self._on.setForegroundRole(QPalette.ColorRole.BrightText)
        self._close.setIcon(icon("close"))
        self._close.setAccessibleName(self.tr("Close the camera"))
        self._close.setToolTip(self.tr("Close the camera (Esc)"))
        self._notice.retry.setProperty("primary", True)
        over = QHBoxLayout(self._preview)
        over.addStretch(1)
        over.addWidget(self._notice, 100)  # as wide as it may be, in the middle
        over.addStretch(1)
        self._preview.carry(self._answer)
        top = QHBoxLayout()
        top.addWidget(self._on)
        top.addWidget(self._picker, 1)
        top.addStretch()
        top.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, 10, _MARGIN, 10)
        column.addLayout(top)
        column.addWidget(self._preview, 1)
        column.addWidget(self._controls)

    def _connect(self) -> None:
        camera, frames = self.camera, self._frames
        camera.frame.connect(frames.push)
        camera.changed.connect(self._show_state)
        camera.devices_changed.connect(self._show_cameras)
        frames.arrived.connect(self._show_frame)
        frames.unusable.connect(lambda: camera.fail(Fault.UNREADABLE))
        self._live.named.connect(self._show_name)
        self._controls.shutter.clicked.connect(self._take)
        self._controls.mirror.toggled.connect(self._mirror_toggled)
        self._controls.naming.toggled.connect(self._naming_toggled)
        self._picker.chosen.connect(self._choose)
        self._close.clicked.connect(self.close_requested)
        self._notice.retry.clicked.connect(self.open)
        self._notice.open.clicked.connect(self.open_requested)
        self._live.broken.connect(lambda: self._answer.show_words(self.tr("It cannot be named.")))
        self._space = QShortcut(QKeySequence(Qt.Key.Key_Space), self, self._press)
        self._space.setAutoRepeat(False)

    # -------------------------------------------------------------------- open

    def open(self) -> None:
        """Open the camera that was used last."""
        self.setFocus()  # until there is something to press
        self.camera.open(self._settings.camera)

    def close_camera(self) -> None:
        """Let go of the camera; nothing of what it saw is kept."""
        self.camera.close()

    def end(self) -> None:
        """Let go of the camera, and end what runs behind the panel."""
        self.camera.close()
        self._frames.close()

    def _choose(self, camera: str) -> None:
        self._settings.camera = camera
        self.open()

    def _show_cameras(self) -> None:
        self._picker.show_cameras(Camera.devices(), self.camera.device)

    # ------------------------------------------------------------------- state

    def _show_state(self) -> None:
        state, fault = self.camera.state, self.camera.fault
        streaming = state is State.STREAMING
        name = self.camera.device.description()
        self._show_cameras()
        focus = QApplication.focusWidget()
        has_focus = focus is not None and (focus is self or self.isAncestorOf(focus))
        self._on.setVisible(streaming)
        self._controls.setVisible(fault is None)  # their room is the sentence's then
        self._controls.shutter.setEnabled(streaming)
        self._space.setEnabled(streaming)
        self._notice.setVisible(not streaming)
        if streaming:
            self._preview.setAccessibleName(self.tr("Camera: {0}").format(name))
            self._preview.setAccessibleDescription("")
            announce(self._preview, self.tr("Camera on: {0}").format(name))
        else:
            self._frames.clear()
            self._preview.clear()
            self._tell_why(state, fault, name)
        if has_focus and (streaming or fault is not None):
            (self._controls.shutter if streaming else self._notice.retry).setFocus()
        self._name_or_not()
        self.state_changed.emit()

    def _tell_why(self, state: State, fault: Fault | None, name: str) -> None:
        drawing, role = "camera", QPalette.ColorRole.PlaceholderText
        if fault is not None:
            heading, words = in_words(fault, name)
            drawing, role = "warning", QPalette.ColorRole.BrightText
        elif state is State.ASKING:
            heading = self.tr("May FlorApp use the camera?")
            words = self.tr("Your system asks you; please answer there.")
        elif state is State.OPENING:
            heading, words = self.tr("The camera is being opened…"), name
        else:
            heading, words = self.tr("The camera is closed"), ""
        self._notice.tell(drawing, heading, words, 56, role)
        self._notice.retry.setVisible(fault is not None)
        self._notice.open.setVisible(fault is not None)
        self._preview.setAccessibleName(heading)
        self._preview.setAccessibleDescription(words)
        if fault is not None:
            announce(self._preview, f"{heading}. {words}", urgent=True)

    def _show_frame(self) -> None:
        image = self._frames.take()
        if image is not None and self.camera.state is State.STREAMING:
            self._preview.show_frame(image)

    # -------------------------------------------------------------- live naming

    def _name_or_not(self) -> None:
        """Name what the camera sees while there is something to see and the user wants it."""
        naming = self._controls.naming.isChecked() and self.camera.state is State.STREAMING
        if naming and self._answer.isHidden():
            self._answer.show_words(
                self.tr("Looking…") if self._live.has_network else self.tr("No model is open yet.")
            )
            self._live.start()
        elif not naming:
            self._live.stop()
        self._answer.setVisible(naming)

    def _naming_toggled(self, on: bool) -> None:
        self._settings.live = on
        self._name_or_not()

    def _show_name(self, answer: Answer) -> None:
        self._answer.show_answer(answer, judge(answer, self._settings.promise))

    # ----------------------------------------------------------------- pictures

    def _take(self) -> None:
        image = self._frames.sharpest()
        if image is None:
            return
        self._preview.flash()
        name = time.strftime(self.tr("Camera %Y-%m-%d %H.%M.%S"))
        self._shots = self._shots + 1 if name == self._name else 1
        self._name = name
        file = f"{name}.jpg" if self._shots == 1 else f"{name} ({self._shots}).jpg"

        def taken(jpeg: bytes | Exception) -> None:
            if isinstance(jpeg, Exception):
                raise jpeg
            self.taken.emit(Source(file, jpeg))

        self._background.run(lambda: to_jpeg(QImage(image)), taken)

    def _mirror_toggled(self, on: bool) -> None:
        self._settings.mirrored = self._preview.mirrored = on
        self._preview.update()

    # ----------------------------------------------------------------- keyboard

    def _press(self) -> None:
        """Let Space do to a button what it always does; anywhere else it takes the picture."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QAbstractButton):
            focus.click()  # not animateClick(): the key's release would click once more
        elif isinstance(focus, QComboBox):
            focus.showPopup()
        else:
            self._controls.shutter.click()
