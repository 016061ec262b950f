"""The window's frame: what is on the screen at once. What works in it is made right after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from florapp.services.settings import Settings
from florapp.ui.actions import Actions
from florapp.ui.colours_menu import ColoursMenu
from florapp.ui.menus import Tools, fill_menus, model_menu
from florapp.ui.picture_view import PictureView

if TYPE_CHECKING:
    from florapp.ui.workspace import Workspace

_LINE = 20  # pixels of a line of text, at most, for which the smallest window is made


class MainWindow(QMainWindow):
    """Menus, tools and the invitation to give a picture.

    The ``workspace`` is set up in it when it is ``painted``: much has to be imported for that.
    """

    painted = Signal()  # once, when the window is on the screen
    escaped = Signal()
    closing = Signal()

    workspace: Workspace

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._painted = False
        self.actions_ = Actions(self)
        self.picture = PictureView()
        self.stage = QStackedWidget()  # the picture, or the camera
        self.stage.addWidget(self.picture)
        self.across = QSplitter()
        self.across.setChildrenCollapsible(False)
        self.across.addWidget(self.stage)
        self.across.addWidget(QWidget())  # the answer's place
        self.across.setStretchFactor(0, 2)
        self.across.setStretchFactor(1, 1)
        self.across.setSizes([700, 340])
        centre = QWidget()
        self.column = QVBoxLayout(centre)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(self.across, 1)
        self.setCentralWidget(centre)
        self.model_menu = model_menu(self)
        self.colours = ColoursMenu(self, settings)
        fill_menus(self.menuBar(), self.actions_, self.model_menu, self.colours)
        self.addToolBar(Tools(self.actions_, self))
        self.setWindowTitle("FlorApp")
        self.setProperty("contextMenuPolicy", "NoContextMenu")  # which would take the tools away
        room = self.screen().availableSize() * 0.92
        larger = max(1.0, self.fontMetrics().height() / _LINE)
        self.setMinimumSize((QSize(640, 480) * larger).boundedTo(room))
        self.resize(QSize(1080, 720).expandedTo(self.minimumSize()).boundedTo(room))
        if settings.geometry:
            self.restoreGeometry(settings.geometry)
        if settings.split:
            self.across.restoreState(settings.split)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.painted.emit)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        super().keyPressEvent(event)
        if event.matches(QKeySequence.StandardKey.Cancel):
            self.escaped.emit()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        self._settings.geometry = bytes(self.saveGeometry().data())
        self._settings.split = bytes(self.across.saveState().data())
        self.closing.emit()
        super().closeEvent(event)
