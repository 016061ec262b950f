"""A class and its probability: large as the best answer, or small in a row with a bar."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from florapp.core.model_file import Label
from florapp.core.prediction import Candidate
from florapp.services.untrusted import as_tip
from florapp.services.words import in_words, other_name, percent
from florapp.ui import theme
from florapp.ui.icons import Drawing
from florapp.ui.labels import BigName, PlainLabel

_Role = QPalette.ColorRole


class BestCandidate(QWidget):
    """The most probable class, readable at a glance."""

    def __init__(self) -> None:
        super().__init__()
        self._name = BigName("answerName")
        self._scientific = PlainLabel("answerScientificName")
        self._scientific.setFont(theme.font(self.font(), 1.15, italic=True))
        self._rank = PlainLabel("answerRank", _Role.PlaceholderText)
        self._percent = PlainLabel("answerPercent", _Role.Accent)
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
        self._name.setToolTip(as_tip(label.name))
        self._name.setAccessibleName(in_words(candidate))
        self._name.fit()
        for part, text in (
            (self._scientific, other_name(label)),
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


class CandidateRow(QAbstractButton):
    """One class: its name, its percentage, and a bar as long as it is probable.

    Where it can be shown what speaks for the class, it can be clicked; while that is seen, a frame
    and a drawing say so.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("answerRow")
        self._sign = Drawing(QSize(16, 16))
        self._sign.show_drawing("live", _Role.Accent)
        self._sign.hide()
        self._name = Elided()
        self._percent = QLabel()
        self._percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._bar = _Bar()
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._sign)
        line.addWidget(self._name, 1)
        line.addWidget(self._percent)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 6)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(self._bar)
        self.let_choose(False)

    def show_candidate(self, candidate: Candidate) -> None:
        self._name.setText(candidate.label.name)
        self._percent.setText(percent(candidate.probability))
        self._bar.show_share(candidate.probability)
        self.setAccessibleName(in_words(candidate))
        self._tell_tip()

    def let_choose(self, choosable: bool, *, seen: bool = False) -> None:
        """Let the row be clicked or not, and say whether what speaks for its class is ``seen``."""
        policies = Qt.FocusPolicy
        self.setFocusPolicy(policies.StrongFocus if choosable else policies.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover, choosable)
        self.setCheckable(choosable)
        self.setChecked(seen)
        self._sign.setVisible(seen)
        hint = self.tr("Shows what in the picture speaks for it") if choosable else ""
        self.setAccessibleDescription(hint)
        self._tell_tip()

    def _tell_tip(self) -> None:
        told = (self.accessibleName(), self.accessibleDescription())
        self.setToolTip(as_tip("\n".join(filter(None, told))))

    def hitButton(self, pos: QPoint) -> bool:  # noqa: N802
        return self.isCheckable() and super().hitButton(pos)

    def nextCheckState(self) -> None:  # noqa: N802
        """Wait to be marked: a click asks for it, and what is seen decides."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colours, hovered = self.palette(), self.isCheckable() and self.underMouse()
        if not (hovered or self.isChecked() or self.hasFocus()):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.hasFocus():
            painter.setPen(QPen(colours.highlight(), 2))
        elif self.isChecked():
            painter.setPen(QPen(colours.accent(), 1))
        painter.setBrush(colours.alternateBase())
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)


class Elided(QLabel):
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
