"""What the program has to say besides answers: in place, never in a dialog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QKeySequence,
    QPaintEvent,
    QPalette,
    QShortcut,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from florapp.services.untrusted import as_tip
from florapp.ui import icons, theme
from florapp.ui.icons import Drawing

Kind = Literal["info", "question", "error"]
Action = tuple[str, Callable[[], object]]


def announce(widget: QWidget, text: str, *, urgent: bool = False) -> None:
    """Have a screen reader say ``text``."""
    event = QAccessibleAnnouncementEvent(widget, text)
    if urgent:
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
    QAccessible.updateAccessibility(event)


@dataclass(frozen=True, slots=True)
class _Message:
    text: str
    kind: Kind
    actions: tuple[Action, ...]
    about: str = ""


class _Words(QLabel):
    """A text that is selected when the keyboard comes to it: so it is seen there, and copied."""

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.setSelection(0, len(self.text()))

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        reasons = Qt.FocusReason
        if event.reason() not in (reasons.PopupFocusReason, reasons.ActiveWindowFocusReason):
            self.setSelection(0, 0)


class MessageBar(QWidget):
    """One message at a time, hidden while there is none.

    An error or a question stays until it is closed or answered, and those that come meanwhile wait
    their turn; a piece of information gives way to whatever comes next, and returns after it only
    where something can be done about it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: _Message | None = None
        self._waiting: list[_Message] = []
        # What comes under a pressed button is not meant by the second click of a double one.
        self._unread = QTimer(self, singleShot=True, interval=QApplication.doubleClickInterval())
        self._sign = Drawing(QSize(20, 20))
        self._text = _Words(wordWrap=True)
        self._text.setObjectName("messageText")
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        flags = Qt.TextInteractionFlag
        self._text.setTextInteractionFlags(
            flags.TextSelectableByMouse | flags.TextSelectableByKeyboard
        )
        self._text.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._text.setMinimumWidth(1)
        self._buttons = [QPushButton(autoDefault=True), QPushButton(autoDefault=True)]
        for i, button in enumerate(self._buttons):
            button.clicked.connect(lambda _=False, i=i: self._act(i))
        self._close = QToolButton()
        self._close.setObjectName("messageClose")
        self._close.setIcon(icons.icon("close"))
        self._close.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._close.setToolTip(self.tr("Close this message (Esc)"))
        self._close.setAccessibleName(self.tr("Close this message"))
        self._close.clicked.connect(self.close_message)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close_message)  # while it is seen
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self._sign)
        row.addWidget(self._text, 1)
        for button in self._buttons:
            row.addWidget(button)
        row.addWidget(self._close)
        self.hide()

    def show_message(
        self, text: str, kind: Kind = "info", actions: Sequence[Action] = (), *, about: str = ""
    ) -> None:
        """Say ``text``; at most two ``actions`` (label, what to call) stand beside it.

        What it is ``about`` lets it be taken back.
        """
        message = _Message(text, kind, tuple(actions), about)
        if self._shown is None or self._shown.kind == "info":
            if self._shown is not None and self._shown.actions:
                self._waiting.append(self._shown)
            self._show(message)
        elif kind != "error" or text not in (other.text for other in (self._shown, *self._waiting)):
            self._waiting = [x for x in self._waiting if x.kind != "info" or x.actions]
            self._waiting.append(message)

    def close_message(self) -> None:
        """Take the message away; the next one shows, if there is one."""
        if self._waiting:
            self._waiting.sort(key=lambda message: message.kind == "info")  # which gives way
            self._show(self._waiting.pop(0))
        else:
            self._shown = None
            self.hide()

    def take_back(self, about: str) -> None:
        """Say nothing any more of what it is ``about``: it is no longer so."""
        self._waiting = [other for other in self._waiting if other.about != about]
        if self._shown is not None and self._shown.about == about:
            self.close_message()

    def text(self) -> str:
        """Return what is being said, or nothing."""
        return self._shown.text if self._shown else ""

    def _show(self, message: _Message) -> None:
        self._shown = message
        self._text.setText(message.text)
        self._text.setToolTip(as_tip(message.text))  # a long path is cut
        error = message.kind == "error"
        role = QPalette.ColorRole
        self._sign.show_drawing(
            "warning" if error else "info", role.BrightText if error else role.Accent
        )
        self._sign.setAccessibleName(self.tr("Error") if error else self.tr("Information"))
        for i, button in enumerate(self._buttons):
            button.setVisible(i < len(message.actions))
            button.setText(message.actions[i][0] if i < len(message.actions) else "")
        self.setAccessibleName(message.text)
        self.show()
        self.update()
        announce(self, message.text, urgent=error)

    def _act(self, number: int) -> None:
        if self._shown and not self._unread.isActive():
            _, call = self._shown.actions[number]
            if self._waiting:
                self._unread.start()
            self.close_message()
            call()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        theme.paint_banner(self, self._sign.colour())
