"""What stands at the top of the window: its menus and its tools."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QWidget

from florapp.ui.actions import Actions

_WORDS = "ToolButtonTextBesideIcon"


def model_menu(window: QWidget) -> QMenu:
    """Return the menu that the models go into."""
    menu = QMenu(QCoreApplication.translate("menus", "&Model"), window)
    menu.setToolTipsVisible(True)  # two files may have one name
    return menu


def fill_menus(bar: QMenuBar, do: Actions, model: QMenu, colours: QMenu) -> None:
    """Put everything that the window can be asked for into its menus."""
    file = bar.addMenu(QCoreApplication.translate("menus", "&File"))
    file.addActions([do.open, do.open_folder, do.camera, do.paste])
    file.addSeparator()
    file.addActions([do.save, do.save_picture])
    file.addSeparator()
    file.addAction(do.quit)
    edit = bar.addMenu(QCoreApplication.translate("menus", "&Edit"))
    edit.addActions([do.copy, do.copy_all])
    edit.addSeparator()
    edit.addActions([do.select_all, do.remove])
    edit.addSeparator()
    edit.addActions([do.same_plant, do.separate])
    bar.addMenu(model)
    bar.addMenu(colours)
    colours.addSeparator()
    colours.addAction(do.why)
    bar.addMenu(QCoreApplication.translate("menus", "&Help")).addAction(do.about)


class Tools(QToolBar):
    """The actions used most, with words where there is room for them."""

    def __init__(self, do: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._measured, self._with_words = "", 0  # font; the pixels that it takes with words
        self.setWindowTitle(self.tr("Tools"))
        self.setObjectName("tools")
        self.setMovable(False)
        self.setProperty("contextMenuPolicy", "PreventContextMenu")
        for action in (
            *(do.open, do.camera, do.open_folder, do.paste),
            None,
            *(do.copy, do.save, do.remove),
        ):
            self.addAction(action) if action else self.addSeparator()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        # In a narrow window the words would push some of the tools out of sight.
        font = self.font().toString()
        if font != self._measured:
            self.setProperty("toolButtonStyle", _WORDS)
            self._measured, self._with_words = font, self.sizeHint().width()
        wide = event.size().width() >= self._with_words
        self.setProperty("toolButtonStyle", _WORDS if wide else "ToolButtonIconOnly")
