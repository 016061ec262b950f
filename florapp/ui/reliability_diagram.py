"""A reliability diagram: how often answers are right, by how sure the model was of them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from florapp.core.wording import Bin
from florapp.ui import theme

_TICKS = (0, 25, 50, 75, 100)
_SMALLEST, _LARGEST = 3.0, 11.0  # radius of a dot, in pixels
_Centre = Qt.AlignmentFlag.AlignCenter


class ReliabilityDiagram(QWidget):
    """A dot for each of ``bins``, the larger the more photographs: on the line it is reliable."""

    def __init__(self, bins: tuple[Bin, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bins = bins
        self.setFont(theme.font(self.font(), 0.88))
        self.setMaximumWidth(540)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Reliability diagram"))

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(480, 232 + round(4.5 * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(220, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = self._plot()
        self._paint_axes(painter, plot)
        self._paint_dots(painter, plot)
        self._paint_counts(painter, plot)

    def _plot(self) -> QRectF:
        """Return where the answers stand, from 0 to 100 % both ways."""
        line = self.fontMetrics().height()
        left = self.fontMetrics().horizontalAdvance(self.tr("{0} %").format(100)) + 8
        above, below = 2 * line, 2.5 * line
        return QRectF(
            left, above, self.width() - left - _LARGEST - line, self.height() - above - below
        )

    def _paint_axes(self, painter: QPainter, plot: QRectF) -> None:
        line, colours = self.fontMetrics().height(), self.palette()
        quiet = colours.color(QPalette.ColorRole.PlaceholderText)
        for tick in _TICKS:
            at, text = _at(plot, tick / 100, tick / 100), self.tr("{0} %").format(tick)
            painter.setPen(colours.mid().color())
            painter.drawLine(QPointF(plot.left(), at.y()), QPointF(plot.right(), at.y()))
            painter.drawLine(QPointF(at.x(), plot.top()), QPointF(at.x(), plot.bottom()))
            painter.setPen(quiet)
            beside = QRectF(0, at.y() - line / 2, plot.left() - 6, line)
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight, text)
            painter.drawText(QRectF(at.x() - 40, plot.bottom() + 3, 80, line), _Centre, text)
        painter.setPen(QPen(quiet, 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(plot.bottomLeft(), plot.topRight())
        painter.setPen(colours.windowText().color())
        painter.drawText(QRectF(0, 0, self.width(), line), 0, self.tr("Right"))
        corner = QRectF(0, plot.bottom() + 1.4 * line, self.width(), line)
        painter.drawText(corner, _Centre, self.tr("How sure it says it is"))

    def _paint_dots(self, painter: QPainter, plot: QRectF) -> None:
        most = max((count for *_, count in self._bins), default=1)
        colour = self.palette().accent().color()
        for said, right, count in self._bins:
            at = _at(plot, said, right)
            painter.setPen(QPen(colour, 1.5))
            painter.drawLine(at, _at(plot, said, said))
            painter.setPen(QPen(self.palette().window().color(), 1))
            painter.setBrush(colour)
            radius = _SMALLEST + (_LARGEST - _SMALLEST) * (count / most) ** 0.5
            painter.drawEllipse(at, radius, radius)

    def _paint_counts(self, painter: QPainter, plot: QRectF) -> None:
        """Write how many photographs each dot stands for along the foot, where there is room."""
        metrics, end = self.fontMetrics(), float(self.width())
        painter.setPen(self.palette().windowText().color())
        for said, _, count in reversed(self._bins):  # the most stand on the right
            width = metrics.horizontalAdvance(str(count)) + 6
            room = QRectF(0, 0, width, metrics.height())
            room.moveCenter(QPointF(_at(plot, said, 0).x(), plot.bottom() - metrics.height() / 2))
            if room.right() <= end:
                painter.drawText(room, _Centre, str(count))
                end = room.left()


def _at(plot: QRectF, across: float, up: float) -> QPointF:
    return QPointF(plot.left() + across * plot.width(), plot.bottom() - up * plot.height())
