"""What is told of the answer's plant, and of those it is confused with: one card at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from florapp.core.errors import FlorAppError
from florapp.core.model_file import Label
from florapp.core.species import Danger, Species, species
from florapp.services.background import Background
from florapp.services.words import told
from florapp.ui import theme
from florapp.ui.labels import PlainLabel
from florapp.ui.link_button import LinkButton
from florapp.ui.messages import announce
from florapp.ui.species_card import SpeciesCard, WarningBox

_MOMENT = 100  # milliseconds


class SpeciesPanel(QWidget):
    """Shows the card of a class, and the way back from a look-alike's; empty where there is none.

    What there is to beware of in the answer's plant, and in what it may be as well, stands in
    ``alarms``, which may be put elsewhere. The cards are read when the first one is asked for.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._reading = False
        self._untold = False  # the warnings of the first card
        self._cards: Mapping[str, Species] = {}
        self._labels: Mapping[str, Label] = {}
        self._trail: list[Label] = []  # the answer's class, then the look-alikes gone to
        self._others: tuple[Label, ...] = ()  # that the answer may be as well
        self._card: SpeciesCard | None = None
        self._boxes: list[WarningBox] = []  # of the others
        self._raised: list[WarningBox] = []  # of the card, among the alarms
        self.alarms = QWidget()
        self._alarms = QVBoxLayout(self.alarms)
        self._alarms.setContentsMargins(0, 0, 0, 0)
        self._alarms.setSpacing(4)
        self._back = LinkButton("speciesBack")
        self._back.clicked.connect(self._go_back)
        self._title = PlainLabel("speciesTitle")
        self._title.setFont(theme.font(self.font(), 1.25, QFont.Weight.DemiBold))
        self._scientific = PlainLabel("speciesScientificName")
        self._scientific.setFont(theme.font(self.font(), 1, italic=True))
        self._fault = PlainLabel("speciesFault")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.alarms, self._back, self._title, self._scientific, self._fault):
            self._column.addWidget(widget)
            widget.hide()

    def use(self, labels: Mapping[str, Label]) -> None:
        """Name look-alikes as the model does whose classes these are, by id."""
        self._labels = labels
        self._go(self._trail[:1])

    def show_label(self, label: Label | None, others: Sequence[Label] = ()) -> None:
        """Show what is told of ``label``: nothing, where no card was written for that plant.

        Of ``others``, which it may be as well, those that are dangerous are named.
        """
        if (label or others) and not self._reading:
            self._reading = True  # a moment later: the answer is to be on the screen first
            QTimer.singleShot(_MOMENT, self, lambda: self._background.run(species, self._read))
        trail = [label] if label else []
        if self._trail != trail or self._others != tuple(others):
            self._others = tuple(others)
            self._go(trail)
        self._announce()  # of another picture of the same plant too

    def _read(self, result: Any) -> None:
        if isinstance(result, FlorAppError):
            self._fault.setText(told(result.args[0]))
            self._fault.show()
        elif isinstance(result, Exception):
            raise result
        else:
            # The first card is much work, and comes while all else is at its busiest: in two steps,
            # each short, between which the window lives.
            self._cards = result
            self._make(self._trail)
            card, self._untold = self._card, True
            for widget in card.findChildren(QWidget) if card else ():
                widget.ensurePolished()
            QTimer.singleShot(0, self, lambda: self._let_see_first(card))

    def _let_see_first(self, card: SpeciesCard | None) -> None:
        if card is self._card:  # still
            self._show()
        if self._untold:
            self._announce()

    def _warn_of_others(self) -> None:
        for box in (*self._raised, *self._boxes):
            self._alarms.removeWidget(box)
            box.hide()
            box.deleteLater()
        self._raised, self._boxes = [], []
        if len(self._trail) > 1:
            return
        dangers: dict[Danger, list[str]] = {}
        for label in self._others:
            card = self._cards.get(label.id)
            if card and card.is_of(label) and card.danger >= Danger.POISONOUS:
                dangers.setdefault(card.danger, []).append(label.name)
        headings = {
            Danger.POISONOUS: self.tr("It may be one that is poisonous: {0}"),
            Danger.DEADLY_TO_CATS: self.tr("It may be one that is deadly to cats: {0}"),
            Danger.DEADLY: self.tr("It may be one that is deadly: {0}"),
        }
        for danger in sorted(dangers, reverse=True):
            heading = headings[danger].format(", ".join(dangers[danger]))
            self._boxes.append(WarningBox(heading, "", serious=True))
            self._alarms.addWidget(self._boxes[-1])

    def _go(self, trail: list[Label]) -> None:
        """Show the card of the last class of ``trail``."""
        self._make(trail)
        self._show()

    def _make(self, trail: list[Label]) -> None:
        self._trail = trail
        self._warn_of_others()
        if self._card:
            self._column.removeWidget(self._card)
            self._card.hide()
            self._card.deleteLater()  # its link may be what has just been pressed
            self._card = None
        card = self._cards.get(trail[-1].id) if trail else None
        if card and card.is_of(trail[-1]):
            links = {
                name: label.name
                for name, label in self._labels.items()
                if name in self._cards and self._cards[name].is_of(label)
            }
            names = {name: other.scientific_name for name, other in self._cards.items()} | links
            whose = trail[-1].name if self._others else ""
            self._card = SpeciesCard(card, names, links, whose)
            self._card.asked.connect(self._go_to)
            self._card.hide()
            self._column.addWidget(self._card)
            before: QWidget = self._back
            for link in self._card.findChildren(LinkButton):  # made last, they would come last
                self.setTabOrder(before, link)
                before = link

    def _show(self) -> None:
        trail = self._trail
        if self._card and len(trail) == 1:
            self._raised = self._card.alarms()
            for box in self._raised:
                self._alarms.addWidget(box)
        self.alarms.setVisible(bool(self._raised or self._boxes))
        if not self._card:
            self.setAccessibleName("")
        else:
            self._card.show()  # now, not with the next event: the keyboard may go to its links
            self.setAccessibleName(self.tr("About {0}").format(trail[-1].name))
        away = len(trail) > 1
        self._back.setVisible(away)
        self._title.setVisible(away or bool(self._card and self._others))
        self._scientific.setVisible(away and trail[-1].scientific_name != trail[-1].name)
        if away:
            self._back.setText(self.tr("Back to {0}").format(trail[-2].name))
        if trail:
            self._title.setText(self.tr("About {0}").format(trail[-1].name))
            self._scientific.setText(trail[-1].scientific_name)

    def _go_to(self, plant: str) -> None:
        self._go([*self._trail, self._labels[plant]])
        self._back.setFocus()
        self._let_see(self._back)
        announce(self, f"{self._title.text()}. {self._warnings()}")

    def _go_back(self) -> None:
        left = self._trail[-1]
        self._go(self._trail[:-1])
        if self._card:
            self._card.focus_link(left.id)
            self._let_see(self.focusWidget() or self._card)

    def _announce(self) -> None:
        self._untold = False
        if warnings := self._warnings():
            announce(self, warnings)

    def _warnings(self) -> str:
        own = self._card.warnings() if self._card else ""
        return " ".join(filter(None, (*(box.heading for box in self._boxes), own)))

    def _let_see(self, widget: QWidget) -> None:
        """Scroll to ``widget``, once it has its place."""
        area = self.parentWidget()
        while area and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if isinstance(area, QScrollArea):
            see = area.ensureWidgetVisible
            QTimer.singleShot(0, widget, lambda: see(widget))
