"""What stands in the picture's place while there is none: a drawing, words, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from florapp.ui import theme
from florapp.ui.icons import Drawing

_LINE = 460  # pixels of words, at most


class Notice(QWidget):
    """A drawing, what it is about, and what to do; the buttons are hidden until they are shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMaximumWidth(_LINE)
        self._drawing = Drawing(QSize(240, 190))
        self._heading = QLabel(wordWrap=True)
        self._heading.setFont(theme.font(self.font(), 1.5, QFont.Weight.DemiBold))
        self._words = QLabel(wordWrap=True)
        self._words.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._heading.setObjectName("noticeHeading")
        self._words.setObjectName("noticeWords")
        for label in (self._heading, self._words):
            label.setProperty("textFormat", "PlainText")
            label.setProperty("alignment", "AlignHCenter")
            label.setMinimumWidth(1)
        self.retry = QPushButton(self.tr("Try again"))
        self.retry.setObjectName("noticeRetry")
        self.open = QPushButton(self.tr("Open pictures…"))
        self.open.setObjectName("noticeOpen")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.retry, self.open):
            button.setAutoDefault(True)  # Enter presses it
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addStretch(1)
        layout.addWidget(self._drawing, 8)
        layout.addSpacing(6)
        layout.addWidget(self._heading)
        layout.addWidget(self._words)
        layout.addSpacing(8)
        layout.addLayout(buttons)
        layout.addStretch(1)

    def tell(
        self, drawing: str, heading: str, words: str, height: int, role: QPalette.ColorRole
    ) -> None:
        """Show a drawing, ``height`` pixels at most, in the colour of ``role``, and words below."""
        self._drawing.setMaximumHeight(height)
        self._drawing.show_drawing(drawing, role)
        self._heading.setText(heading)
        self._words.setText(words)
        self.setToolTip("")
        self.retry.hide()
        self.open.hide()
        self.show()
