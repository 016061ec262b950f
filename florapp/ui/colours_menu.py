"""The View menu: light, dark, or as the system has it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from florapp.services.settings import ColourScheme, Settings


class ColoursMenu(QMenu):
    """Chooses the window's colours, and remembers the choice."""

    chosen = Signal(ColourScheme)

    def __init__(self, window: QWidget, settings: Settings) -> None:
        super().__init__(self.tr("&View"), window)
        self._settings = settings
        schemes = QActionGroup(self)
        for scheme, text in (
            (ColourScheme.SYSTEM, self.tr("As light or dark as the &system")),
            (ColourScheme.LIGHT, self.tr("&Light")),
            (ColourScheme.DARK, self.tr("&Dark")),
        ):
            action = QAction(text, schemes, checkable=True)
            action.setChecked(settings.colours is scheme)
            action.triggered.connect(partial(self._choose, scheme))
            self.addAction(action)

    def _choose(self, scheme: ColourScheme) -> None:
        self._settings.colours = scheme
        self.chosen.emit(scheme)
