"""A button that reads as a link among words, and breaks over lines where there is little room."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from florapp.ui import theme

_EDGE = 3  # pixels above and below the words: a larger thing to hit
_WRAP = Qt.TextFlag.TextWordWrap


class LinkButton(QPushButton):
    """Underlined words that can be pressed, by mouse and keyboard."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(text)
        self.setObjectName(name)
        self.setAutoDefault(True)  # Enter presses it
        font = theme.font(self.font(), 1, QFont.Weight.DemiBold)
        font.setUnderline(True)
        self.setFont(font)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        return self._words(width).height() + 2 * _EDGE

    def sizeHint(self) -> QSize:  # noqa: N802
        return self._words(10_000).size() + QSize(0, 2 * _EDGE)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(1, self.fontMetrics().height() + 2 * _EDGE)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colours, room = self.palette(), self.rect().adjusted(0, _EDGE, 0, -_EDGE)
        colour = colours.text() if self.underMouse() else colours.link()
        painter = QPainter(self)
        if self.hasFocus():
            painter.fillRect(
                self._words(self.width()).adjusted(0, 0, 0, 2 * _EDGE), colours.highlight()
            )
            colour = colours.highlightedText()
        painter.setPen(colour.color())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | _WRAP, self.text())

    def _words(self, width: int) -> QRect:
        """Return the room that the words take in ``width``."""
        room = QRect(0, 0, max(1, width), 10_000)
        return self.fontMetrics().boundingRect(
            room, Qt.AlignmentFlag.AlignLeft | _WRAP, self.text()
        )
