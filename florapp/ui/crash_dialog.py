"""A crash report for the user to read, copy and delete."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)


class CrashDialog(QDialog):
    """Shows ``report``. ``accepted`` says: delete it; ``rejected``: it stays for the next start."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report = report
        self.setWindowTitle(self.tr("Error report"))
        self.resize(720, 480)
        layout = QVBoxLayout(self)

        said = QLabel(
            self.tr(
                "FlorApp met an error that it did not expect. This report says where; it holds no "
                "pictures, and nobody gets it unless you copy it and pass it on. Delete removes "
                "it, Close keeps it until the next start."
            )
        )
        said.setWordWrap(True)
        layout.addWidget(said)

        text = QPlainTextEdit(report)
        text.setReadOnly(True)
        select = Qt.TextInteractionFlag
        text.setTextInteractionFlags(select.TextSelectableByMouse | select.TextSelectableByKeyboard)
        text.setTabChangesFocus(True)
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        text.setAccessibleName(self.tr("Error report"))
        layout.addWidget(text)

        buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self._copy = buttons.addButton(self.tr("&Copy"), role.ActionRole)
        self._copy.setAccessibleDescription(self.tr("Puts the whole report on the clipboard"))
        self._copy.clicked.connect(self._copy_report)
        delete = buttons.addButton(self.tr("&Delete"), role.DestructiveRole)
        delete.setAccessibleDescription(self.tr("Removes the report from this computer"))
        delete.clicked.connect(self.accept)
        close = buttons.addButton(QDialogButtonBox.StandardButton.Close)
        close.setAccessibleDescription(self.tr("Keeps the report until the next start"))
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        close.setDefault(True)
        close.setFocus()

    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self._copy.setText(self.tr("Copied"))
