"""Puts the webcam in the picture's place, and the pictures it takes into the strip.

QtMultimedia is loaded only when the camera is asked for, and not by the window's thread.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QStackedWidget

from florapp.core.source import Source
from florapp.services.background import Background
from florapp.services.multimedia import Fault
from florapp.services.session import Session
from florapp.services.settings import Settings
from florapp.ui.camera_faults import in_words
from florapp.ui.messages import MessageBar

if TYPE_CHECKING:
    from florapp.ui.camera_panel import CameraPanel


class Webcam(QObject):
    """Opens and closes the camera panel on ``stage`` as ``action`` is checked or not."""

    changed = Signal()  # ``is_on``, ``shown``
    open_requested = Signal()  # a picture, instead of a camera

    def __init__(
        self,
        window: QMainWindow,
        session: Session,
        settings: Settings,
        *,
        stage: QStackedWidget,
        action: QAction,
        messages: MessageBar,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._settings = window, session, settings
        self._stage, self._action, self._messages = stage, action, messages
        self._background = Background(self)
        self._panel: CameraPanel | None = None
        self._loading = False
        action.toggled.connect(self._toggled)
        window.installEventFilter(self)

    @property
    def shown(self) -> bool:
        """Whether the panel is in the picture's place."""
        return self._panel is not None and self._stage.currentWidget() is self._panel

    @property
    def is_on(self) -> bool:
        """Whether the camera is open."""
        return self._panel is not None and self._panel.camera.is_open

    def close(self) -> None:
        """Show the picture again."""
        self._action.setChecked(False)

    def end(self) -> None:
        """Let go of the camera for good."""
        self._loading = False
        self._action.setChecked(False)
        if self._panel is not None:
            self._panel.end()

    def _toggled(self, on: bool) -> None:
        if self._panel is not None:
            self._show(on)
        elif on and not self._loading:
            self._loading = True
            self._background.run(
                lambda: importlib.import_module("florapp.ui.camera_panel"), self._loaded
            )

    def _loaded(self, module: Any) -> None:
        if not self._loading:  # the window was closed meanwhile: nobody would end the panel
            return
        self._loading = False
        if isinstance(module, ImportError):
            self.close()
            self._messages.show_message(". ".join(in_words(Fault.NO_BACKEND, "")), "error")
            return
        if isinstance(module, Exception):
            raise module
        panel = module.CameraPanel(self._session.live, self._settings)
        panel.close_requested.connect(self.close)
        panel.open_requested.connect(self.open_requested)
        panel.taken.connect(self._taken)
        panel.state_changed.connect(self.changed)
        self._panel = panel
        self._stage.addWidget(panel)
        self._show(self._action.isChecked())

    def _show(self, on: bool) -> None:
        assert self._panel is not None
        if on:
            self._stage.setCurrentWidget(self._panel)
            if not self._window.isMinimized():  # else when it is seen again
                self._panel.open()
        else:
            self._panel.close_camera()
            self._stage.setCurrentIndex(0)
        self.changed.emit()

    def _taken(self, source: Source) -> None:
        self._session.add_sources([source])

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802
        """Close the camera as long as the window is minimised: nobody sees that it is on."""
        if event.type() == QEvent.Type.WindowStateChange and self._panel and self.shown:
            if self._window.isMinimized():
                self._panel.close_camera()
            elif self._panel.camera.is_closed:
                self._panel.open()
        return False
