"""What to believe, readable at a glance: one name only where there is one to be sure of."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from florapp.core.prediction import Answer
from florapp.core.verdict import MANY, Kind, Verdict
from florapp.services.words import told, uncalibrated, unknown_in_words
from florapp.ui import theme
from florapp.ui.candidate_widgets import BestCandidate
from florapp.ui.icons import Drawing
from florapp.ui.labels import BigName, PlainLabel

_Role = QPalette.ColorRole
_ICONS = {
    Kind.SURE: "sure",
    Kind.ONE_OF: "one-of",
    Kind.GROUP: "group",
    Kind.UNKNOWN: "unknown",
}


class Headline(QWidget):
    """A verdict, or the most probable class of a model that has none to give."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = Drawing(QSize(20, 20))
        self._icon.setFixedSize(20, 20)
        self._kind = PlainLabel("answerVerdict")
        self._kind.setFont(theme.font(self.font(), 1.05, QFont.Weight.DemiBold))
        self._best = BestCandidate()
        self._name = BigName("answerTitle")
        self._lines = PlainLabel("answerMembers")
        self._lines.setFont(theme.font(self.font(), 1.15))
        self._words = PlainLabel("answerWords", _Role.PlaceholderText)
        across = QHBoxLayout()
        across.setSpacing(7)
        across.addWidget(self._icon)
        across.addWidget(self._kind, 1, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(across)
        for widget in (self._best, self._name, self._lines, self._words):
            column.addWidget(widget)

    def show_answer(self, answer: Answer, verdict: Verdict | None) -> None:
        """Show ``verdict``; without one the best class, and that it is not to be relied on."""
        named = verdict is None or verdict.kind is Kind.SURE
        self._best.setVisible(named)
        self._name.setVisible(not named)
        if named:
            self._best.show_candidate(answer.best)
        for widget in (self._icon, self._kind):
            widget.setVisible(verdict is not None)
        if verdict is None:
            self._lines.hide()
            _fill(self._words, uncalibrated())
            return
        role = _Role.Accent if verdict.kind is Kind.SURE else _Role.WindowText
        self._icon.show_drawing(_ICONS[verdict.kind], role)
        self._kind.setForegroundRole(role)
        self._kind.setText(self._kind_in_words(verdict))
        self._name.setText(self._title(verdict))
        self._name.fit()
        _fill(self._lines, self._members(verdict))
        _fill(self._words, self._why(verdict))

    def _kind_in_words(self, verdict: Verdict) -> str:
        if verdict.kind is Kind.SURE:
            return self.tr("Sure")
        if verdict.kind is Kind.ONE_OF:
            return self.tr("Not sure which")
        if verdict.kind is Kind.GROUP:
            genus = verdict.rank == "genus"
            return (
                self.tr("Only its genus is clear") if genus else self.tr("Only its family is clear")
            )
        return self.tr("No name")

    def _title(self, verdict: Verdict) -> str:
        if verdict.kind is Kind.ONE_OF:
            words = {2: self.tr("One of these two"), 3: self.tr("One of these three")}
            count = len(verdict.members)
            return words.get(count) or self.tr("One of these {0}").format(count)
        return verdict.group or unknown_in_words(verdict)

    def _members(self, verdict: Verdict) -> str:
        """Name the classes between which it is open, one a line; a genus may have too many."""
        if verdict.kind is Kind.SURE or len(verdict.members) > MANY:
            return ""
        return "\n".join(member.label.name for member in verdict.members)

    def _why(self, verdict: Verdict) -> str:
        if verdict.kind is Kind.UNKNOWN:
            return told(verdict.sentence)
        if verdict.kind is Kind.SURE:
            return ""
        text = self.tr("Where I give names, the right one is among them for {0} of 100 pictures.")
        return text.format(f"{verdict.promise * 100:g}")


def _fill(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))
