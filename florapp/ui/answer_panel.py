"""The answer beside the picture: what it is, how probable, and what else it might be."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from florapp.core.prediction import Answer
from florapp.services.words import in_words
from florapp.ui import theme
from florapp.ui.candidate_widgets import BestCandidate, CandidateRow, plain_label
from florapp.ui.messages import announce

_ROWS = 5
_Role = QPalette.ColorRole


class AnswerPanel(QWidget):
    """Shows an answer, or where it is; scrolls where there is little room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(220)
        self._shown: Answer | str | None = None  # the answer, or why there is none
        self._state = _State()
        self._best = BestCandidate()
        self._heading = QLabel(self.tr("Most probable"))
        self._heading.setForegroundRole(_Role.PlaceholderText)
        self._rows = [CandidateRow() for _ in range(_ROWS)]
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(18, 18, 18, 14)
        column.setSpacing(14)
        column.addWidget(self._state)
        column.addWidget(self._best)
        column.addSpacing(8)
        column.addWidget(self._heading)
        for row in self._rows:
            column.addWidget(row)
        column.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setObjectName("answerScroll")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.verticalScrollBar().rangeChanged.connect(self._let_keys_scroll)
        self._scroll = scroll
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        self.clear()

    def show_answer(self, answer: Answer) -> None:
        """Show what the model says."""
        new = self._become(answer)
        self._best.show_candidate(answer.best)
        top = answer.top(_ROWS)
        for i, row in enumerate(self._rows):
            row.setVisible(i < len(top))
            if i < len(top):
                row.show_candidate(top[i])
        self.setAccessibleName(self.tr("Answer: {0}").format(in_words(answer.best)))
        if new:
            announce(self, in_words(answer.best))

    def show_waiting(self) -> None:
        """Say that the picture is being looked at."""
        self._become(None)
        self._state.tell(self.tr("Looking at the picture…"), busy=True)
        self.setAccessibleName(self.tr("Answer: not there yet"))

    def show_failure(self, reason: str) -> None:
        """Say why there is no answer."""
        new = self._become(reason)
        self._state.tell(self.tr("No answer"), reason)
        self.setAccessibleName(self.tr("No answer: {0}").format(reason))
        if new:
            announce(self, reason)

    def clear(self) -> None:
        """Say that there is nothing to answer."""
        self._become(None)
        self._state.tell(self.tr("What is it?"), self.tr("The name of the flower appears here."))
        self.setAccessibleName(self.tr("Answer: no picture yet"))

    def text(self) -> str:
        """Return the answer as it is copied; nothing while there is none."""
        if not isinstance(self._shown, Answer):
            return ""
        best = self._shown.best.label
        lines = [in_words(candidate) for candidate in self._shown.top(_ROWS)]
        return "\n".join(filter(None, (best.name, best.scientific_name, *lines)))

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(350, 480)

    def _let_keys_scroll(self, _: int, furthest: int) -> None:
        """Take the keyboard only where there is something to scroll."""
        policies = Qt.FocusPolicy
        self._scroll.setFocusPolicy(policies.StrongFocus if furthest else policies.NoFocus)
        if not furthest:
            self._scroll.clearFocus()

    def _become(self, shown: Answer | str | None) -> bool:
        """Make room for what is to be shown; return whether it was not shown before."""
        new = shown != self._shown
        self._shown = shown
        there = isinstance(shown, Answer)
        self._state.setVisible(not there)
        for widget in (self._best, self._heading, *self._rows):
            widget.setVisible(there)
        return new


class _State(QWidget):
    """What stands where the answer is not."""

    def __init__(self) -> None:
        super().__init__()
        self._title = plain_label("answerState")
        self._title.setFont(theme.font(self.font(), 1.3, QFont.Weight.DemiBold))
        self._words = plain_label("answerReason", _Role.PlaceholderText)
        self._busy = QProgressBar(minimum=0, maximum=0, textVisible=False)
        self._busy.setAccessibleName(self.tr("Looking at the picture"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._title, self._words, self._busy):
            column.addWidget(widget)

    def tell(self, title: str, words: str = "", *, busy: bool = False) -> None:
        self._title.setText(title)
        self._words.setText(words)
        self._words.setVisible(bool(words))
        self._busy.setVisible(busy)
