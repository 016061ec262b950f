"""Crash reports, offered to the user to read, copy and delete."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from florapp.services import crash
from florapp.ui.messages import MessageBar


class CrashDialog(QDialog):
    """Shows ``report``. ``accepted`` says: delete it; ``rejected``: it stays for the next start."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report = report
        self.setWindowTitle(self.tr("Error report"))
        self.resize(QSize(720, 480).boundedTo(self.screen().availableSize() * 0.9))
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


def offer_reports(reports: Sequence[Path], messages: MessageBar) -> None:
    """Offer in the message bar to show the reports of errors nobody expected."""

    def show() -> None:
        dialog = CrashDialog("\n\n".join(map(crash.read, reports)), messages.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(delete)
        dialog.open()

    def delete() -> None:
        crash.forget(list(reports))

    translate = QCoreApplication.translate
    messages.show_message(
        translate(
            "CrashDialog", "FlorApp met an error that it did not expect, and wrote a report of it."
        ),
        "error",
        [
            (translate("CrashDialog", "Show report"), show),
            (translate("CrashDialog", "Delete it"), delete),
        ],
    )
