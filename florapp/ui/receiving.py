"""Takes pictures in: dropped on the window, pasted, or chosen in a dialog."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from florapp.core.folders import PICTURE_SUFFIXES
from florapp.services.files import still_there
from florapp.services.session import Session
from florapp.services.settings import Settings
from florapp.ui.drop_hint import DropHint
from florapp.ui.messages import MessageBar
from florapp.ui.web_question import WebQuestion


class Receiving(QObject):
    """Hands the session whatever reaches ``window``; ``stage`` shows where to drop."""

    received = Signal()  # pictures as data, just now

    def __init__(
        self,
        window: QWidget,
        session: Session,
        settings: Settings,
        *,
        messages: MessageBar,
        web: WebQuestion,
        stage: QWidget,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._settings = window, session, settings
        self._messages, self._web, self._hint = messages, web, DropHint(stage)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def ask_for_files(self) -> None:
        """Let the user choose pictures."""
        patterns = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
        chosen, _ = QFileDialog.getOpenFileNames(
            self._window,
            self.tr("Open pictures"),
            still_there(self._settings.folder),
            self.tr("Pictures ({0});;All files (*)").format(patterns),
        )
        if chosen:
            self._settings.folder = str(Path(chosen[0]).parent)
            self._session.add_paths(map(Path, chosen))

    def ask_for_folder(self) -> None:
        """Let the user choose a folder of pictures."""
        chosen = QFileDialog.getExistingDirectory(
            self._window, self.tr("Open folder"), still_there(self._settings.folder)
        )
        if chosen:
            self._settings.folder = chosen
            self._session.add_paths([Path(chosen)])

    def paste(self) -> None:
        """Take what is on the clipboard."""
        # There is nothing at all where nobody has copied anything yet.
        if not self._take(QGuiApplication.clipboard().mimeData() or QMimeData()):
            self._messages.show_message(
                self.tr(
                    "There is no picture to paste. Copy a picture, or picture files, and try again."
                ),
                about="pictures",
            )

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802
        """See to what is dragged over the window."""
        if event.type() == QEvent.Type.DragLeave:
            self._hint.hide()
        if not isinstance(event, QDropEvent):  # entering and moving are of this kind, too
            return False
        if isinstance(event, QDragEnterEvent):
            from florapp.services.intake import acceptable  # here: it can wait for the first drag

            copies = Qt.DropAction.CopyAction in event.possibleActions()
            if not copies or not acceptable(event.mimeData()):
                event.ignore()
                return True
            self._hint.show_over()
        # Never a move: the other program would delete the user's file.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if event.type() == QEvent.Type.Drop:
            self._hint.hide()
            self._drop(event.mimeData())
        return True

    def _drop(self, mime: QMimeData) -> None:
        if not self._take(mime):
            self._messages.show_message(
                self.tr("What was dropped holds no picture. Save the picture and drop its file."),
                about="pictures",
            )

    def _take(self, mime: QMimeData) -> bool:
        from florapp.services.intake import intake

        found = intake(mime)
        if found.sources:
            self.received.emit()
        self._session.add_paths(found.paths)
        self._session.add_sources(found.sources)
        self._web.ask(found.web)
        if found.elsewhere:
            said = self.tr("FlorApp cannot read {0}. Copy it to a folder of this computer first.")
            self._messages.show_message(
                said.format(found.elsewhere[0].toDisplayString()), "error", about="elsewhere"
            )
        return bool(found) or bool(found.elsewhere)
