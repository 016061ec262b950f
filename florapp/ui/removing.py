"""Takes pictures off the strip, and back what is in no file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QObject

from florapp.core.source import Source
from florapp.services.session import Session
from florapp.ui.messages import MessageBar
from florapp.ui.strip_view import StripView


class Removing(QObject):
    """Removes the pictures that are selected in ``strip``, or the current one."""

    def __init__(self, strip: StripView, session: Session, messages: MessageBar) -> None:
        super().__init__(strip)
        self._strip, self._session, self._messages = strip, session, messages
        self._lost: list[Source] = []  # and not taken back

    def remove(self) -> None:
        """Remove them, and look at the picture that comes next."""
        chosen, pictures = self._strip.selectionModel(), self._session.pictures
        rows = self._strip.selected_rows() or [chosen.currentIndex().row()]
        # First on to a picture that stays: Qt would walk over those that go, one by one.
        gone = set(rows)
        stay = (row for row in range(rows[0], len(pictures)) if row not in gone)
        next_one = pictures.index(next(stay, rows[0] - 1))
        chosen.setCurrentIndex(next_one, QItemSelectionModel.SelectionFlag.NoUpdate)
        removed = [entry.source for row in rows if (entry := pictures.entry(row))]
        self._session.remove(rows)
        self._strip.select_only(min(rows[0], len(pictures) - 1))
        self._offer_back([source for source in removed if not isinstance(source.content, Path)])

    def _offer_back(self, sources: list[Source]) -> None:
        """Let pictures that are in no file (pasted, fetched, the camera's) be taken back."""
        if sources:
            if not self._messages.take_back("removed"):
                self._lost = []  # whoever has closed the message has let go of them
            self._lost += sources
            more = f" + {len(self._lost) - 1}" if len(self._lost) > 1 else ""
            said = self.tr("Removed: {0}").format(self._lost[0].name + more)
            again = (self.tr("Add again"), self._take_back)  # at the end, of no plant
            self._messages.show_message(said, actions=[again], about="removed")

    def _take_back(self) -> None:
        lost, self._lost = self._lost, []
        self._session.add_sources(lost)
