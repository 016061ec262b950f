"""What the model in use says of itself."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from florapp.core.model_file import Card
from florapp.core.report import report
from florapp.core.wording import Section
from florapp.services.words import told
from florapp.ui import theme
from florapp.ui.labels import PlainLabel
from florapp.ui.reliability_diagram import ReliabilityDiagram


class CardDialog(QDialog):
    """The model card: what it is not for, provenance, licence, figures, and its classes."""

    def __init__(self, card: Card, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(card.title)
        self.resize(QSize(680, 720).boundedTo(self.screen().availableSize() * 0.9))
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setAccessibleName(self.tr("About this model"))
        area.setWidget(self._page(card))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        layout.addWidget(buttons)
        area.setFocus()  # so that the keys scroll

    def _page(self, card: Card) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setSpacing(4)
        title = PlainLabel("cardTitle")
        title.setFont(theme.font(self.font(), 1.5, QFont.Weight.Bold))
        title.setText(card.title)
        column.addWidget(title)
        for section in report(card):
            self._add(column, section)
        column.addStretch(1)
        return page

    def _add(self, column: QVBoxLayout, section: Section) -> None:
        column.addSpacing(14)
        heading = PlainLabel("cardHeading")
        heading.setFont(theme.font(self.font(), 1.15, QFont.Weight.DemiBold))
        heading.setText(told(section.title))
        column.addWidget(heading)
        if section.bins:
            diagram = ReliabilityDiagram(section.bins)
            diagram.setAccessibleDescription(
                ". ".join(f"{told(name)}: {told(value)}" for name, value in section.rows)
            )
            column.addWidget(diagram)
            caption = PlainLabel("cardCaption", QPalette.ColorRole.PlaceholderText)
            caption.setText(
                self.tr(
                    "A dot on the dashed line is right as often as it says, above it more often. "
                    "The larger a dot, the more photographs; their number stands below it."
                )
            )
            column.addWidget(caption)
        for sentence in section.says:
            paragraph = PlainLabel("cardParagraph")
            paragraph.setText(told(sentence))
            column.addWidget(paragraph)
        if section.rows:
            column.addWidget(_table(section))


def _table(section: Section) -> QLabel:
    """Return the section's rows, in one text to be selected."""
    cell = "style='padding: 2px 8px 2px 0'"
    rows = "".join(
        f"<tr><td width='36%' {cell}>{escape(told(name))}</td>"
        f"<td {cell}>{escape(told(value))}</td></tr>"
        for name, value in section.rows
    )
    table = QLabel(f"<table width='100%' cellspacing='0'>{rows}</table>")
    table.setObjectName("cardTable")
    table.setTextFormat(Qt.TextFormat.RichText)
    table.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    table.setWordWrap(True)
    table.setMinimumWidth(1)
    return table
