"""The name that goes with what the camera sees, over its picture."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from florapp.core.prediction import Answer
from florapp.core.verdict import Kind, Verdict
from florapp.services.words import answer_in_words
from florapp.ui import theme
from florapp.ui.candidate_widgets import CandidateRow
from florapp.ui.messages import announce


class LiveAnswer(QWidget):
    """A card with the class and its bar, or with words where there is none to be sure of."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("liveAnswer")
        self._told = ""
        self._words = QLabel(wordWrap=True)
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
        self._told = ""
        self._words.setText(words)
        self._stack.setCurrentWidget(self._words)
        self.setAccessibleName(words)

    def show_answer(self, answer: Answer, verdict: Verdict | None) -> None:
        """Name what the camera sees, or say why not; a screen reader says it when it changes."""
        said = answer_in_words(answer, verdict)
        if verdict is None or verdict.kind is Kind.SURE:
            self._stack.setCurrentWidget(self._row)
            self._row.show_candidate(answer.best)
            told = answer.best.label.id  # its percentage changes all the time
        else:
            self._stack.setCurrentWidget(self._words)
            self._words.setText(said)
            told = said
        self.setAccessibleName(said)
        if told != self._told:
            self._told = told
            announce(self, said)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        ground = QColor(self.palette().window().color())
        ground.setAlphaF(0.88)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect(), 9, 9)
