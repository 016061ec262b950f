"""The answer beside the picture: what it is, how probable, and what else it might be."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from florapp.core.model_file import Label
from florapp.core.prediction import Answer, Candidate
from florapp.services.words import in_words, percent
from florapp.ui import theme
from florapp.ui.messages import announce

_ROWS = 5
_Role = QPalette.ColorRole


def _label(name: str, role: QPalette.ColorRole = _Role.WindowText) -> QLabel:
    """Return a label for text of any length, in the colour of ``role``."""
    label = QLabel(wordWrap=True)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setForegroundRole(role)
    label.setMinimumWidth(1)
    return label


class AnswerPanel(QWidget):
    """Shows an answer, or where it is; scrolls where there is little room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(220)
        self._shown: Answer | str | None = None  # the answer, or why there is none
        self._state = _State()
        self._best = _Best()
        self._heading = QLabel(self.tr("Most probable"))
        self._heading.setForegroundRole(_Role.PlaceholderText)
        self._rows = [_Row() for _ in range(_ROWS)]
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
        self._title = _label("answerState")
        self._title.setFont(theme.font(self.font(), 1.3, QFont.Weight.DemiBold))
        self._words = _label("answerReason", _Role.PlaceholderText)
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


class _Best(QWidget):
    """The most probable class, readable at a glance."""

    def __init__(self) -> None:
        super().__init__()
        self._name = _BigName()
        self._scientific = _label("answerScientificName")
        self._scientific.setFont(theme.font(self.font(), 1.15, italic=True))
        self._rank = _label("answerRank", _Role.PlaceholderText)
        self._percent = _label("answerPercent", _Role.Accent)
        self._percent.setFont(theme.font(self.font(), 1.5, QFont.Weight.DemiBold))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for label in (self._name, self._scientific, self._rank, self._percent):
            column.addWidget(label)
        column.insertSpacing(3, 6)

    def show_candidate(self, candidate: Candidate) -> None:
        label = candidate.label
        self._name.setText(label.name)
        self._name.setToolTip(label.name)
        self._name.setAccessibleName(in_words(candidate))
        self._name.fit()
        for part, text in (
            (self._scientific, label.scientific_name),
            (self._rank, self._rank_in_words(label)),
        ):
            part.setText(text)
            part.setVisible(bool(text))
        self._percent.setText(percent(candidate.probability))

    def _rank_in_words(self, label: Label) -> str:
        """Say what the class is where it is not one species."""
        words = {
            "genus": self.tr("A genus, not a single species"),
            "hybrid": self.tr("A hybrid"),
            "cultivar": self.tr("A cultivar"),
            "group": self.tr("A group of garden plants"),
        }
        return words.get(label.rank, "")


class _BigName(QLabel):
    """A name in large letters, smaller where its longest word would not fit."""

    def __init__(self) -> None:
        super().__init__(wordWrap=True)
        self.setObjectName("answerName")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setMinimumWidth(1)
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


class _Row(QWidget):
    """One class: its name, its percentage, and a bar as long as it is probable."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("answerRow")
        self._name = _Elided()
        self._percent = QLabel()
        self._percent.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._bar = _Bar()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.addWidget(self._name, 0, 0)
        grid.addWidget(self._percent, 0, 1)
        grid.addWidget(self._bar, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)

    def show_candidate(self, candidate: Candidate) -> None:
        self._name.setText(candidate.label.name)
        self._percent.setText(percent(candidate.probability))
        self._bar.show_share(candidate.probability)
        self.setAccessibleName(in_words(candidate))
        self.setToolTip(in_words(candidate))


class _Elided(QLabel):
    """A label on one line that ends in dots where it does not fit."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        QPainter(self).drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)


class _Bar(QWidget):
    """A bar, ``share`` of it filled."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(6)
        self._share = 0.0

    def show_share(self, share: float) -> None:
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        painter.setBrush(self.palette().mid())
        painter.drawRoundedRect(whole, 3, 3)
        filled = QRectF(whole)
        filled.setWidth(max(whole.height(), whole.width() * self._share))
        painter.setBrush(self.palette().accent())
        painter.drawRoundedRect(filled, 3, 3)
