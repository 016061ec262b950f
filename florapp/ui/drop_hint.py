"""Says where what is being dragged can be dropped."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from florapp.ui import theme


class DropHint(QWidget):
    """Lies over ``parent`` while something is dragged over the window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._covered = parent
        self.hide()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(theme.font(self.font(), 1.5, QFont.Weight.DemiBold))

    def show_over(self) -> None:
        """Cover what is there now."""
        self.setGeometry(self._covered.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        accent = self.palette().accent().color()
        veil = QColor(theme.mixed(accent, self.palette().base().color(), 0.16))
        veil.setAlphaF(0.9)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(accent, 2.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(self.rect().adjusted(10, 10, -10, -10), 12, 12)
        painter.setPen(self.palette().text().color())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("Drop it here"))
