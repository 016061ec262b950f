"""Saves the answers of the whole strip where the user says."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from florapp.services.answers import save_answers
from florapp.services.background import Background
from florapp.services.files import still_there
from florapp.services.pictures import PictureList, State
from florapp.services.settings import Settings
from florapp.ui.messages import MessageBar
from florapp.ui.progress import Job

#: Seconds that the end of the program waits for what is being saved.
PATIENCE = 5.0


class Saving(QObject):
    """Asks for a file, writes it behind the window, and tells how that went."""

    def __init__(
        self,
        window: QWidget,
        pictures: PictureList,
        settings: Settings,
        *,
        messages: MessageBar,
        job: Job,
    ) -> None:
        super().__init__(window)
        self._window, self._pictures, self._settings = window, pictures, settings
        self._messages, self._job = messages, job
        self._background = Background(self)

    def ask(self) -> None:
        """Let the user say where, then save."""
        kinds = {
            self.tr("Table (*.csv)"): ".csv",
            self.tr("JSON (*.json)"): ".json",
            self.tr("JSON lines (*.jsonl)"): ".jsonl",
        }
        folder = still_there(self._settings.saved_in, self._settings.folder)
        # Replacing is asked about below: by the dialog's own question a name without an ending
        # would pass.
        chosen, kind = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Save answers"),
            str(Path(folder, self.tr("flowers"))),
            ";;".join(kinds),
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if not chosen:
            return
        self._messages.take_back("saving")  # what was asked or told of another file
        path = Path(chosen)
        if path.suffix.lower() not in kinds.values():
            path = path.with_name(path.name + kinds.get(kind, ".csv"))
        if os.path.exists(path):  # noqa: PTH110 - Path.exists raises where it may not look
            self._messages.show_message(
                self.tr("{0} is there already. Replace it?").format(path),
                "question",
                [
                    (self.tr("Replace"), partial(self._save, path)),
                    (self.tr("Save…"), self.ask),
                ],
                about="saving",
            )
        else:
            self._save(path)

    def _save(self, path: Path) -> None:
        entries = [replace(entry) for entry in self._pictures]  # as they are now
        found = Counter(entry.state for entry in entries)
        promise = self._pictures.promise

        def done(error: Exception | None) -> None:
            if not self._background.busy:
                self._job.end()
            if isinstance(error, OSError):
                text = self.tr("The answers could not be saved to {0}: {1}. Choose another place.")
                self._messages.show_message(
                    text.format(path, error.strerror),
                    "error",
                    [(self.tr("Save…"), self.ask)],
                    about="saving",
                )
            elif error is not None:
                raise error
            else:
                self._settings.saved_in = str(path.parent)
                text = self.tr("Answers saved to {0}: {1}.").format(path, found[State.ANSWERED])
                if found[State.FAILED]:
                    failed = self.tr("Pictures that failed, with the reason: {0}.")
                    text = f"{text} {failed.format(found[State.FAILED])}"
                if found[State.WAITING]:
                    waiting = self.tr("Pictures left out because they are still waiting: {0}.")
                    text = f"{text} {waiting.format(found[State.WAITING])}"
                self._messages.show_message(text)

        self._job.tell(self.tr("Saving the answers…"))
        self._background.run(lambda: save_answers(entries, path, promise), done)

    def wait(self) -> None:
        """Wait, but not for ever, until what is being saved is on the disk."""
        self._background.wait(PATIENCE)
