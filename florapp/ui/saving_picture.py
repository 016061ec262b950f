"""Saves a picture that the camera took, where the user says."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from florapp.core.source import Source
from florapp.services.background import Background
from florapp.services.files import still_there, write_whole
from florapp.services.settings import Settings
from florapp.ui.messages import MessageBar
from florapp.ui.saving import PATIENCE


class SavingPicture(QObject):
    """Asks for a file, writes the picture behind the window, and tells how that went."""

    def __init__(self, window: QWidget, settings: Settings, *, messages: MessageBar) -> None:
        super().__init__(window)
        self._window, self._settings, self._messages = window, settings, messages
        self._background = Background(self)

    def ask(self, source: Source) -> None:
        """Let the user say where, then save."""
        name = source.name if source.name.lower().endswith((".jpg", ".jpeg")) else "picture.jpg"
        folder = still_there(self._settings.saved_in, self._settings.folder)
        # Replacing is asked about below: by the dialog's own question a name without an ending
        # would pass.
        chosen, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Save picture"),
            str(Path(folder, name)),
            self.tr("JPEG (*.jpg)"),
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if not chosen:
            return
        self._messages.take_back(_about(source))  # what was asked or told of another file
        path = Path(chosen)
        if path.suffix.lower() not in (".jpg", ".jpeg"):
            path = path.with_name(f"{path.name}.jpg")
        if os.path.exists(path):  # noqa: PTH110 - Path.exists raises where it may not look
            self._messages.show_message(
                self.tr("{0} is there already. Replace it?").format(path),
                "question",
                [
                    (self.tr("Replace"), partial(self._save, source, path)),
                    (self.tr("Save picture…"), partial(self.ask, source)),
                ],
                about=_about(source),
            )
        else:
            self._save(source, path)

    def _save(self, source: Source, path: Path) -> None:
        content = source.content
        assert isinstance(content, bytes)

        def done(error: Exception | None) -> None:
            if isinstance(error, OSError):
                text = self.tr("The picture could not be saved to {0}: {1}. Choose another place.")
                again = (self.tr("Save picture…"), partial(self.ask, source))
                said = text.format(path, error.strerror)
                self._messages.show_message(said, "error", [again], about=_about(source))
            elif error is not None:
                raise error
            else:
                self._settings.saved_in = str(path.parent)
                self._messages.show_message(self.tr("Picture saved to {0}.").format(path))

        self._background.run(lambda: write_whole(path, content), done)

    def wait(self) -> None:
        """Wait, but not for ever, until what is being saved is on the disk."""
        self._background.wait(PATIENCE)


def _about(source: Source) -> str:
    return f"picture {id(source)}"  # which is held as long as anything is said of it


def can_be_saved(source: Source) -> bool:
    """Say whether ``source`` is a JPEG that may be nowhere on the disk: from the camera, pasted."""
    return isinstance(source.content, bytes) and source.content.startswith(b"\xff\xd8\xff")
