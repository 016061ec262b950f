"""Everything the user can ask for, as actions with words, keys and icons."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from florapp.ui.icons import icon

_Standard = QKeySequence.StandardKey


class Actions(QObject):
    """The window's actions; its workspace connects them, and says when they can be used.

    At the start that is not the case of those that need a picture, or a model.
    """

    def __init__(self, window: QObject) -> None:
        super().__init__(window)
        make = self._make
        self.open = make(
            self.tr("&Open pictures…"), self.tr("Open pictures"), _Standard.Open, "open"
        )
        self.open_folder = make(
            self.tr("Open &folder…"),
            self.tr("Open all pictures in a folder"),
            "Ctrl+Shift+O",
            "folder",
        )
        self.paste = make(
            self.tr("&Paste"), self.tr("Paste a picture or files"), _Standard.Paste, "paste"
        )
        self.camera = make(
            self.tr("&Camera"), self.tr("See and name through the camera"), "Ctrl+K", "camera"
        )
        self.camera.setCheckable(True)
        self.camera.setIconVisibleInMenu(False)  # there the tick is
        self.save_picture = make(
            self.tr("Save pic&ture…"),
            self.tr("Save the picture that the camera took"),
            "Ctrl+Shift+S",
        )
        self.save = make(
            self.tr("&Save answers…"),
            self.tr("Save all answers as CSV or JSON"),
            _Standard.Save,
            "save",
        )
        self.quit = make(self.tr("&Quit"), self.tr("Close FlorApp"), _Standard.Quit)
        self.copy = make(
            self.tr("&Copy answer"), self.tr("Copy the answer as text"), _Standard.Copy, "copy"
        )
        self.copy_all = make(
            self.tr("Copy &all answers"), self.tr("Copy all answers as text"), "Ctrl+Shift+C"
        )
        self.select_all = make(
            self.tr("Select a&ll"), self.tr("Select all pictures"), _Standard.SelectAll
        )
        self.remove = make(
            self.tr("&Remove"),
            self.tr("Take the picture off the strip; files stay where they are"),
            _Standard.Delete,
            "remove",
        )
        self.same_plant = make(
            self.tr("Same &plant"),
            self.tr("Answer the selected pictures together: they show one plant"),
            "Ctrl+G",
        )
        self.separate = make(
            self.tr("&Separate"),
            self.tr("Answer each of the selected pictures by itself again"),
            "Ctrl+Shift+G",
        )
        self.open_model = make(self.tr("&Open model…"), self.tr("Answer with another model file"))
        self.shipped_model = make(
            self.tr("The model that comes with FlorApp"), self.tr("Answer with FlorApp's own model")
        )
        self.show_card = make(
            self.tr("&About this model…"), self.tr("What the model knows and how well"), "", "info"
        )
        self.why = make(
            self.tr("Show &why"), self.tr("See what in the picture speaks for the name (hold W)")
        )
        self.why.setCheckable(True)
        self.about = make(self.tr("About &FlorApp"), self.tr("Version and licence"))
        for action in (
            *(self.copy, self.copy_all, self.save, self.save_picture, self.select_all),
            *(self.remove, self.same_plant, self.separate, self.show_card, self.why),
        ):
            action.setEnabled(False)

    def _make(
        self, text: str, tip: str, keys: QKeySequence.StandardKey | str = "", picture: str = ""
    ) -> QAction:
        action = QAction(text, self)
        if picture:
            action.setIcon(icon(picture))
        if isinstance(keys, str):
            known = [QKeySequence.fromString(keys)] if keys else []
        else:
            known = QKeySequence.keyBindings(keys)
        action.setShortcuts(known[:1])
        shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{tip} ({shown})" if shown else tip)
        return action
