"""The list of cameras, where there is a choice."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtMultimedia import QCameraDevice
from PySide6.QtWidgets import QComboBox, QSizePolicy

from florapp.services.camera import device_id

_WIDEST = 220  # pixels


class CameraPicker(QComboBox):
    """Shows which camera is in use, and lets the user choose another."""

    chosen = Signal(str)  # id

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Camera"))
        self.setToolTip(self.tr("Choose the camera"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(_WIDEST)
        self.activated.connect(lambda row: self.chosen.emit(self.itemData(row)))

    def show_cameras(self, devices: Iterable[QCameraDevice], current: QCameraDevice) -> None:
        """Offer ``devices``, of which ``current`` is in use, or was before it was unplugged."""
        self.clear()
        for device in devices:
            self.addItem(device.description(), device_id(device))
        row = self.findData(device_id(current))
        self.setCurrentIndex(row)
        self.setVisible(self.count() > 1 or (self.count() == 1 and row < 0))
