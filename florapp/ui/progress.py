"""How far the strip is, and the button that stops it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from florapp.services.session import Session


class Progress(QWidget):
    """Shown while pictures wait: a count, a bar, and Stop or Go on."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.label = QLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMaximumWidth(220)
        self.bar.setAccessibleName(self.tr("Pictures answered"))
        self.button = QPushButton()
        self.button.clicked.connect(self._clicked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.addWidget(self.label)
        layout.addWidget(self.bar, 1)
        layout.addWidget(self.button)
        layout.addStretch()
        session.progress_changed.connect(self._update)
        self._update()

    def _update(self) -> None:
        session = self._session
        total, waiting = len(session.pictures), session.pictures.waiting
        loading = session.card is None
        busy = session.searching or waiting > 0
        self.setVisible(busy)
        self.bar.setVisible(not session.stopped)
        self.button.setVisible(not loading)
        self.bar.setRange(0, 0 if loading else max(total, 1))
        self.bar.setValue(total - waiting)
        if loading:
            text = self.tr("The model is being opened…")
        elif session.stopped:
            text = self.tr("Stopped: {0} of {1} pictures answered").format(total - waiting, total)
        elif session.searching:
            text = self.tr("{0} of {1} pictures answered, searching on…").format(
                total - waiting, total
            )
        else:
            text = self.tr("{0} of {1} pictures answered").format(total - waiting, total)
        self.label.setText(text)
        self.button.setText(self.tr("Go on") if session.stopped else self.tr("Stop"))

    def _clicked(self) -> None:
        if self._session.stopped:
            self._session.go_on()
        else:
            self._session.stop()
