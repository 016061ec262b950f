"""The window: the picture, its answer, the strip below, and messages in place."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QMimeData, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QMainWindow,
    QMenu,
    QMessageBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from florapp import __version__
from florapp.core.folders import PICTURE_SUFFIXES
from florapp.core.prediction import Answer, Failure
from florapp.services import crash
from florapp.services.answers import as_text, save_answers
from florapp.services.background import Background
from florapp.services.intake import acceptable, intake
from florapp.services.pictures import Entry, State
from florapp.services.session import Session
from florapp.services.settings import ColourScheme, Settings
from florapp.ui import theme
from florapp.ui.actions import Actions
from florapp.ui.answer_panel import AnswerPanel
from florapp.ui.card_dialog import CardDialog
from florapp.ui.crash_dialog import CrashDialog
from florapp.ui.messages import MessageBar
from florapp.ui.picture_view import PictureView
from florapp.ui.progress import Job, Progress
from florapp.ui.strip_view import StripView
from florapp.ui.web_question import WebQuestion

_ROOM_FOR_WORDS = 860  # pixels of width
_SAVING = 5.0  # seconds that closing waits for answers that are being saved
_Select = QItemSelectionModel.SelectionFlag


class MainWindow(QMainWindow):
    """Arranges the widgets and connects them with the session."""

    painted = Signal()  # once, when the window is on the screen

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__()
        self._session, self._settings = session, settings
        self._background = Background(self)
        self._painted = False
        self._shown: Entry | None = None
        self._saves: set[threading.Event] = set()  # that run; set when they are over

        self.picture = PictureView()
        self.answer = AnswerPanel()
        self.strip = StripView(session.pictures)
        self.messages = MessageBar()
        self.progress = Progress(session)
        self.fetching = Job(self.tr("Cancel"))
        self.saving = Job()
        self.web = WebQuestion(self.messages, self.fetching, self)
        self.actions_ = Actions(self)
        self._arrange()
        self._connect()
        self._show_looked_at()
        self._update_actions()

    # ------------------------------------------------------------------ layout

    def _arrange(self) -> None:
        self.setWindowTitle("FlorApp")
        self.setMinimumSize(640, 480)
        self.setAcceptDrops(True)
        across = QSplitter(Qt.Orientation.Horizontal)
        across.setChildrenCollapsible(False)
        across.addWidget(self.picture)
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
        self._make_menus()
        do = self.actions_
        bar = self.addToolBar(self.tr("Tools"))
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for action in (do.open, do.open_folder, do.paste, None, do.copy, do.save, do.remove):
            bar.addAction(action) if action else bar.addSeparator()
        self.resize(1080, 720)
        if self._settings.geometry:
            self.restoreGeometry(self._settings.geometry)

    def _make_menus(self) -> None:
        do, bar = self.actions_, self.menuBar()
        file = bar.addMenu(self.tr("&File"))
        file.addActions([do.open, do.open_folder, do.paste])
        file.addSeparator()
        file.addAction(do.save)
        file.addSeparator()
        file.addAction(do.quit)
        edit = bar.addMenu(self.tr("&Edit"))
        edit.addActions([do.copy, do.copy_all])
        edit.addSeparator()
        edit.addActions([do.select_all, do.remove])
        self._models = bar.addMenu(self.tr("&Model"))
        self._models.setToolTipsVisible(True)  # two files may have one name
        self._models.aboutToShow.connect(self._fill_models)
        self._fill_models()
        self._make_view_menu(bar.addMenu(self.tr("&View")))
        bar.addMenu(self.tr("&Help")).addAction(do.about)

    def _make_view_menu(self, menu: QMenu) -> None:
        schemes = QActionGroup(self)
        for scheme, text in (
            (ColourScheme.SYSTEM, self.tr("Colours of the &system")),
            (ColourScheme.LIGHT, self.tr("&Light")),
            (ColourScheme.DARK, self.tr("&Dark")),
        ):
            action = QAction(text, schemes, checkable=True)
            action.setChecked(self._settings.colours is scheme)
            action.triggered.connect(partial(self._set_scheme, scheme))
            menu.addAction(action)

    def _fill_models(self) -> None:
        menu, do = self._models, self.actions_
        menu.clear()
        menu.addAction(do.shipped_model)
        do.shipped_model.setCheckable(True)
        do.shipped_model.setChecked(self._session.model_path is None)
        for path in map(Path, self._settings.models):
            action = menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.setCheckable(True)
            action.setChecked(self._session.model_path == path)
            action.triggered.connect(partial(self._open_model, path))
        menu.addSeparator()
        menu.addActions([do.open_model, do.show_card])

    def _connect(self) -> None:
        do, session = self.actions_, self._session
        do.open.triggered.connect(self._ask_for_files)
        do.open_folder.triggered.connect(self._ask_for_folder)
        do.paste.triggered.connect(self._paste)
        do.save.triggered.connect(self._ask_where_to_save)
        do.quit.triggered.connect(self.close)
        do.copy.triggered.connect(self._copy)
        do.copy_all.triggered.connect(self._copy_all)
        do.select_all.triggered.connect(self.strip.selectAll)
        do.remove.triggered.connect(self._remove)
        do.open_model.triggered.connect(self._ask_for_model)
        do.shipped_model.triggered.connect(partial(self._open_model, None))
        do.show_card.triggered.connect(self._show_card)
        do.about.triggered.connect(self._about)
        self.picture.open_requested.connect(self._ask_for_files)
        self.picture.pixels_wanted_changed.connect(
            lambda: session.look_closer(self.picture.pixels_wanted())
        )
        self.strip.selectionModel().currentChanged.connect(self._current_changed)
        self.strip.selectionModel().selectionChanged.connect(self._update_actions)
        self.web.fetched.connect(lambda source: session.add_sources([source]))
        session.added.connect(self._look_at)
        session.picture_ready.connect(self._show_picture)
        session.looked_at_changed.connect(self._show_looked_at)
        session.progress_changed.connect(self._update_actions)
        session.progress_changed.connect(self._show_waiting)
        session.model_opened.connect(self._model_opened)
        session.model_refused.connect(self._model_refused)
        rows = session.pictures
        for change in (rows.rowsInserted, rows.rowsRemoved, rows.modelReset):
            change.connect(lambda: self.strip.setVisible(len(rows) > 1))

    # -------------------------------------------------------- getting pictures in

    def open_paths(self, paths: Iterable[Path]) -> None:
        """Add files and folders, as the command line names them."""
        self._session.add_paths(paths)

    def _take(self, mime: QMimeData) -> bool:
        found = intake(mime)
        self._session.add_paths(found.paths)
        self._session.add_sources(found.sources)
        self.web.ask(found.web)
        return bool(found)

    def _paste(self) -> None:
        if not self._take(QGuiApplication.clipboard().mimeData()):
            self.messages.show_message(
                self.tr(
                    "There is no picture to paste. Copy a picture, or picture files, and try again."
                )
            )

    def _ask_for_files(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
        chosen, _ = QFileDialog.getOpenFileNames(
            self,
            self.tr("Open pictures"),
            self._settings.folder,
            self.tr("Pictures ({0});;All files (*)").format(patterns),
        )
        if chosen:
            self._settings.folder = str(Path(chosen[0]).parent)
            self._session.add_paths(map(Path, chosen))

    def _ask_for_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, self.tr("Open folder"), self._settings.folder
        )
        if chosen:
            self._settings.folder = chosen
            self._session.add_paths([Path(chosen)])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        copies = Qt.DropAction.CopyAction in event.possibleActions()
        if copies and acceptable(event.mimeData()):
            self._accept_copy(event)
            self.picture.set_drop_highlight(True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802
        self._accept_copy(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        self.picture.set_drop_highlight(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        self._accept_copy(event)
        self.picture.set_drop_highlight(False)
        if not self._take(event.mimeData()):
            self.messages.show_message(
                self.tr("What was dropped holds no picture. Save the picture and drop its file.")
            )

    def _accept_copy(self, event: QDropEvent) -> None:
        # Never a move: the other program would delete the user's file.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    # ------------------------------------------------------------ looking at one

    def _look_at(self, row: int) -> None:
        self._select(row)
        self.strip.setFocus()  # so that the arrow keys and Delete work at once

    def _select(self, row: int) -> None:
        # Not through the view: it would add to the selection while Ctrl is held, as for Ctrl+V.
        index = self._session.pictures.index(row)
        self.strip.selectionModel().setCurrentIndex(index, _Select.ClearAndSelect)

    def _selected(self) -> list[int]:
        return sorted(index.row() for index in self.strip.selectionModel().selectedIndexes())

    def _current_changed(self, current: QModelIndex) -> None:
        self._session.look_at(current.row(), self.picture.pixels_wanted())

    def _show_picture(self, image: QImage) -> None:
        if self._session.looked_at is not None:
            self.picture.show_picture(image, self._session.looked_at.name)

    def _show_looked_at(self) -> None:
        entry = self._session.looked_at
        another, self._shown = entry is not self._shown, entry
        self.setWindowTitle(f"{entry.name} – FlorApp" if entry else "FlorApp")
        if entry is None:
            self.picture.clear()
            self.answer.clear()
        elif isinstance(entry.result, Failure):
            self.picture.show_failure(entry.name, entry.result.reason)
            self.answer.show_failure(entry.result.reason)
        else:
            if another:
                self.picture.show_waiting(entry.name, entry.thumbnail)
            if entry.result is not None:
                self.answer.show_answer(entry.result)
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

    def _remove(self) -> None:
        strip, pictures = self.strip.selectionModel(), self._session.pictures
        rows = self._selected() or [strip.currentIndex().row()]
        # First on to a picture that stays: Qt would walk over those that go, one by one.
        gone = set(rows)
        stay = (row for row in range(rows[0], len(pictures)) if row not in gone)
        strip.setCurrentIndex(pictures.index(next(stay, rows[0] - 1)), _Select.NoUpdate)
        self._session.remove(rows)
        self._select(min(rows[0], len(pictures) - 1))

    # ------------------------------------------------------------------- answers

    def _copy(self) -> None:
        focus, rows = QApplication.focusWidget(), self._selected()
        text = self.answer.text()
        if isinstance(focus, QLabel) and focus.hasSelectedText():
            text = focus.selectedText()
        elif len(rows) > 1:
            entries = (self._session.pictures.entry(row) for row in rows)
            text = as_text(entry for entry in entries if entry is not None)
        self._copied(text)

    def _copy_all(self) -> None:
        self._copied(as_text(self._session.pictures))

    def _copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.messages.show_message(self.tr("Copied: {0}").format(text.partition("\n")[0]))

    def _ask_where_to_save(self) -> None:
        kinds = {
            self.tr("Table (*.csv)"): ".csv",
            self.tr("JSON (*.json)"): ".json",
            self.tr("JSON lines (*.jsonl)"): ".jsonl",
        }
        # Replacing is asked about below: by the dialog's own question a name without an ending
        # would pass.
        chosen, kind = QFileDialog.getSaveFileName(
            self,
            self.tr("Save answers"),
            str(Path(self._settings.folder) / self.tr("flowers")),
            ";;".join(kinds),
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.lower() not in kinds.values():
            path = path.with_name(path.name + kinds.get(kind, ".csv"))
        if os.path.exists(path):  # noqa: PTH110 - Path.exists raises where it may not look
            self.messages.show_message(
                self.tr("{0} is there already. Replace it?").format(path),
                "question",
                [
                    (self.tr("Replace"), partial(self._save, path)),
                    (self.tr("Save…"), self._ask_where_to_save),
                ],
            )
        else:
            self._save(path)

    def _save(self, path: Path) -> None:
        entries = [replace(entry) for entry in self._session.pictures]  # as they are now
        found = Counter(entry.state for entry in entries)
        saved = threading.Event()

        def work() -> None:
            try:
                save_answers(entries, path)
            finally:
                saved.set()

        def done(error: Exception | None) -> None:
            self._saves.discard(saved)
            if not self._saves:
                self.saving.end()
            if isinstance(error, OSError):
                text = self.tr("The answers could not be saved to {0}: {1}. Choose another place.")
                self.messages.show_message(
                    text.format(path, error.strerror),
                    "error",
                    [(self.tr("Save…"), self._ask_where_to_save)],
                )
            elif error is not None:
                raise error
            else:
                text = self.tr("Answers saved to {0}: {1}.").format(path, found[State.ANSWERED])
                if found[State.FAILED]:
                    failed = self.tr("Pictures that failed, with the reason: {0}.")
                    text = f"{text} {failed.format(found[State.FAILED])}"
                if found[State.WAITING]:
                    waiting = self.tr("Pictures left out, for they still wait: {0}.")
                    text = f"{text} {waiting.format(found[State.WAITING])}"
                self.messages.show_message(text)

        self._saves.add(saved)
        self.saving.tell(self.tr("Saving the answers…"))
        self._background.run(work, done)

    def _update_actions(self) -> None:
        do, session = self.actions_, self._session
        answered = session.pictures.answered > 0
        entry = session.looked_at
        do.copy.setEnabled(entry is not None and isinstance(entry.result, Answer))
        do.copy_all.setEnabled(answered)
        do.save.setEnabled(answered)
        do.remove.setEnabled(len(session.pictures) > 0)
        do.select_all.setEnabled(len(session.pictures) > 1)
        do.show_card.setEnabled(session.card is not None)

    # --------------------------------------------------------------------- model

    def _ask_for_model(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Open model"),
            self._settings.folder,
            self.tr("FlorApp models (*.onnx)"),
        )
        if chosen:
            self._open_model(Path(chosen))

    def _open_model(self, path: Path | None) -> None:
        self._session.open_model(path)

    def _model_opened(self) -> None:
        path, card = self._session.model_path, self._session.card
        if self._settings.model != str(path or "") and card is not None:  # not at the start
            self.messages.show_message(self.tr("{0} answers now.").format(card.title))
        self._settings.model = str(path or "")
        if path is not None:
            self._settings.remember(str(path))
        self._update_actions()

    def _model_refused(self, path: Path | None, sentence: str) -> None:
        actions = [(self.tr("Open another…"), self._ask_for_model)]
        if path is not None and self._session.card is None:
            actions.insert(0, (self.tr("Use FlorApp's own"), partial(self._open_model, None)))
        remembered = (self._settings.model, *self._settings.models)
        if path != self._session.model_path and str(path) in remembered:  # it did not open
            self._settings.forget(str(path))
            sentence = self.tr("{0} FlorApp has taken it off the Model menu.").format(sentence)
        self.messages.show_message(sentence, "error", actions)

    def _show_card(self) -> None:
        if self._session.card is not None:
            _open(CardDialog(self._session.card, self))

    # ---------------------------------------------------------------- the window

    def _set_scheme(self, scheme: ColourScheme) -> None:
        self._settings.colours = scheme
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply(application, scheme)

    def _about(self) -> None:
        QMessageBox.about(
            self,
            self.tr("About FlorApp"),
            self.tr(
                "<h3>FlorApp {0}</h3><p>Names the flower in a photograph, on your own machine. "
                "No picture leaves it.</p><p>The program is free under the MIT licence; the "
                "model's terms stand in its card.</p>"
            ).format(__version__),
        )

    def offer_reports(self, reports: Sequence[Path]) -> None:
        """Offer to show the reports of errors that nobody expected, if there are any."""
        if not reports:
            return
        self.messages.show_message(
            self.tr("FlorApp met an error that it did not expect, and wrote a report of it."),
            "error",
            [
                (self.tr("Show report"), partial(self._show_report, reports)),
                (self.tr("Delete it"), partial(crash.forget, list(reports))),
            ],
        )

    def _show_report(self, reports: Sequence[Path]) -> None:
        dialog = CrashDialog("\n\n".join(map(crash.read, reports)), self)
        dialog.accepted.connect(partial(crash.forget, list(reports)))
        _open(dialog)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        # In a narrow window the tools' words would push some of them out of sight.
        style = Qt.ToolButtonStyle
        wide = event.size().width() >= _ROOM_FOR_WORDS
        self.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if wide else style.ToolButtonIconOnly
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        self._settings.geometry = bytes(self.saveGeometry().data())
        self.web.cancel()
        self._session.close()
        for saved in self._saves:
            saved.wait(_SAVING)
        super().closeEvent(event)


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
