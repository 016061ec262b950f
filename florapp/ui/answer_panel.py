"""The answer beside the picture: what it is, how probable, and what else it might be."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from florapp.core.model_file import Label
from florapp.core.prediction import Answer
from florapp.core.verdict import Kind, Verdict, judge
from florapp.services.words import answer_in_words, in_words, told, uncalibrated
from florapp.ui import theme
from florapp.ui.candidate_widgets import CandidateRow
from florapp.ui.headline import Headline
from florapp.ui.labels import PlainLabel
from florapp.ui.messages import announce
from florapp.ui.plant_panel import PlantPanel
from florapp.ui.promise_dial import PromiseDial
from florapp.ui.species_panel import SpeciesPanel

_ROWS = 5
_Role = QPalette.ColorRole


class AnswerPanel(QWidget):
    """Shows an answer, or where it is; scrolls where there is little room."""

    candidate_chosen = Signal(int)  # its place among the candidates

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(220)
        self._shown: Answer | str | None = None  # the answer, or why there is none
        self._told_of: tuple[Label | None, list[Label]] = (None, [])
        self._state = _State()
        self._headline = Headline()
        self.plant = PlantPanel()
        self._heading = QLabel(self.tr("Most probable"))
        self._heading.setForegroundRole(_Role.PlaceholderText)
        self._rows = [CandidateRow() for _ in range(_ROWS)]
        for i, row in enumerate(self._rows):
            row.clicked.connect(lambda _=False, i=i: self.candidate_chosen.emit(i))
        self.species = SpeciesPanel()
        self.dial = PromiseDial()
        self.dial.changed.connect(self._judge_again)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(18, 18, 18, 14)
        column.setSpacing(14)
        column.addWidget(self._state)
        self._there = self._arranged(column.spacing())
        column.addWidget(self._there)
        column.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setObjectName("answerScroll")
        scroll.setAccessibleName(self.tr("Answer"))
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.verticalScrollBar().rangeChanged.connect(self._let_keys_scroll)
        self._scroll = scroll
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll)
        layout.addWidget(self.dial)
        self.clear()

    def _arranged(self, spacing: int) -> QWidget:
        """Return a widget with all that an answer shows, so that it is laid out once, not each."""
        whole, name = QWidget(), QWidget()
        # With what there is to beware of: in sight wherever the name is.
        _put(name, spacing, self._headline, self.species.alarms)
        column = _put(whole, spacing, name, self.plant)
        column.addSpacing(8)
        column.addWidget(self._heading)
        rows = QVBoxLayout()
        rows.setSpacing(3)  # each has room of its own, for its frame
        for row in self._rows:
            rows.addWidget(row)
        column.addLayout(rows)
        column.addSpacing(8)
        column.addWidget(self.species)
        return whole

    def show_answer(self, answer: Answer) -> None:
        """Show what the model says."""
        new = self._become(answer)
        verdict = judge(answer, self.dial.promise)
        self._headline.show_answer(answer, verdict)
        nothing = verdict is not None and verdict.doubt == "flaw"  # no name then, of anything
        top = () if nothing else answer.top(_ROWS)
        self._heading.setText(self._heading_of(verdict))
        self._heading.setVisible(bool(top))
        for i, row in enumerate(self._rows):
            row.setVisible(i < len(top))
            if i < len(top):
                row.show_candidate(top[i])
        labels = _labels_of(answer, verdict)
        if new or labels != self._told_of:  # else it may be a look-alike's card that is read
            self._told_of = labels
            self.species.show_label(*labels)
        self.dial.use(answer.calibration)
        self._there.show()
        said, before = answer_in_words(answer, verdict), self.accessibleName()
        if verdict is None:
            said = f"{said}. {uncalibrated()}"
        self.setAccessibleName(self.tr("Answer: {0}").format(said))
        if new or self.accessibleName() != before:  # the dial was turned
            announce(self, said)

    def _heading_of(self, verdict: Verdict | None) -> str:
        if verdict is not None and verdict.doubt == "strange":
            return self.tr("Most like it, of those that I know")
        return self.tr("Most probable")

    def _judge_again(self) -> None:
        if isinstance(self._shown, Answer):
            self.show_answer(self._shown)

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

    def let_choose(self, count: int, seen: int | None) -> None:
        """Let the first ``count`` candidates be chosen; mark the one that is ``seen`` explained."""
        for i, row in enumerate(self._rows):
            row.let_choose(i < count, seen=i == seen)

    def text(self) -> str:
        """Return the answer as it is copied; nothing while there is none."""
        if not isinstance(self._shown, Answer):
            return ""
        verdict = judge(self._shown, self.dial.promise)
        best = self._shown.best.label
        head = (
            (best.name, best.scientific_name) if verdict is None else (told(verdict.sentence), "")
        )
        lines = [in_words(candidate) for candidate in self._shown.top(_ROWS)]
        if verdict is None:
            lines.append(uncalibrated())
        elif verdict.doubt == "flaw":
            lines = []
        return "\n".join(filter(None, (*head, *lines, self.plant.text())))

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
        if not there:  # else it is shown when it is filled: what is hidden costs no layout
            self._there.hide()
            self.dial.hide()
        if new:
            self._scroll.verticalScrollBar().setValue(0)
        return new


def _put(parent: QWidget, spacing: int, *widgets: QWidget) -> QVBoxLayout:
    """Put widgets into ``parent``, one below the other; return the layout."""
    column = QVBoxLayout(parent)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(spacing)
    for widget in widgets:
        column.addWidget(widget)
    return column


def _labels_of(answer: Answer, verdict: Verdict | None) -> tuple[Label | None, list[Label]]:
    """Return the class to tell of, and those of which only the dangers are told."""
    if verdict is None:
        return answer.best.label, []
    members = [member.label for member in verdict.members]
    if verdict.kind is Kind.GROUP:
        return None, members
    return (members[0], members[1:]) if members else (None, [])


class _State(QWidget):
    """What stands where the answer is not."""

    def __init__(self) -> None:
        super().__init__()
        self._title = PlainLabel("answerState")
        self._title.setFont(theme.font(self.font(), 1.3, QFont.Weight.DemiBold))
        self._words = PlainLabel("answerReason", _Role.PlaceholderText)
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
