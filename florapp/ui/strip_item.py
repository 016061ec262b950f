"""How an entry of the strip is painted: thumbnail, answer (or what there is instead) and name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate

from florapp.core.prediction import Answer
from florapp.services.pictures import AnyIndex, Entry, PictureList, State
from florapp.services.words import unknown_words
from florapp.ui import icons, theme

if TYPE_CHECKING:  # PySide makes its enumerations when it is first named, and they take time
    from PySide6.QtWidgets import QStyleOptionViewItem

_THUMBNAIL = QSize(112, 84)
_PADDING = 8
_GAP = 4  # between items
_SIGN = QSize(14, 14)


def item_size(font: QFont) -> QSize:
    """Return how much room an entry takes, the gap around it included.

    It is wide enough for the longest of the program's own words.
    """
    metrics, around = QFontMetrics(_bold(font)), 2 * (_PADDING + _GAP)
    # One more: an advance is told in whole pixels, and taken in parts of them.
    longest = max(map(metrics.horizontalAdvance, unknown_words().values())) + 1
    width = max(_THUMBNAIL.width(), longest)
    words = 2 * metrics.height() + 2
    return QSize(width + around, _THUMBNAIL.height() + _PADDING + words + around)


class StripItem(QStyledItemDelegate):
    """Paints the entries of a PictureList, one by one."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:  # noqa: N802
        return item_size(option.font)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        entry = index.data(PictureList.ENTRY)
        colours = option.palette
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # as its places are reckoned
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRect(option.rect.topLeft(), item_size(option.font))
        card.adjust(_GAP, _GAP, -_GAP, -_GAP)
        self._card(painter, card, option.state, colours)
        ratio = painter.device().devicePixelRatio()
        width = card.width() - 2 * _PADDING
        thumbnail = QRect(card.topLeft() + QPoint(_PADDING, _PADDING), _THUMBNAIL)
        thumbnail.translate((width - thumbnail.width()) // 2, 0)
        self._thumbnail(painter, thumbnail, entry, ratio, colours)
        if entry.plant:
            self._place(painter, thumbnail, entry, option)
        line = QRect(card.left() + _PADDING, thumbnail.bottom(), width, option.fontMetrics.height())
        line.translate(0, _PADDING)
        short, share = index.data(PictureList.SHORT) or ("", "")
        self._answer(painter, line, entry, ratio, option, short=short)
        line.translate(0, option.fontMetrics.height() + 2)
        if share:
            self._write(painter, line, share, colours.text().color(), option.font)
            line.setLeft(line.left() + option.fontMetrics.horizontalAdvance(share) + 6)
        self._write(painter, line, entry.name, colours.placeholderText().color(), option.font)
        painter.restore()

    def _card(
        self, painter: QPainter, card: QRect, state: QStyle.StateFlag, colours: QPalette
    ) -> None:
        selected = bool(state & QStyle.StateFlag.State_Selected)
        ground = colours.window().color()
        if selected:
            ground = theme.mixed(colours.accent().color(), ground, 0.14)
        elif state & QStyle.StateFlag.State_MouseOver:
            ground = colours.midlight().color()
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        edge = QPen(colours.text() if focused else colours.accent(), 2)
        painter.setPen(edge if selected or focused else Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(card).adjusted(1, 1, -1, -1), 8, 8)

    def _thumbnail(
        self, painter: QPainter, area: QRect, entry: Entry, ratio: float, colours: QPalette
    ) -> None:
        if not entry.jpeg:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.midlight())
            painter.drawRoundedRect(area, 5, 5)
            sign = QSize(32, 32)
            drawn = icons.pixmap("flower", sign, ratio, colours.dark().color(), colours)
            painter.drawPixmap(_centred(sign, area), drawn)
        else:
            drawn = _fitted(entry, ratio)
            painter.drawPixmap(_centred(drawn.deviceIndependentSize().toSize(), area), drawn)

    def _place(
        self, painter: QPainter, area: QRect, entry: Entry, option: QStyleOptionViewItem
    ) -> None:
        """Say which of the photographs of one plant it is."""
        colours = option.palette
        number = entry.plant.index(entry) + 1
        words = self.tr("{0} of {1}").format(number, len(entry.plant))
        font = theme.font(option.font, 0.85, QFont.Weight.DemiBold)
        room = QFontMetrics(font).boundingRect(words).size() + QSize(12, 4)
        badge = QRect(area.topLeft() + QPoint(4, 4), room)
        painter.setPen(QPen(colours.text(), 1))
        painter.setBrush(colours.window())
        painter.drawRoundedRect(QRectF(badge).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(font)
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)

    def _answer(
        self,
        painter: QPainter,
        line: QRect,
        entry: Entry,
        ratio: float,
        option: QStyleOptionViewItem,
        *,
        short: str,
    ) -> None:
        colours = option.palette
        if entry.state is State.WAITING:
            quiet = colours.placeholderText().color()
            self._write(painter, line, self.tr("waiting"), quiet, option.font)
        elif isinstance(entry.result, Answer):
            bold = _bold(option.font)
            text, metrics = colours.text().color(), QFontMetrics(bold)
            doubt = "?" if short.endswith("?") else ""  # stays: else one of two names looks sure
            room = line.width() - metrics.horizontalAdvance(doubt)
            name = metrics.elidedText(short.removesuffix("?"), Qt.TextElideMode.ElideRight, room)
            self._write(painter, line, name + doubt, text, bold)
        else:
            fault = colours.brightText().color()
            sign = icons.pixmap("warning", _SIGN, ratio, fault, colours)
            painter.drawPixmap(line.x(), line.center().y() - _SIGN.height() // 2, sign)
            words = line.adjusted(_SIGN.width() + 4, 0, 0, 0)
            self._write(painter, words, self.tr("failed"), fault, option.font)

    def _write(
        self, painter: QPainter, line: QRect, text: str, colour: QColor, font: QFont
    ) -> None:
        painter.setFont(font)
        painter.setPen(colour)
        middle = Qt.TextElideMode.ElideMiddle
        shown = QFontMetrics(font).elidedText(text, middle, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, shown)


def _bold(font: QFont) -> QFont:
    return theme.font(font, 1, QFont.Weight.DemiBold)


def _fitted(entry: Entry, ratio: float) -> QPixmap:
    """Return the thumbnail at the size it is painted at: scaled once, then cached."""
    key = f"thumbnail {hash(entry.jpeg)} {ratio}"
    result = QPixmap()
    if not QPixmapCache.find(key, result):
        image = entry.thumbnail
        room = (_THUMBNAIL * ratio).boundedTo(image.size() * ratio)
        size = image.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        smooth = Qt.TransformationMode.SmoothTransformation
        keep = Qt.AspectRatioMode.IgnoreAspectRatio
        result = QPixmap.fromImage(image.scaled(size.expandedTo(QSize(1, 1)), keep, smooth))
        QPixmapCache.insert(key, result)
    result.setDevicePixelRatio(ratio)
    return result


def _centred(size: QSize, area: QRect) -> QPoint:
    return area.topLeft() + QPoint(
        (area.width() - size.width()) // 2, (area.height() - size.height()) // 2
    )
