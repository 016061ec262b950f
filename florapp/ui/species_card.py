"""One plant's card: what to beware of first, how to know it, what it is confused with."""

from __future__ import annotations

from collections.abc import Container, Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from florapp.core.species import Danger, LookAlike, Species
from florapp.ui import theme
from florapp.ui.icons import Drawing
from florapp.ui.labels import PlainLabel
from florapp.ui.link_button import LinkButton

_Role = QPalette.ColorRole


class SpeciesCard(QWidget):
    """Shows ``card``, its look-alikes by ``names``; those among ``links`` can be asked for.

    Where it is not clear which plant is meant, its own warning says that it is ``whose``.
    """

    asked = Signal(str)  # a look-alike's id

    def __init__(
        self, card: Species, names: Mapping[str, str], links: Container[str], whose: str = ""
    ) -> None:
        super().__init__()
        self._whose = whose
        self._links: dict[str, LinkButton] = {}
        self._boxes: list[WarningBox] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._warn(card, names)
        self._tell(self.tr("How to know it"), card.look)
        self._tell(self.tr("Where and when"), card.place)
        self._head(self.tr("Easily confused with"))
        for other in card.alike:
            self._compare(other, names.get(other.plant, other.plant), other.plant in links)
        self._column.addSpacing(10)
        source = PlainLabel("speciesSource", _Role.PlaceholderText)
        source.setFont(theme.font(self.font(), 0.88))
        source.setText(self.tr("From general knowledge; not advice on eating or medicine."))
        self._column.addWidget(source)

    def alarms(self) -> list[WarningBox]:
        """Return its warnings of what is to be feared."""
        return [box for box in self._boxes if box.serious]

    def warnings(self) -> str:
        """Return the headings of its warnings; nothing where there is nothing to fear."""
        return " ".join(box.heading for box in self.alarms())

    def focus_link(self, plant: str) -> None:
        """Give the keyboard to the link to ``plant``."""
        if plant in self._links:
            self._links[plant].setFocus()

    def _warn(self, card: Species, names: Mapping[str, str]) -> None:
        boxes = self._boxes
        for danger in sorted({other.danger for other in card.worse_alike()}, reverse=True):
            alike = [o.plant for o in card.worse_alike() if o.danger is danger]
            heading = self._of_alike(danger, ", ".join(names.get(o, o) for o in alike), len(alike))
            boxes.append(WarningBox(heading, "", serious=True))
        if card.warning:
            serious = card.danger >= Danger.POISONOUS
            heading = ": ".join(filter(None, (self._whose, self._in_words(card.danger))))
            own = WarningBox(heading, card.warning, serious=serious)
            boxes.insert(0 if serious else len(boxes), own)  # what is only mild comes last
        for box in boxes:
            self._column.addWidget(box)

    def _head(self, heading: str) -> None:
        self._column.addSpacing(10)
        label = PlainLabel("speciesHeading")
        label.setFont(theme.font(self.font(), 1, QFont.Weight.DemiBold))
        label.setText(heading)
        self._column.addWidget(label)

    def _tell(self, heading: str, text: str) -> None:
        self._head(heading)
        label = PlainLabel("speciesText")
        label.setText(text)
        self._column.addWidget(label)

    def _compare(self, other: LookAlike, name: str, linked: bool) -> None:
        self._column.addSpacing(4)
        who: QLabel | LinkButton
        if linked:
            who = self._links[other.plant] = LinkButton("speciesLink", name)
            who.setAccessibleDescription(self.tr("Shows what is told of this plant"))
            who.clicked.connect(lambda: self.asked.emit(other.plant))
        else:
            who = PlainLabel("speciesAlike")
            who.setFont(theme.font(self.font(), 1, QFont.Weight.DemiBold))
            who.setText(name)
        self._column.addWidget(who)
        if other.danger >= Danger.POISONOUS:
            self._column.addWidget(_Mark(self._in_words(other.danger)))
        tell = PlainLabel("speciesTell", _Role.PlaceholderText)
        tell.setText(f"{other.tell[0].upper()}{other.tell[1:]}.")
        self._column.addWidget(tell)

    def _in_words(self, danger: Danger) -> str:
        return {
            Danger.NONE: "",
            Danger.MILD: self.tr("Take care"),
            Danger.POISONOUS: self.tr("Poisonous"),
            Danger.DEADLY_TO_CATS: self.tr("Deadly to cats"),
            Danger.DEADLY: self.tr("Deadly poisonous"),
        }[danger]

    def _of_alike(self, danger: Danger, names: str, count: int) -> str:
        one = {
            Danger.POISONOUS: self.tr("A look-alike is poisonous: {0}"),
            Danger.DEADLY_TO_CATS: self.tr("A look-alike is deadly to cats: {0}"),
            Danger.DEADLY: self.tr("A look-alike is deadly: {0}"),
        }
        more = {
            Danger.POISONOUS: self.tr("Look-alikes are poisonous: {0}"),
            Danger.DEADLY_TO_CATS: self.tr("Look-alikes are deadly to cats: {0}"),
            Danger.DEADLY: self.tr("Look-alikes are deadly: {0}"),
        }
        return (one if count == 1 else more)[danger].format(names)


class WarningBox(QWidget):
    """A sign, what there is to beware of, and why; calmer where it is not ``serious``."""

    def __init__(self, heading: str, text: str, *, serious: bool) -> None:
        super().__init__()
        self.setObjectName("speciesWarning")
        self.heading, self.serious = heading, serious
        self._sign = Drawing(QSize(20, 20))
        self._sign.show_drawing(
            "warning" if serious else "info", _Role.BrightText if serious else _Role.Accent
        )
        self._sign.setAccessibleName(self.tr("Warning") if serious else self.tr("Information"))
        words = QVBoxLayout()
        words.setSpacing(4)
        title = PlainLabel("speciesWarningHeading")
        title.setFont(theme.font(self.font(), 1.05, QFont.Weight.Bold))
        title.setText(heading)
        words.addWidget(title)
        if text:
            reason = PlainLabel("speciesWarningText")
            reason.setText(text)
            words.addWidget(reason)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 10, 9)
        row.setSpacing(9)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.setAccessibleName(self.tr("Warning: {0}").format(heading) if serious else heading)
        self.setAccessibleDescription(text)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        theme.paint_banner(self, self._sign.colour())


class _Mark(QWidget):
    """A small sign and a few words beside it: this plant is dangerous."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setObjectName("speciesMark")
        sign = Drawing(QSize(15, 15))
        sign.show_drawing("warning", _Role.BrightText)
        words = PlainLabel("speciesMarkText", _Role.BrightText)
        words.setFont(theme.font(self.font(), 1, QFont.Weight.DemiBold))
        words.setText(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(sign)
        row.addWidget(words, 1, Qt.AlignmentFlag.AlignVCenter)
