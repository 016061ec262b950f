"""What works in the window: the picture's answer, the strip below, and messages in place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from florapp import __version__
from florapp.core.prediction import Answer, Failure
from florapp.services.pictures import Entry
from florapp.services.plants import can_be_one, joint, shown
from florapp.services.session import Session
from florapp.services.settings import Settings
from florapp.services.words import told
from florapp.ui.answer_panel import AnswerPanel
from florapp.ui.copying import Copying
from florapp.ui.main_window import MainWindow
from florapp.ui.messages import MessageBar
from florapp.ui.model_menu import ModelMenu
from florapp.ui.progress import Job, Progress
from florapp.ui.receiving import Receiving
from florapp.ui.removing import Removing
from florapp.ui.saving import Saving
from florapp.ui.saving_picture import SavingPicture, can_be_saved
from florapp.ui.strip_view import StripView
from florapp.ui.web_question import WebQuestion
from florapp.ui.webcam import Webcam
from florapp.ui.why_bar import WhyBar


class Workspace(QObject):
    """Puts the widgets into the window and connects them, and its actions, with the session."""

    def __init__(self, window: MainWindow, session: Session, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._session, self._settings = window, session, settings
        self._arriving = False  # a picture, just now: it is looked at, and nobody went to it
        self._shown: Entry | None = None
        self._gone: Entry | None = None  # what could not be read for the screen
        self._seen: Entry | None = None  # whose picture is on the screen
        self._picture, self._stage, self._do = window.picture, window.stage, window.actions_
        self.answer = AnswerPanel()
        self.answer.dial.set_promise(settings.promise)
        session.pictures.keep(settings.promise)
        self.strip = StripView(session.pictures)
        self.messages = MessageBar()
        self.progress = Progress(session)
        self.fetching = Job(self.tr("Cancel"))
        self.saving = Job()
        self._why = WhyBar(window, self._picture, self.answer, self._do.why)
        self._web = WebQuestion(self.messages, self.fetching, window)
        self._receiving = Receiving(
            window, session, settings, messages=self.messages, web=self._web, stage=self._stage
        )
        self._webcam = Webcam(
            window,
            session,
            settings,
            stage=self._stage,
            action=self._do.camera,
            messages=self.messages,
        )
        self._removing = Removing(self.strip, session, self.messages)
        self._copying = Copying(self.strip, self.answer, self.messages)
        self._saving = Saving(
            window, session.pictures, settings, messages=self.messages, job=self.saving
        )
        self._saving_picture = SavingPicture(window, settings, messages=self.messages)
        ModelMenu(window, session, settings, messages=self.messages)
        self._arrange()
        self._connect()
        self._show_looked_at()
        self._update_actions()

    def open(self, paths: Iterable[Path]) -> None:
        """Add pictures that were opened elsewhere, and bring the window to the front."""
        self._session.add_paths(paths)
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.raise_()
        window.activateWindow()

    def _arrange(self) -> None:
        column = self._window.column
        if placeholder := self._window.across.replaceWidget(1, self.answer):
            placeholder.deleteLater()
        self.answer.setMaximumWidth(440)
        self.answer.show()
        if self._settings.split:  # it has other limits than what was in its place
            self._window.across.restoreState(self._settings.split)
        column.insertWidget(0, self.messages)
        column.addWidget(self.strip)
        for job in (self.progress, self.fetching, self.saving):
            column.addWidget(job)
        self.strip.hide()

    def _end(self) -> None:
        self._webcam.end()
        self._web.cancel()
        self._session.close()
        self._saving.wait()
        self._saving_picture.wait()

    def _connect(self) -> None:
        window, do, session = self._window, self._do, self._session
        window.escaped.connect(self._webcam.close)
        window.closing.connect(self._end)
        do.open.triggered.connect(self._receiving.ask_for_files)
        do.open_folder.triggered.connect(self._receiving.ask_for_folder)
        do.paste.triggered.connect(self._receiving.paste)
        do.save.triggered.connect(self._saving.ask)
        do.save_picture.triggered.connect(self._save_picture)
        do.quit.triggered.connect(window.close)
        do.copy.triggered.connect(self._copying.copy)
        do.copy_all.triggered.connect(self._copying.copy_all)
        do.select_all.triggered.connect(self.strip.selectAll)
        do.remove.triggered.connect(self._removing.remove)
        do.same_plant.triggered.connect(lambda: session.join(self.strip.selected_rows()))
        do.separate.triggered.connect(lambda: session.separate(self.strip.selected_rows()))
        do.about.triggered.connect(self._about)
        self._receiving.received.connect(self._webcam.close)
        session.searched.connect(self._webcam.close)
        self._picture.open_requested.connect(self._receiving.ask_for_files)
        self._picture.pixels_wanted_changed.connect(
            lambda: session.look_closer(self._picture.pixels_wanted())
        )
        self.strip.selectionModel().currentChanged.connect(self._current_changed)
        self.strip.selectionModel().selectionChanged.connect(self._update_actions)
        self._webcam.changed.connect(self._show_camera)
        self._webcam.open_requested.connect(self._receiving.ask_for_files)
        self.strip.clicked.connect(self._webcam.close)
        self._web.fetched.connect(lambda source, first: session.add_sources([source], first))
        self.answer.dial.changed.connect(self._promise_changed)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._keyboard_moved)
        session.model_opened.connect(self._use_labels)
        session.added.connect(self._look_at)
        session.picture_ready.connect(self._show_picture)
        session.picture_gone.connect(self._picture_gone)
        session.looked_at_changed.connect(self._show_looked_at)
        session.progress_changed.connect(self._update_actions)
        session.progress_changed.connect(self._show_waiting)
        rows = session.pictures
        for change in (rows.rowsInserted, rows.rowsRemoved, rows.modelReset):
            change.connect(self._show_strip)

    def _look_at(self, row: int) -> None:
        self.messages.take_back("pictures")  # that there were none
        self._arriving = True
        self.strip.select_only(row)
        self._arriving = False
        if not self._webcam.shown:
            self._take_keyboard()  # so that the arrow keys and Delete work at once

    def _show_strip(self) -> None:
        # A single picture needs none, but for one that the camera took: it is seen nowhere else.
        count = len(self._session.pictures)
        needed = count > (0 if self._webcam.shown else 1)
        if not needed and self.strip.hasFocus():
            self._picture.take_keyboard()
        self.strip.setVisible(needed)

    def _show_camera(self) -> None:
        self._show_strip()
        self._show_title()
        focus = QApplication.focusWidget()
        if not self._webcam.shown and (focus is None or self._stage.isAncestorOf(focus)):
            self._take_keyboard()

    def _take_keyboard(self) -> None:
        (self.strip if self.strip.isVisible() else self._picture).setFocus()

    def _keyboard_moved(self, _: QWidget | None, now: QWidget | None) -> None:
        if now is None:  # what had it has gone, or has nothing to scroll any more
            QTimer.singleShot(0, self, self._keep_keyboard)

    def _keep_keyboard(self) -> None:
        if self._window.isActiveWindow() and QApplication.focusWidget() is None:
            camera = self._stage.currentWidget()
            if self._webcam.shown and camera:  # who goes to the strip closes it
                camera.setFocus()
            else:
                self._take_keyboard()

    def _show_title(self) -> None:
        entry = self._session.looked_at
        parts = [self.tr("Camera on")] if self._webcam.is_on else [entry.name] if entry else []
        self._window.setWindowTitle(" – ".join([*parts, "FlorApp"]))

    def _current_changed(self, current: QModelIndex) -> None:
        if self.strip.hasFocus() and not self._arriving:  # the user goes along it
            self._webcam.close()
        self._session.look_at(current.row(), self._picture.pixels_wanted())

    def _show_picture(self, image: QImage) -> None:
        self._seen = self._session.looked_at
        if self._seen is not None:
            self._picture.show_picture(image, self._seen.name)

    def _picture_gone(self) -> None:
        if self._session.looked_at is not self._seen:  # else it is there, in another size
            self._gone = self._session.looked_at
            self._show_gone()

    def _show_gone(self) -> None:
        """Say that the picture has gone, if it was there for its answer: else that says why."""
        entry = self._session.looked_at
        if entry is not None and entry is self._gone and isinstance(entry.result, Answer):
            self._picture.show_gone(entry.name, entry.thumbnail)

    def _show_looked_at(self) -> None:
        entry = self._session.looked_at
        another, self._shown = entry is not self._shown, entry
        fused = joint(entry) if entry is not None else None
        result = shown(entry, fused) if entry is not None else None
        self.answer.plant.show_plant(entry, fused)
        self._show_title()
        if entry is None:
            had_keyboard = self._picture.hasFocus()
            self._picture.clear()
            self.answer.clear()
            if had_keyboard:
                self._picture.take_keyboard()
        elif isinstance(result, Failure):
            reason = told(result.reason)
            self._picture.show_failure(entry.name, reason)
            self.answer.show_failure(reason)
        else:
            if another:
                self._gone = self._seen = None
                self._picture.show_waiting(entry.name, entry.thumbnail)
            if result is not None:
                self.answer.show_answer(result)
                self._show_gone()
        self._why.show_answer(result)
        self._show_waiting()
        self._update_actions()

    def _show_waiting(self) -> None:
        session, entry = self._session, self._session.looked_at
        if entry is None or entry.result is not None:
            return
        if session.card is None and not session.opening:
            self.answer.show_failure(self.tr("No model is open. Choose one in the Model menu."))
        elif session.broken:
            said = self.tr("The model cannot be run. Choose another in the Model menu.")
            self.answer.show_failure(said)
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

    def _update_actions(self) -> None:
        do, session = self._do, self._session
        answered = session.pictures.answered > 0
        entry = session.looked_at
        chosen = [e for row in self.strip.selected_rows() if (e := session.pictures.entry(row))]
        seen = [*chosen, *([entry] if entry is not None else [])]
        do.copy.setEnabled(any(isinstance(each.result, Answer) for each in seen))
        do.copy_all.setEnabled(answered)
        do.save.setEnabled(answered)
        do.save_picture.setEnabled(entry is not None and can_be_saved(entry.source))
        do.remove.setEnabled(len(session.pictures) > 0)
        do.same_plant.setEnabled(can_be_one(chosen))
        do.separate.setEnabled(any(each.plant for each in chosen))
        do.select_all.setEnabled(len(session.pictures) > 1)

    def _about(self) -> None:
        from PySide6.QtWidgets import QMessageBox  # here: it can wait until it is asked for

        QMessageBox.about(
            self._window,
            self.tr("About FlorApp"),
            self.tr(
                "<h3>FlorApp {0}</h3><p>Names the flower in a photograph, on your own machine. "
                "No picture leaves it.</p><p>The program is free under the MIT licence; the "
                "model's terms stand in its card.</p>"
            ).format(__version__),
        )
