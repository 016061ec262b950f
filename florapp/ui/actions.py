"""Everything the user can ask for, as actions with words, keys and icons."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from florapp.ui.icons import icon


@dataclass(frozen=True, slots=True)
class Actions:
    """The window's actions; it connects them, and says when they can be used."""

    open: QAction
    open_folder: QAction
    paste: QAction
    save: QAction
    quit: QAction
    copy: QAction
    copy_all: QAction
    select_all: QAction
    remove: QAction
    open_model: QAction
    shipped_model: QAction
    show_card: QAction
    about: QAction


def make_actions(window: QWidget) -> Actions:
    """Make the actions of ``window``."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("Actions", text)

    def make(
        text: str, keys: QKeySequence.StandardKey | str | None, picture: str, tip: str
    ) -> QAction:
        action = QAction(text, window)
        if picture:
            action.setIcon(icon(picture))
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        action.setToolTip(tip if not action.shortcut().toString() else f"{tip} ({_keys(action)})")
        return action

    standard = QKeySequence.StandardKey
    return Actions(
        open=make(tr("&Open pictures…"), standard.Open, "open", tr("Open pictures")),
        open_folder=make(
            tr("Open &folder…"), "Ctrl+Shift+O", "folder", tr("Open all pictures in a folder")
        ),
        paste=make(tr("&Paste"), standard.Paste, "paste", tr("Paste a picture or files")),
        save=make(
            tr("&Save answers…"), standard.Save, "save", tr("Save all answers as CSV or JSON")
        ),
        quit=make(tr("&Quit"), standard.Quit, "", tr("Close FlorApp")),
        copy=make(tr("&Copy answer"), standard.Copy, "copy", tr("Copy the answer as text")),
        copy_all=make(tr("Copy &all answers"), "Ctrl+Shift+C", "", tr("Copy all answers as text")),
        select_all=make(tr("Select a&ll"), standard.SelectAll, "", tr("Select all pictures")),
        remove=make(
            tr("&Remove"), standard.Delete, "remove", tr("Take the picture off; its file stays")
        ),
        open_model=make(tr("&Open model…"), None, "", tr("Answer with another model file")),
        shipped_model=make(
            tr("The model that comes with FlorApp"), None, "", tr("Answer with FlorApp's own model")
        ),
        show_card=make(
            tr("&About this model…"), None, "info", tr("What the model knows and how well")
        ),
        about=make(tr("About &FlorApp"), None, "", tr("Version and licence")),
    )


def _keys(action: QAction) -> str:
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
