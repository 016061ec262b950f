"""What stands below the preview: the shutter, and two switches beside it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from florapp.ui.icons import icon
from florapp.ui.shutter import Shutter

_ROOM_FOR_WORDS = 590  # pixels of width


class CameraControls(QWidget):
    """``mirror``, ``shutter`` and ``naming``, to be connected by whoever makes them."""

    def __init__(self, *, mirrored: bool, live: bool) -> None:
        super().__init__()
        self.mirror = _switch("mirror", self.tr("Mirror"), self.tr("Show it as a mirror would"))
        self.mirror.setChecked(mirrored)
        self.shutter = Shutter()
        self.naming = _switch(
            "live", self.tr("Name it live"), self.tr("Name what the camera sees all the time")
        )
        self.naming.setChecked(live)
        row = QGridLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.mirror, 0, 0, Qt.AlignmentFlag.AlignLeft)
        row.addWidget(self.shutter, 0, 1)
        row.addWidget(self.naming, 0, 2, Qt.AlignmentFlag.AlignRight)
        row.setColumnStretch(0, 1)
        row.setColumnStretch(2, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        style = Qt.ToolButtonStyle
        wide = event.size().width() >= _ROOM_FOR_WORDS
        for switch in (self.mirror, self.naming):
            switch.setToolButtonStyle(
                style.ToolButtonTextBesideIcon if wide else style.ToolButtonIconOnly
            )


def _switch(drawing: str, text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setCheckable(True)
    button.setText(text)
    button.setToolTip(tip)
    button.setIcon(icon(drawing))
    button.setIconSize(QSize(22, 22))
    button.setAccessibleName(text)
    button.setAccessibleDescription(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves Space to the shutter
    return button
