"""Takes pictures off the strip, and back what is in no file."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QObject

from florapp.core.source import Source
from florapp.services.session import Session
from florapp.ui.messages import MessageBar
from florapp.ui.strip_view import StripView


class _Sources(list[Source]):
    """A list that can be held weakly."""


class Removing(QObject):
    """Removes the pictures that are selected in ``strip``, or the current one."""

    def __init__(self, strip: StripView, session: Session, messages: MessageBar) -> None:
        super().__init__(strip)
        self._strip, self._session, self._messages = strip, session, messages
        # By the message alone: whoever closes it lets go of them, and they may be large.
        self._lost: Callable[[], _Sources | None] = lambda: None

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
            lost = _Sources([*(self._lost() or ()), *sources])
            self._lost = weakref.ref(lost)
            self._messages.take_back("removed")
            more = f" + {len(lost) - 1}" if len(lost) > 1 else ""
            said = self.tr("Removed: {0}").format(lost[0].name + more)
            again = (self.tr("Add again"), lambda: self._session.add_sources(lost))  # of no plant
            self._messages.show_message(said, actions=[again], about="removed")
