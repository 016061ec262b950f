"""What stands under the joint answer of several photographs: this one alone, what each added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from florapp.core.prediction import Answer, Failure
from florapp.core.verdict import judge
from florapp.services.pictures import Entry
from florapp.services.untrusted import as_tip
from florapp.services.words import percent, told
from florapp.ui import theme
from florapp.ui.candidate_widgets import Elided
from florapp.ui.labels import PlainLabel

if TYPE_CHECKING:  # the window is painted before numpy is there
    from florapp.core.fusion import Fused, Share

_Role = QPalette.ColorRole


class PlantPanel(QWidget):
    """Tells of the other photographs of the same plant; hidden where there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = PlainLabel("plantTitle")
        self._title.setFont(theme.font(self.font(), 1, QFont.Weight.DemiBold))
        self._alone = PlainLabel("plantAlone")
        self._heading = PlainLabel("plantHeading", _Role.PlaceholderText)
        self._rows: list[_Row] = []
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for label in (self._title, self._alone, self._heading):
            column.addWidget(label)
        column.insertSpacing(2, 6)
        self.hide()

    def show_plant(self, entry: Entry | None, fused: Fused | None) -> None:
        """Tell how the photographs of the plant of ``entry`` came to the joint answer ``fused``.

        Without it, why the photograph is answered alone.
        """
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = []
        shown = entry is not None and bool(entry.plant) and isinstance(entry.result, Answer)
        self.setVisible(shown)
        if entry is None or not isinstance(entry.result, Answer):
            return
        self._heading.setVisible(fused is not None)
        self._alone.setVisible(fused is not None and fused.answer.flaw is None)
        if fused is None:
            self._title.setText(self._why_alone(entry))
            return
        best = fused.answer.best
        self._title.setText(self._where_from(entry, fused))
        self._alone.setText(self.tr("This one alone: {0}").format(_answer_alone(entry.result)))
        self._heading.setText(
            self.tr("What each photograph adds to {0}").format(best.label.name)
            if fused.answer.flaw is None
            else self.tr("The photographs")
        )
        shares = iter(fused.shares)
        for other in entry.plant:
            failed = isinstance(other.result, Failure)
            row = _Row(other, None if failed else next(shares), fused.answer, here=other is entry)
            self._rows.append(row)
            self._column.addWidget(row)
            row.show()

    def text(self) -> str:
        """Return what is told, a line each, as it is copied; nothing while it is hidden."""
        if self.isHidden():
            return ""
        if not self._rows:
            return self._title.text()
        labels = (self._title, self._alone, self._heading)
        lines = [label.text() for label in labels if not label.isHidden()]
        return "\n".join([*lines, *(row.accessibleName() for row in self._rows)])

    def _why_alone(self, entry: Entry) -> str:
        if any(other.result is None for other in entry.plant):
            return self.tr(
                "From this photograph alone. The answer from all {0} of this plant follows as "
                "soon as each of them has been looked at."
            ).format(len(entry.plant))
        return self.tr(
            "From this photograph alone: the others of this plant could not be answered."
        )

    def _where_from(self, entry: Entry, fused: Fused) -> str:
        used, all_ = sum(share.alone.flaw is None for share in fused.shares), len(entry.plant)
        if fused.answer.flaw is not None:
            return self.tr("None of the {0} photographs of one plant can be used").format(all_)
        if used == all_:
            return self.tr("From {0} photographs of one plant").format(all_)
        return self.tr("From {0} of {1} photographs of one plant").format(used, all_)


class _Row(QWidget):
    """One photograph: its name, what it changed, and what is to be said of it."""

    def __init__(self, entry: Entry, share: Share | None, joint: Answer, *, here: bool) -> None:
        super().__init__()
        self.setObjectName("plantRow")
        name = Elided()
        name.setText(entry.name)
        if here:
            name.setFont(theme.font(name.font(), 1, QFont.Weight.DemiBold))
        change = QLabel()
        words = ""
        if share is not None and share.without is not None:
            before, after = _added(share.without, joint)
            change.setText(self.tr("{0} → {1}").format(before, after))
            words = self.tr("{0} without it, {1} with it").format(before, after)
        note = PlainLabel("plantNote", _Role.PlaceholderText)
        note.setText(self._note(entry, share))
        note.setVisible(bool(note.text()))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(1)
        grid.addWidget(name, 0, 0)
        grid.addWidget(change, 0, 1)
        grid.addWidget(note, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        self.setAccessibleName(f"{entry.name}: {'. '.join(filter(None, (words, note.text())))}")
        self.setToolTip(as_tip("\n".join(filter(None, (entry.source.name, words)))))

    def _note(self, entry: Entry, share: Share | None) -> str:
        if isinstance(entry.result, Failure):
            return self.tr("Left out. {0}").format(told(entry.result.reason))
        if share is None:
            return ""
        verdict = judge(share.alone)
        if share.alone.flaw is not None:
            from florapp.core.quality import sentence

            return self.tr("Left out. {0}").format(told(sentence(share.alone.flaw)))
        if verdict is not None and verdict.doubt == "strange":
            return self.tr("By itself: {0}").format(told(verdict.sentence))
        return "" if share.without is not None else self.tr("The only one that can be used.")


def _added(without: Answer, joint: Answer) -> tuple[str, str]:
    """Return the probability of the best class of ``joint`` without a photograph and with it."""
    from florapp.core.fusion import probability_of

    best = joint.best
    return percent(probability_of(best.label, without)), percent(best.probability)


def _answer_alone(answer: Answer) -> str:
    """Return the answer in words, or why there is no name in it."""
    verdict = judge(answer)
    if verdict is not None and verdict.doubt in ("flaw", "strange"):
        return told(verdict.sentence)
    return f"{answer.best.label.name}, {percent(answer.best.probability)}"
