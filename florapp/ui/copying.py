"""Puts answers on the clipboard, as text."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel

from florapp.services.answers import as_text
from florapp.services.plants import joint
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
        pictures = self._strip.pictures
        chosen = [entry for row in rows if (entry := pictures.entry(row))]
        shown = pictures.entry(self._strip.currentIndex().row())
        if chosen == [shown] or (shown and joint(shown) and {*chosen} <= {*shown.plant}):
            chosen = []  # of the one shown, or its plant, there is more to be told
        # Of those that all failed there is nothing to copy.
        if answers := as_text(chosen, pictures.promise):
            self._copied_answers(answers)
        else:
            self._copied(self._answer.text())

    def copy_all(self) -> None:
        """Copy the answers of the whole strip."""
        pictures = self._strip.pictures
        self._copied_answers(as_text(pictures, pictures.promise))

    def _copied_answers(self, text: str) -> None:
        first, *others = text.split("\n")
        said = ", ".join(filter(None, first.split("\t")))
        more = self.tr("{0} (the first of {1})").format(said, len(others) + 1)
        self._copied(text, more if others else said)

    def _copied(self, text: str, said: str = "") -> None:
        if text:
            QGuiApplication.clipboard().setText(text)
            said = said or text.partition("\n")[0]
            self._messages.show_message(self.tr("Copied: {0}").format(said))
