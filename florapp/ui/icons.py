"""The program's own drawings, in the colours of the palette and crisp at every scale."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from florapp.core.paths import asset

_Role = QPalette.ColorRole

#: What stands for the palette's accent colour, and for words on it, in the drawings.
_ACCENT, _ON_ACCENT = "#2c7a4b", "#ffffff"


def icon(name: str) -> QIcon:
    """Return the icon ``assets/icons/NAME.svg``; it follows the palette by itself."""
    return QIcon(_Engine(name))


def app_icon() -> QIcon:
    """Return the program's icon, in its own colours."""
    result = QIcon()
    for side in (16, 20, 24, 32, 40, 48, 64, 128, 256):
        result.addPixmap(_render(_text("florapp"), QSize(side, side)))
    return result


def pixmap(name: str, size: QSize, ratio: float, colour: QColor, palette: QPalette) -> QPixmap:
    """Draw ``assets/icons/NAME.svg`` at ``size`` logical pixels, ``ratio`` device pixels each.

    Its lines take ``colour``, its accent that of ``palette``.
    """
    accent, on_accent = palette.color(_Role.Accent), palette.color(_Role.HighlightedText)
    pixels = QSize(max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio)))
    key = f"{name} {pixels.toTuple()} {colour.rgba()} {accent.rgba()}"
    result = QPixmap()
    if not QPixmapCache.find(key, result):
        text = _text(name).replace(_ON_ACCENT, on_accent.name()).replace(_ACCENT, accent.name())
        result = _render(text.replace("currentColor", colour.name()), pixels)
        QPixmapCache.insert(key, result)
    result.setDevicePixelRatio(ratio)
    return result


class Drawing(QWidget):
    """One of the drawings as a widget, at most ``size`` logical pixels large."""

    def __init__(self, size: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self._name = ""
        self._role = _Role.PlaceholderText

    def show_drawing(self, name: str, role: QPalette.ColorRole) -> None:
        """Show ``assets/icons/NAME.svg`` in the colour of ``role``."""
        self._name, self._role = name, role
        self.update()

    def colour(self) -> QColor:
        """Return the colour it is drawn in."""
        return self.palette().color(self._role)

    def sizeHint(self) -> QSize:  # noqa: N802
        return self._size

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        size = self.size().boundedTo(self._size)
        if self._name and not size.isEmpty():
            ratio = self.devicePixelRatioF()
            drawn = pixmap(self._name, size, ratio, self.colour(), self.palette())
            x, y = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
            QPainter(self).drawPixmap(x, y, drawn)


@cache
def _text(name: str) -> str:
    return asset(f"icons/{name}.svg").read_text(encoding="utf-8")


def _render(text: str, pixels: QSize) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(text.encode()))
    own = renderer.viewBoxF().size()
    own *= min(pixels.width() / own.width(), pixels.height() / own.height())
    area = QRectF(QPointF(), own)
    area.moveCenter(QRectF(QPointF(), pixels).center())
    result = QPixmap(pixels)
    result.fill(QColor(0, 0, 0, 0))
    painter = QPainter(result)
    renderer.render(painter, area)
    painter.end()
    return result


class _Engine(QIconEngine):
    """Draws an icon in the palette's colours whenever it is asked to."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        palette = QGuiApplication.palette()
        group = QPalette.ColorGroup
        grey = group.Disabled if mode == QIcon.Mode.Disabled else group.Active
        return pixmap(self._name, size, 1, palette.color(grey, _Role.ButtonText), palette)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatio()
        drawn = self.pixmap(rect.size() * ratio, mode, state)
        drawn.setDevicePixelRatio(ratio)
        painter.drawPixmap(rect.topLeft(), drawn)

    def clone(self) -> QIconEngine:
        return _Engine(self._name)
