"""What is running: how far it is, and the button that ends it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from florapp.services.session import Session

_SOON_MS = 400  # what is over sooner does not show
_BETWEEN_MS = 50  # two changes: the bar paints each at once, and all else that waits for it


class Job(QWidget):
    """One line for one job: words, a bar, and a button where ``button`` says what it does."""

    def __init__(self, button: str = "") -> None:
        super().__init__()
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setMinimumWidth(1)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMaximumWidth(220)
        self.button = QPushButton(button)
        if not button:
            self.button.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 8, 2)
        layout.addWidget(self.label)
        layout.addWidget(self.bar, 1)
        layout.addWidget(self.button)
        layout.addStretch()
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self.show)
        self.hide()

    def tell(self, text: str, done: int = 0, total: int = 0) -> None:
        """Say what is running, and how far it is; a ``total`` of 0 is not known."""
        self.label.setText(text)
        self.bar.setAccessibleName(text)
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        if self.isHidden() and not self._soon.isActive():
            self._soon.start()

    def end(self) -> None:
        """Show nothing: it is over."""
        self._soon.stop()
        self.hide()


class Progress(Job):
    """How far the strip is, with Stop or Go on; before that the model, while it is opened."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.button.clicked.connect(self._clicked)
        self._next = QTimer(self, singleShot=True, interval=_BETWEEN_MS)
        self._next.timeout.connect(self._update)
        session.progress_changed.connect(self._changed)

    def _changed(self) -> None:
        if not self._next.isActive():
            self._next.start()

    def _update(self) -> None:
        session = self._session
        total, waiting = len(session.pictures), session.pictures.waiting
        done = total - waiting
        model = session.card is not None
        working = session.searching or (waiting > 0 and model)
        self.button.setVisible(session.opening or working)
        self.button.setText(self._can_be_done())
        self.bar.setVisible(session.opening or (model and not session.stopped))
        if session.opening:
            self.tell(self.tr("The model is being opened…"))
        elif not model:
            self.tell(self.tr("No model is open. Choose one in the Model menu."))
        elif not working and waiting == 0:
            self.end()
        elif session.stopped:
            self.tell(self.tr("Stopped: {0} of {1} pictures done").format(done, total))
        else:
            text = self.tr("{0} of {1} pictures done")
            if session.searching:
                text = self.tr("{0} of {1} pictures done, still searching…")
            self.tell(text.format(done, total), done, max(total, 1))

    def _can_be_done(self) -> str:
        if self._session.opening:
            return self.tr("Cancel")
        return self.tr("Go on") if self._session.stopped else self.tr("Stop")

    def _clicked(self) -> None:
        if self._session.opening:
            self._session.cancel_opening()
        elif self._session.stopped:
            self._session.go_on()
        else:
            self._session.stop()
        self._update()  # at once: this is what the user waits for
