"""Puts answers on the clipboard, as text."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel

from florapp.services.answers import as_text
from florapp.ui.answer_panel import AnswerPanel
from florapp.ui.messages import MessageBar
from florapp.ui.strip_view import StripView

_LINE_ENDS = str.maketrans("\u2029\u2028", "\n\n")  # as Qt has them within its own texts


class Copying(QObject):
    """Copies the answer looked at, those selected in the strip, or all."""

    def __init__(self, strip: StripView, answer: AnswerPanel, messages: MessageBar) -> None:
        super().__init__(strip)
        self._strip, self._answer, self._messages = strip, answer, messages

    def copy(self) -> None:
        """Copy the words that are selected, else the selected answers, else the one shown."""
        focus, rows = QApplication.focusWidget(), self._strip.selected_rows()
        if isinstance(focus, QLabel) and focus.hasSelectedText():
            self._copied(focus.selectedText().translate(_LINE_ENDS))
            return
        if rows == [self._strip.currentIndex().row()]:
            rows = []  # of the one shown there is more to be told
        chosen = [entry for row in rows if (entry := self._strip.pictures.entry(row))]
        # Of those that all failed there is nothing to copy.
        self._copied(as_text(chosen, self._strip.pictures.promise) or self._answer.text())

    def copy_all(self) -> None:
        """Copy the answers of the whole strip."""
        pictures = self._strip.pictures
        self._copied(as_text(pictures, pictures.promise))

    def _copied(self, text: str) -> None:
        if not text:
            return
        QGuiApplication.clipboard().setText(text)
        self._messages.show_message(self.tr("Copied: {0}").format(text.partition("\n")[0]))
