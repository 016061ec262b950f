"""The window: the picture, its answer, the strip below, and messages in place."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QImage,
    QKeyEvent,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from florapp import __version__
from florapp.core.prediction import Answer, Failure
from florapp.services.pictures import Entry
from florapp.services.plants import can_be_one, joint, shown
from florapp.services.session import Session
from florapp.services.settings import Settings
from florapp.services.words import told
from florapp.ui.actions import Actions
from florapp.ui.answer_panel import AnswerPanel
from florapp.ui.colours_menu import ColoursMenu
from florapp.ui.copying import Copying
from florapp.ui.menus import Tools, fill_menus
from florapp.ui.messages import MessageBar
from florapp.ui.model_menu import ModelMenu
from florapp.ui.picture_view import PictureView
from florapp.ui.progress import Job, Progress
from florapp.ui.receiving import Receiving
from florapp.ui.saving import Saving
from florapp.ui.saving_picture import SavingPicture, can_be_saved
from florapp.ui.strip_view import StripView
from florapp.ui.web_question import WebQuestion
from florapp.ui.webcam import Webcam
from florapp.ui.why_bar import WhyBar

_Select = QItemSelectionModel.SelectionFlag


class MainWindow(QMainWindow):
    """Arranges the widgets and connects them with the session."""

    painted = Signal()  # once, when the window is on the screen

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__()
        self._session, self._settings = session, settings
        self._painted = False
        self._shown: Entry | None = None

        self.picture = PictureView()
        self.stage = QStackedWidget()  # the picture, or the camera
        self.stage.addWidget(self.picture)
        self.answer = AnswerPanel()
        self.answer.dial.set_promise(settings.promise)
        session.pictures.keep(settings.promise)
        self.strip = StripView(session.pictures)
        self.messages = MessageBar()
        self.progress = Progress(session)
        self.fetching = Job(self.tr("Cancel"))
        self.saving = Job()
        self.actions_ = Actions(self)
        self._why = WhyBar(self, self.picture, self.answer, self.actions_.why)
        self._web = WebQuestion(self.messages, self.fetching, self)
        self._receiving = Receiving(
            self, session, settings, messages=self.messages, web=self._web, stage=self.stage
        )
        self._webcam = Webcam(
            self,
            session,
            settings,
            stage=self.stage,
            action=self.actions_.camera,
            messages=self.messages,
        )
        self._copying = Copying(self.strip, self.answer, self.messages)
        self._saving = Saving(
            self, session.pictures, settings, messages=self.messages, job=self.saving
        )
        self._saving_picture = SavingPicture(self, settings, messages=self.messages)
        self._arrange()
        self._connect()
        self._show_looked_at()
        self._update_actions()

    def _arrange(self) -> None:
        self.setWindowTitle("FlorApp")
        self.setMinimumSize(640, 480)
        across = QSplitter(Qt.Orientation.Horizontal)
        across.setChildrenCollapsible(False)
        across.addWidget(self.stage)
        across.addWidget(self.answer)
        across.setStretchFactor(0, 2)
        across.setStretchFactor(1, 1)
        across.setSizes([700, 340])
        self.answer.setMaximumWidth(440)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.messages)
        layout.addWidget(across, 1)
        layout.addWidget(self.strip)
        for job in (self.progress, self.fetching, self.saving):
            layout.addWidget(job)
        self.strip.hide()
        self.setCentralWidget(centre)
        do = self.actions_
        fill_menus(
            self.menuBar(),
            do,
            ModelMenu(self, self._session, self._settings, actions=do, messages=self.messages),
            ColoursMenu(self, self._settings),
        )
        self.addToolBar(Tools(do, self))
        self.resize(1080, 720)
        if self._settings.geometry:
            self.restoreGeometry(self._settings.geometry)

    def _connect(self) -> None:
        do, session = self.actions_, self._session
        do.open.triggered.connect(self._receiving.ask_for_files)
        do.open_folder.triggered.connect(self._receiving.ask_for_folder)
        do.paste.triggered.connect(self._receiving.paste)
        do.save.triggered.connect(self._saving.ask)
        do.save_picture.triggered.connect(self._save_picture)
        do.quit.triggered.connect(self.close)
        do.copy.triggered.connect(self._copying.copy)
        do.copy_all.triggered.connect(self._copying.copy_all)
        do.select_all.triggered.connect(self.strip.selectAll)
        do.remove.triggered.connect(self._remove)
        do.same_plant.triggered.connect(lambda: session.join(self.strip.selected_rows()))
        do.separate.triggered.connect(lambda: session.separate(self.strip.selected_rows()))
        do.about.triggered.connect(self._about)
        self.picture.open_requested.connect(self._receiving.ask_for_files)
        self.picture.pixels_wanted_changed.connect(
            lambda: session.look_closer(self.picture.pixels_wanted())
        )
        self.strip.selectionModel().currentChanged.connect(self._current_changed)
        self.strip.selectionModel().selectionChanged.connect(self._update_actions)
        self._webcam.changed.connect(self._show_camera)
        self._webcam.open_requested.connect(self._receiving.ask_for_files)
        self.strip.clicked.connect(self._webcam.close)
        self._web.fetched.connect(lambda source, first: session.add_sources([source], first))
        self.answer.dial.changed.connect(self._promise_changed)
        session.model_opened.connect(self._use_labels)
        session.added.connect(self._look_at)
        session.picture_ready.connect(self._show_picture)
        session.looked_at_changed.connect(self._show_looked_at)
        session.progress_changed.connect(self._update_actions)
        session.progress_changed.connect(self._show_waiting)
        rows = session.pictures
        for change in (rows.rowsInserted, rows.rowsRemoved, rows.modelReset):
            change.connect(self._show_strip)

    def _look_at(self, row: int) -> None:
        self._select(row)
        if not self._webcam.shooting:
            self._webcam.close()
            self.strip.setFocus()  # so that the arrow keys and Delete work at once

    def _show_strip(self) -> None:
        # A single picture needs none, but for one that the camera took: it is seen nowhere else.
        self.strip.setVisible(len(self._session.pictures) > (0 if self._webcam.shown else 1))

    def _show_camera(self) -> None:
        self._show_strip()
        self._show_title()
        focus = QApplication.focusWidget()
        if not self._webcam.shown and focus is not None and self.stage.isAncestorOf(focus):
            (self.strip if self.strip.isVisible() else self.picture).setFocus()

    def _show_title(self) -> None:
        entry = self._session.looked_at
        parts = [self.tr("Camera on")] if self._webcam.is_on else [entry.name] if entry else []
        self.setWindowTitle(" – ".join([*parts, "FlorApp"]))

    def _select(self, row: int) -> None:
        # Not through the view: it would add to the selection while Ctrl is held, as for Ctrl+V.
        index = self._session.pictures.index(row)
        self.strip.selectionModel().setCurrentIndex(index, _Select.ClearAndSelect)

    def _current_changed(self, current: QModelIndex) -> None:
        if self.strip.hasFocus() and not self._webcam.shooting:  # the user goes along it
            self._webcam.close()
        self._session.look_at(current.row(), self.picture.pixels_wanted())

    def _show_picture(self, image: QImage) -> None:
        if self._session.looked_at is not None:
            self.picture.show_picture(image, self._session.looked_at.name)

    def _show_looked_at(self) -> None:
        entry = self._session.looked_at
        another, self._shown = entry is not self._shown, entry
        fused = joint(entry) if entry is not None else None
        result = shown(entry, fused) if entry is not None else None
        self.answer.plant.show_plant(entry, fused)
        self._show_title()
        if entry is None:
            self.picture.clear()
            self.answer.clear()
        elif isinstance(result, Failure):
            reason = told(result.reason)
            self.picture.show_failure(entry.name, reason)
            self.answer.show_failure(reason)
        else:
            if another:
                self.picture.show_waiting(entry.name, entry.thumbnail)
            if result is not None:
                self.answer.show_answer(result)
        self._why.show_answer(result)
        self._show_waiting()
        self._update_actions()

    def _show_waiting(self) -> None:
        session, entry = self._session, self._session.looked_at
        if entry is None or entry.result is not None:
            return
        if session.card is None and not session.opening and self._painted:
            self.answer.show_failure(self.tr("No model is open. Choose one in the Model menu."))
        else:
            self.answer.show_waiting()

    def _promise_changed(self, promise: float) -> None:
        self._settings.promise = promise
        self._session.pictures.keep(promise)

    def _use_labels(self) -> None:
        if self._session.card is not None:
            self.answer.species.use({label.id: label for label in self._session.card.labels})

    def _save_picture(self) -> None:
        if self._session.looked_at is not None:
            self._saving_picture.ask(self._session.looked_at.source)

    def _remove(self) -> None:
        strip, pictures = self.strip.selectionModel(), self._session.pictures
        rows = self.strip.selected_rows() or [strip.currentIndex().row()]
        # First on to a picture that stays: Qt would walk over those that go, one by one.
        gone = set(rows)
        stay = (row for row in range(rows[0], len(pictures)) if row not in gone)
        strip.setCurrentIndex(pictures.index(next(stay, rows[0] - 1)), _Select.NoUpdate)
        self._session.remove(rows)
        self._select(min(rows[0], len(pictures) - 1))

    def _update_actions(self) -> None:
        do, session = self.actions_, self._session
        answered = session.pictures.answered > 0
        entry = session.looked_at
        do.copy.setEnabled(entry is not None and isinstance(entry.result, Answer))
        do.copy_all.setEnabled(answered)
        do.save.setEnabled(answered)
        do.save_picture.setEnabled(entry is not None and can_be_saved(entry.source))
        do.remove.setEnabled(len(session.pictures) > 0)
        chosen = [e for row in self.strip.selected_rows() if (e := session.pictures.entry(row))]
        do.same_plant.setEnabled(can_be_one(chosen))
        do.separate.setEnabled(any(each.plant for each in chosen))
        do.select_all.setEnabled(len(session.pictures) > 1)

    def _about(self) -> None:
        from PySide6.QtWidgets import QMessageBox  # here: it can wait until it is asked for

        QMessageBox.about(
            self,
            self.tr("About FlorApp"),
            self.tr(
                "<h3>FlorApp {0}</h3><p>Names the flower in a photograph, on your own machine. "
                "No picture leaves it.</p><p>The program is free under the MIT licence; the "
                "model's terms stand in its card.</p>"
            ).format(__version__),
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.painted.emit)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape and self._webcam.shown:
            self._webcam.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        self._settings.geometry = bytes(self.saveGeometry().data())
        self._webcam.end()
        self._web.cancel()
        self._session.close()
        self._saving.wait()
        super().closeEvent(event)
