"""Labels for text from outside: shown as it is, whatever it holds and however long it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QMouseEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel

from florapp.ui import theme

_Role = QPalette.ColorRole


class PlainLabel(QLabel):
    """Text of any length, in the colour of ``role``; the mouse can select it.

    Not before it is pressed there: what can be selected is a document to Qt, and takes twice as
    long to be laid out, which is felt where a whole card of labels appears at once.
    """

    def __init__(self, name: str, role: QPalette.ColorRole = _Role.WindowText) -> None:
        super().__init__(wordWrap=True)
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setForegroundRole(role)
        self.setMinimumWidth(1)
        # In the middle, Qt would paint a document half a pixel away from a text.
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        # Now, not as it enters: a label that was scrolled under it, or has just appeared there,
        # is never entered.
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        super().mousePressEvent(event)


class BigName(PlainLabel):
    """A name in large letters, smaller where its longest word would not fit."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._plain = QFont(self.font())
        self.fit()

    def fit(self) -> None:
        words = self.text().split()
        for size in (1.9, 1.6, 1.3, 1.0):
            self.setFont(theme.font(self._plain, size, QFont.Weight.Bold))
            metrics = self.fontMetrics()
            if all(metrics.horizontalAdvance(word) <= self.width() for word in words):
                break

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()
