"""The picture, as large as fits; while there is none, an invitation to give one."""

from __future__ import annotations

from PySide6 import QtCore
from PySide6.QtCore import QRect, QRectF, QSize, QTimer, Signal
from PySide6.QtGui import (
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QGridLayout, QWidget

from florapp.services.untrusted import as_tip, breakable
from florapp.ui.notice import Notice

_MARGIN = 16
_CAPTION = 28  # below the picture: its name
_LARGEST_SCALE = 2.0  # of a tiny picture
_SETTLING_MS = 150  # after the last change of size
_Role = QPalette.ColorRole


class PictureView(QWidget):
    """Shows one picture, a thumbnail while it is read, or why there is none."""

    open_requested = Signal()
    #: The new number of :meth:`pixels_wanted`, once the size has settled.
    pixels_wanted_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(320, 120)
        self.setBackgroundRole(_Role.Base)
        self.setAutoFillBackground(True)
        self._image = QImage()
        self._caption = ""
        self._largest_scale = _LARGEST_SCALE
        self._scaled = QPixmap()  # the picture as it is painted
        self._map, self._box, self._strength = QImage(), (0.0, 0.0, 1.0, 1.0), 0.0
        self._foot: QWidget | None = None
        self._notice = Notice(self)
        self._notice.open.setProperty("primary", True)
        self._notice.open.clicked.connect(self.open_requested)
        layout = QGridLayout(self)
        layout.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        layout.addWidget(self._notice, 0, 1)
        for column, stretch in enumerate((1, 100, 1)):  # as wide as it may be, in the middle
            layout.setColumnStretch(column, stretch)
        layout.setRowStretch(0, 1)
        self._layout = layout
        self._settling = QTimer(self, singleShot=True, interval=_SETTLING_MS)
        self._settling.timeout.connect(self._tell_pixels_wanted)
        self._told = 0
        self.clear()

    def show_picture(self, image: QImage, name: str) -> None:
        """Show ``image``, upright, in as many pixels as it has."""
        self._show(image, name, _LARGEST_SCALE)
        self.setAccessibleName(self.tr("Picture: {0}").format(name))

    def show_waiting(self, name: str, thumbnail: QImage) -> None:
        """Show the thumbnail in the picture's place while the picture is read."""
        self._show(thumbnail, self.tr("Reading {0}…").format(name), float("inf"))
        self.setAccessibleName(self.tr("Picture: {0}, being read").format(name))

    def show_gone(self, name: str, thumbnail: QImage) -> None:
        """Show the thumbnail in the place of a picture that cannot be read any more."""
        self._show(thumbnail, self.tr("{0} cannot be read any more").format(name), float("inf"))
        self.setAccessibleName(self.tr("Picture: {0}, which cannot be read any more").format(name))

    def show_failure(self, name: str, reason: str) -> None:
        """Say why there is no picture."""
        self._show(QImage(), "", _LARGEST_SCALE)
        self._notice.tell("warning", breakable(name), reason, 56, _Role.BrightText)
        self._notice.setToolTip(as_tip(name))
        self.setAccessibleName(self.tr("No picture: {0}").format(name))
        self.setAccessibleDescription(reason)

    def show_map(self, image: QImage, box: tuple[float, float, float, float]) -> None:
        """Lay ``image`` over the picture, where it is seen through as far as it is clear.

        ``box`` is a Placement's; what lies beyond the picture is cut off.
        """
        self._map, self._box = image, box
        self.update()

    def blend(self, strength: float) -> None:
        """Show the map as strongly as this: 0 is not at all, 1 as it is."""
        self._strength = strength
        self.update()

    def put_below(self, foot: QWidget) -> None:
        """Have ``foot`` below the picture; its room is kept for it while it is hidden."""
        policy = foot.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        foot.setSizePolicy(policy)
        self._foot = foot
        self._layout.addWidget(foot, 1, 0, 1, 3)

    def clear(self) -> None:
        """Invite the user to give a picture."""
        self._show(QImage(), "", _LARGEST_SCALE)
        self._notice.tell(
            "empty",
            self.tr("Drop a picture of a flower here"),
            self.tr("or paste one with Ctrl+V, or open a file with Ctrl+O"),
            190,
            _Role.PlaceholderText,
        )
        self._notice.open.show()
        self.setAccessibleName(self.tr("No picture yet"))
        self.setAccessibleDescription(self.tr("Drop, paste or open a picture of a flower"))

    def take_keyboard(self) -> None:
        """Take the keyboard: the way to a picture where there is none, else all of it."""
        (self._notice.open if self._notice.open.isVisible() else self).setFocus()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(720, 560)

    def pixels_wanted(self) -> int:
        """Return how many device pixels the longer side of the picture's area has."""
        area = self._area()
        return round(max(area.width(), area.height(), 1) * self.devicePixelRatioF())

    def _show(self, image: QImage, caption: str, largest_scale: float) -> None:
        self._image, self._caption, self._largest_scale = image, caption, largest_scale
        self._scaled = QPixmap()
        self._notice.hide()
        self.setAccessibleDescription("")
        self.update()

    def _area(self) -> QRect:
        """Where the picture may be, in logical pixels."""
        below = _CAPTION + (self._foot.sizeHint().height() if self._foot else 0)
        return self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN - below)

    def _fitted(self) -> QPixmap:
        """The picture in device pixels: scaled once, and again when its area has changed."""
        ratio, source = self.devicePixelRatioF(), self._image.size()
        largest = min(self._largest_scale * ratio, 1e6 / max(source.width(), source.height()))
        room = (self._area().size() * ratio).boundedTo(source * largest)
        size = source.scaled(room, QtCore.Qt.AspectRatioMode.KeepAspectRatio)
        size = size.expandedTo(QSize(1, 1))  # a very long picture is a line
        if self._scaled.size() != size:
            smooth = QtCore.Qt.TransformationMode.SmoothTransformation
            keep = QtCore.Qt.AspectRatioMode.IgnoreAspectRatio
            self._scaled = QPixmap.fromImage(self._image.scaled(size, keep, smooth))
        return self._scaled

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self._told != self.pixels_wanted() and not self._settling.isActive():
            self._settling.start()  # it has come to a screen of another scale
        painter = QPainter(self)
        area = self._area()
        if not self._image.isNull() and not area.isEmpty():
            picture, ratio = self._fitted(), self.devicePixelRatioF()
            left = round(area.x() * ratio + (area.width() * ratio - picture.width()) / 2)
            top = round(area.y() * ratio + (area.height() * ratio - picture.height()) / 2)
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)  # device pixels: between two it would blur
            painter.drawPixmap(left, top, picture)
            if self._strength > 0:
                self._paint_map(painter, QRect(left, top, picture.width(), picture.height()))
            painter.restore()
        if self._caption:
            line = QRect(area.x(), area.bottom() + 1, area.width(), _CAPTION + _MARGIN // 2)
            middle = QtCore.Qt.TextElideMode.ElideMiddle
            text = self.fontMetrics().elidedText(self._caption, middle, line.width())
            painter.setPen(self.palette().placeholderText().color())
            painter.drawText(line, QtCore.Qt.AlignmentFlag.AlignCenter, text)

    def _paint_map(self, painter: QPainter, picture: QRect) -> None:
        left, top, right, bottom = self._box
        width, height = picture.width(), picture.height()
        square = QRectF(left * width, top * height, (right - left) * width, (bottom - top) * height)
        painter.setClipRect(picture)
        painter.setOpacity(self._strength)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(square.translated(picture.topLeft()), self._map)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._settling.start()
        super().resizeEvent(event)

    def _tell_pixels_wanted(self) -> None:
        wanted = self.pixels_wanted()
        if wanted != self._told:
            self._told = wanted
            self.pixels_wanted_changed.emit(wanted)
