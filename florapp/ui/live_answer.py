"""The name that goes with what the camera sees, over its picture."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from florapp.core.prediction import Candidate
from florapp.services.words import in_words
from florapp.ui import theme
from florapp.ui.candidate_widgets import CandidateRow
from florapp.ui.messages import announce


class LiveAnswer(QWidget):
    """A card with the most probable class and its bar, or with words while there is none."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("liveAnswer")
        self._name = ""
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._row = CandidateRow()
        self._stack = QStackedWidget()  # as high with the one as with the other
        self._stack.addWidget(self._words)
        self._stack.addWidget(self._row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 7, 12, 9)
        layout.addWidget(self._stack)
        for label in self.findChildren(QLabel):
            label.setFont(theme.font(label.font(), 1.15, QFont.Weight.DemiBold))

    def show_words(self, words: str) -> None:
        """Say why there is no name."""
        self._name = ""
        self._words.setText(words)
        self._stack.setCurrentWidget(self._words)
        self.setAccessibleName(words)

    def show_candidate(self, candidate: Candidate) -> None:
        """Name what the camera sees; a screen reader says it when the name is another."""
        self._stack.setCurrentWidget(self._row)
        self._row.show_candidate(candidate)
        self.setAccessibleName(in_words(candidate))
        if candidate.label.id != self._name:
            self._name = candidate.label.id
            announce(self, in_words(candidate))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        ground = QColor(self.palette().window().color())
        ground.setAlphaF(0.88)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect(), 9, 9)
