"""The strip: a row of thumbnails, each with its own short answer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPalette, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QSizePolicy, QWidget

from florapp.services.pictures import AnyIndex, PictureList
from florapp.ui.strip_item import StripItem, item_size


class StripView(QListView):
    """The pictures of a PictureList in one row; the arrow keys move along it."""

    def __init__(self, pictures: PictureList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = pictures
        # One of our own: to wrap Qt's, PySide first makes every kind of widget that there is.
        ground = QWidget()
        ground.setBackgroundRole(QPalette.ColorRole.Window)
        ground.setAutoFillBackground(True)
        self.setViewport(ground)
        self.setModel(pictures)
        self.setAccessibleName(self.tr("Pictures"))
        self.setItemDelegate(StripItem(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def selected_rows(self) -> list[int]:
        """Return the rows of the selected pictures, in order."""
        chosen = self.selectionModel().selection()  # not index by index: they may be thousands
        runs = (chosen.at(i) for i in range(chosen.count()))
        return sorted({row for run in runs for row in range(run.top(), run.bottom() + 1)})

    def select_only(self, row: int) -> None:
        """Make the picture of ``row`` the current one, and the only one selected.

        Not as the view does it: that would add to the selection while Ctrl is held, as for Ctrl+V.
        """
        index, select = self.pictures.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().setCurrentIndex(index, select)

    def sizeHint(self) -> QSize:  # noqa: N802
        bar = self.horizontalScrollBar().sizeHint().height()
        return QSize(480, item_size(self.font()).height() + bar)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.scrollTo(self.currentIndex())

    def dataChanged(  # noqa: N802
        self, first: AnyIndex, last: AnyIndex, roles: Sequence[int] = ()
    ) -> None:
        """Paint anew what has changed; QListView would lay out the whole strip, each time."""
        QAbstractItemView.dataChanged(self, first, last, roles)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave copying to the window: the names of pictures are not what is asked for."""
        if event.matches(QKeySequence.StandardKey.Copy):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:  # noqa: N802
        """Go to no picture by its first letter: W is held to see why, and is not there always."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Move along the strip with an ordinary mouse wheel, too."""
        turned, pixels = event.angleDelta(), event.pixelDelta()
        if turned.x() == 0:
            turned, pixels = turned.transposed(), pixels.transposed()
        sideways = QWheelEvent(
            event.position(),
            event.globalPosition(),
            pixels,
            turned,
            event.buttons(),
            event.modifiers(),
            event.phase(),
            event.inverted(),
        )
        super().wheelEvent(sideways)
        event.accept()
