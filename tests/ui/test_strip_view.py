"""The strip, driven as a user would, over a real list of pictures."""

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from florapp.core.geometry import Placement
from florapp.core.model_file import Label
from florapp.core.prediction import Answer, Candidate, Failure
from florapp.core.source import Source
from florapp.services.pictures import PictureList
from florapp.services.qimages import to_thumbnail
from florapp.ui.strip_item import item_size
from florapp.ui.strip_view import StripView


@pytest.fixture
def pictures(qapp):
    pictures = PictureList()
    pictures.add(Source(f"flower {i}.jpg", b"") for i in range(40))
    return pictures


@pytest.fixture
def strip(qtbot, pictures):
    strip = StripView(pictures)
    qtbot.addWidget(strip)
    strip.resize(600, strip.sizeHint().height())
    strip.show()
    strip.setCurrentIndex(pictures.index(0))
    return strip


def thumbnail(width, height):
    return to_thumbnail(Image.new("RGB", (width, height), "red"))


def look(strip, row):
    return strip.grab(strip.visualRect(strip.model().index(row))).toImage()


def test_the_arrow_keys_move_along_one_row(strip, qtbot):
    for _ in range(12):
        qtbot.keyClick(strip, Qt.Key.Key_Right)
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert strip.currentIndex().row() == 11
    assert strip.viewport().rect().contains(strip.visualRect(strip.currentIndex()).center())
    tops = {strip.visualRect(strip.model().index(row)).top() for row in range(40)}
    assert tops == {0}


def test_the_current_picture_stays_in_sight_in_a_smaller_window(strip, pictures):
    strip.setCurrentIndex(pictures.index(3))
    strip.resize(300, strip.height())
    assert strip.viewport().rect().contains(strip.visualRect(strip.currentIndex()).center())


def test_an_ordinary_wheel_moves_along_the_strip(strip):
    turn = QWheelEvent(
        QPointF(50, 50),
        strip.mapToGlobal(QPointF(50, 50)),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(strip.viewport(), turn)
    assert strip.horizontalScrollBar().value() > 0


def test_waiting_answered_and_failed_look_different(strip, pictures):
    waiting = look(strip, 2)
    label = Label("poppy", "Corn poppy")
    entry = pictures.entry(1)
    answer = Answer(entry.source, (Candidate(label, 0.93),), (4, 3), Placement((0, 0, 1, 1)))
    pictures.set_result(entry.key, answer)
    pictures.set_result(pictures.entry(3).key, Failure(entry.source, "The file is damaged."))
    looks = [waiting, look(strip, 1), look(strip, 3)]
    # Not by colour alone: they differ in black and white, too.
    grey = [image.convertToFormat(QImage.Format.Format_Mono) for image in looks]
    assert grey[0] != grey[1] and grey[1] != grey[2] and grey[0] != grey[2]


def test_the_programs_own_words_fit_below_a_thumbnail(strip):
    font = strip.font()
    for half_points in range(12, 60):
        font.setPointSizeF(half_points / 2)
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        room = item_size(font).width() - 24  # beside the edges
        words = "Nothing to name"
        assert QFontMetrics(bold).elidedText(words, Qt.TextElideMode.ElideRight, room) == words


@pytest.mark.parametrize("size", [(192, 144), (144, 192), (192, 1), (1, 192), (10, 10)])
def test_thumbnails_of_every_shape_are_shown(strip, pictures, size):
    pictures.set_thumbnail(pictures.entry(1).key, thumbnail(*size))
    shown = look(strip, 1)
    colours = (shown.pixelColor(x, y) for x in range(shown.width()) for y in range(shown.height()))
    assert any(colour.red() > 250 and colour.green() < 5 for colour in colours)


def test_pictures_come_and_go_while_the_strip_shows(strip, pictures, qtbot):
    pictures.add(Source(f"more {i}.jpg", b"") for i in range(3000))
    qtbot.keyClick(strip, Qt.Key.Key_End)
    assert strip.currentIndex().row() == 3039
    strip.grab()
    pictures.remove(range(1, 3040))
    strip.grab()
    assert strip.currentIndex().row() == 0


def test_an_answer_does_not_lay_the_whole_strip_out_again(qtbot):
    class Counted(PictureList):
        asked = 0

        def rowCount(self, *parent):  # noqa: N802
            self.asked += 1
            return super().rowCount(*parent)

    pictures = Counted()
    strip = StripView(pictures)
    qtbot.addWidget(strip)
    strip.show()
    entries = pictures.add(Source(f"flower {i}.jpg", b"") for i in range(2000))
    QApplication.processEvents()
    pictures.asked = 0
    pictures.set_thumbnail(entries[0].key, thumbnail(192, 144))
    QApplication.processEvents()
    assert pictures.asked < 500
