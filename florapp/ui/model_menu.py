"""The Model menu: which model answers, others to open, and the card of the one in use."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from florapp.services.files import still_there
from florapp.services.session import Session
from florapp.services.settings import Settings
from florapp.services.untrusted import as_tip
from florapp.ui.main_window import MainWindow
from florapp.ui.messages import MessageBar


class ModelMenu(QObject):
    """Opens models, remembers them, and tells when one cannot be opened."""

    def __init__(
        self, window: MainWindow, session: Session, settings: Settings, *, messages: MessageBar
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._settings = window, session, settings
        self._do, self._menu, self._messages = window.actions_, window.model_menu, messages
        self._at_start = True  # until the first model is open
        actions = self._do
        actions.shipped_model.setCheckable(True)
        actions.shipped_model.triggered.connect(partial(session.open_model, None))
        actions.open_model.triggered.connect(self._ask)
        actions.show_card.triggered.connect(self._show_card)
        session.model_opened.connect(self._opened)
        session.model_refused.connect(self._refused)
        self._menu.aboutToShow.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        session = self._session
        self._menu.clear()
        self._menu.addAction(self._do.shipped_model)
        self._do.shipped_model.setChecked(self._session.model_path is None)
        for path in map(Path, self._settings.models):
            action = self._menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(as_tip(str(path)))
            action.setCheckable(True)
            action.setChecked(self._session.model_path == path)
            action.triggered.connect(partial(session.open_model, path))
        self._menu.addSeparator()
        self._menu.addActions([self._do.open_model, self._do.show_card])

    def _ask(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Open model"),
            still_there(self._settings.folder),
            self.tr("FlorApp models (*.onnx)"),
        )
        if chosen:
            self._session.open_model(Path(chosen))

    def _opened(self) -> None:
        path, card = self._session.model_path, self._session.card
        self._messages.take_back("model")
        at_start, self._at_start = self._at_start and self._settings.model == str(path or ""), False
        if not at_start and card is not None:
            said = self.tr("{0} answers now.").format(card.title)
            self._messages.show_message(said, about="model")
        if self._session.remark:
            self._messages.show_message(self._session.remark)
        self._settings.model = str(path or "")
        if path is not None:
            self._settings.remember(str(path))
        self._do.show_card.setEnabled(card is not None)

    def _refused(self, path: Path | None, sentence: str) -> None:
        actions = [(self.tr("Open another…"), self._ask)]
        if path is not None and self._session.card is None:
            actions.insert(
                0, (self.tr("Use FlorApp's own"), partial(self._session.open_model, None))
            )
        remembered = (self._settings.model, *self._settings.models)
        if path != self._session.model_path and str(path) in remembered:  # it did not open
            self._settings.forget(str(path))
            sentence = self.tr("{0} FlorApp has taken it off the Model menu.").format(sentence)
        self._messages.show_message(sentence, "error", actions, about="model")

    def _show_card(self) -> None:
        from florapp.ui.card_dialog import CardDialog  # here: it can wait until it is asked for

        if self._session.card is not None:
            dialog = CardDialog(self._session.card, self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()
