"""What the camera sees, as large as fits."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_FLASH_MS = 90
_ROUND = 10  # pixels: its corners
_CARD = 420  # pixels: the card over it, at most
_LEAST = 260  # pixels: what it takes for a name, beyond a small picture where it must


class Preview(QWidget):
    """Shows one frame after the other, mirrored as in a mirror where ``mirrored`` is set."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.mirrored = True
        self._image = QImage()
        self._card: QWidget | None = None
        self._flash = QTimer(self, singleShot=True, interval=_FLASH_MS)
        self._flash.timeout.connect(self.update)

    def carry(self, card: QWidget) -> None:
        """Have ``card`` lie over the lower edge of what the camera sees."""
        self._card = card
        card.setParent(self)
        card.installEventFilter(self)

    def show_frame(self, image: QImage) -> None:
        """Show ``image``, the newest frame."""
        another_shape = image.size() != self._image.size()
        self._image = image
        if another_shape:
            self._place_card()
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self.show_frame(QImage())

    def flash(self) -> None:
        """Show that a picture was taken."""
        self._flash.start()
        self.update()

    def picture_area(self) -> QRect:
        """Return where the frame is painted; empty while there is none."""
        if self._image.isNull():
            return QRect()
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        area = QRect(0, 0, size.width(), size.height())
        area.moveCenter(self.rect().center())
        return area

    def _place_card(self) -> None:
        if self._card is not None:
            area = self.picture_area().adjusted(_ROUND, _ROUND, -_ROUND, -_ROUND)
            width = min(_CARD, max(area.width(), min(_LEAST, self.width())))
            # A stack has no height for a width while its page in front is without words.
            height = max(self._card.heightForWidth(width), self._card.minimumSizeHint().height())
            left = area.x() + (area.width() - width) // 2
            self._card.setGeometry(left, area.bottom() + 1 - height, width, height)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802
        """See that the card has other words, which may take more lines."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._place_card()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._place_card()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(720, 480)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self._image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing
        )
        area = self.picture_area()
        corners = QPainterPath()
        corners.addRoundedRect(area, _ROUND, _ROUND)
        painter.setClipPath(corners)
        if self._flash.isActive():
            painter.fillRect(area, QColor("white"))
            return
        if self.mirrored:
            painter.translate(area.x() * 2 + area.width(), 0)
            painter.scale(-1, 1)
        painter.drawImage(area, self._image)
