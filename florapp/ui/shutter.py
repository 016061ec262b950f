"""The large round button that takes the picture."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

_SIDE = 60


class Shutter(QAbstractButton):
    """A disc in a ring; the ring is thicker while it has the keyboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(_SIDE, _SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Take the picture"))
        self.setToolTip(self.tr("Take the picture (Space)"))

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(_SIDE, _SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        palette = self.palette()
        colour = palette.accent().color() if self.isEnabled() else palette.mid().color()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(self.width() / 2, self.height() / 2)
        ring = palette.text().color() if self.hasFocus() else colour
        painter.setPen(QPen(ring, 4.0 if self.hasFocus() else 2.5))
        painter.drawEllipse(middle, _SIDE / 2 - 4, _SIDE / 2 - 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        radius = _SIDE / 2 - (12 if self.isDown() else 10 if self.underMouse() else 9.5)
        painter.drawEllipse(middle, radius, radius)
