"""The picture view, judged by the pixels it shows and by what it calls itself."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QLabel, QPushButton

from florapp.ui.notice import Notice
from florapp.ui.picture_view import PictureView

RED = QColor("red")


@pytest.fixture
def view(qtbot):
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    return view


def plain(width, height, colour=RED):
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(colour)
    return image


def red_area(view, colour=RED):
    """The size of what is red in the view: (width, height) in logical pixels."""
    shown = view.grab().toImage()
    ratio = shown.devicePixelRatio()
    red = [
        (x, y)
        for y in range(shown.height())
        for x in range(shown.width())
        if shown.pixelColor(x, y) == colour
    ]
    assert red, "no red"
    columns, lines = {x for x, _ in red}, {y for _, y in red}
    assert len(red) == len(columns) * len(lines)  # one rectangle
    return len(columns) / ratio, len(lines) / ratio


@pytest.mark.parametrize("size", [(2000, 1000), (1000, 2000), (3000, 1), (1, 3000), (5000, 5000)])
def test_a_picture_is_as_large_as_fits_and_keeps_its_shape(view, size):
    view.show_picture(plain(*size), "red.png")
    width, height = red_area(view)
    assert height == pytest.approx(max(1, width * size[1] / size[0]), abs=1) or width == 1
    assert width <= view.width() and height <= view.height()
    assert width >= view.width() - 40 or height >= view.height() - 80


def test_a_tiny_picture_is_not_blown_up(view):
    view.show_picture(plain(20, 10), "tiny.png")
    assert red_area(view) == (40, 20)


def test_the_thumbnail_takes_the_pictures_place_while_it_is_read(view):
    view.show_waiting("red.png", plain(60, 30))
    waiting = red_area(view)
    view.show_picture(plain(2000, 1000), "red.png")
    assert waiting == red_area(view)


def test_another_size_scales_the_picture_again(view):
    view.show_picture(plain(2000, 1000), "red.png")
    before, _ = red_area(view)
    view.resize(900, 600)
    after, _ = red_area(view)
    assert after == before + 300


def test_it_tells_how_many_pixels_it_wants(view, qtbot):
    with qtbot.waitSignal(view.pixels_wanted_changed) as told:
        view.resize(1000, 500)
    assert told.args == [view.pixels_wanted()]
    assert 900 < view.pixels_wanted() / view.devicePixelRatioF() < 1000


def test_it_tells_of_more_pixels_on_a_screen_of_another_scale(view, qtbot, monkeypatch):
    with qtbot.waitSignal(view.pixels_wanted_changed) as told:
        view.resize(1000, 500)
    monkeypatch.setattr(view, "devicePixelRatioF", lambda: 2.0)
    with qtbot.waitSignal(view.pixels_wanted_changed) as again:
        view.update()  # as Qt does when the window comes to another screen
    assert again.args[0] > 1.5 * told.args[0] / QGuiApplication.primaryScreen().devicePixelRatio()


def test_the_empty_view_says_what_to_do_and_offers_it(view, qtbot):
    assert "Drop a picture" in view.findChild(QLabel, "noticeHeading").text()
    assert "Ctrl+V" in view.findChild(QLabel, "noticeWords").text()
    button = view.findChild(QPushButton, "noticeOpen")
    with qtbot.waitSignal(view.open_requested):
        qtbot.keyClick(button, Qt.Key.Key_Space)
    view.show_picture(plain(20, 10), "red.png")
    assert not button.isVisible()
    view.clear()
    assert button.isVisible()


def test_a_failure_is_told_in_place_of_the_picture(view):
    view.show_picture(plain(20, 10), "red.png")
    view.show_failure("broken.jpg", "The file ends too early.")
    assert view.findChild(QLabel, "noticeHeading").text() == "broken.jpg"
    assert view.findChild(QLabel, "noticeWords").text() == "The file ends too early."
    assert view.findChild(QLabel, "noticeWords").isVisible()
    assert not view.findChild(QPushButton, "noticeOpen").isVisible()
    with pytest.raises(AssertionError, match="no red"):
        red_area(view)


def test_it_is_called_after_its_picture(view):
    assert "No picture" in view.accessibleName()
    view.show_waiting("red.png", None)
    assert "red.png" in view.accessibleName()
    view.show_picture(plain(20, 10), "red.png")
    assert view.accessibleName() == "Picture: red.png"
    view.show_failure("red.png", "The file ends too early.")
    assert "red.png" in view.accessibleName()
    assert view.accessibleDescription() == "The file ends too early."


BLUE = QColor("blue")
BEYOND = [(-0.5, 0.0, 1.5, 1.0), (0.0, -1.0, 1.0, 2.0), (0.0, 0.0, 1.0, 1.0)]


@pytest.mark.parametrize("box", BEYOND)
def test_a_map_never_reaches_beyond_the_picture(view, box):
    view.show_picture(plain(1000, 500), "red.png")
    picture = red_area(view)
    view.show_map(plain(8, 8, BLUE), box)
    view.blend(1)
    assert red_area(view, BLUE) == picture


def test_a_map_lies_where_its_box_says_and_follows_the_size(view):
    view.show_picture(plain(1000, 500), "red.png")
    view.show_map(plain(8, 8, BLUE), (0.25, 0.0, 0.75, 1.0))
    view.blend(1)
    for width in (600, 500):
        view.resize(width, 400)
        view.blend(0)
        across, down = red_area(view)
        view.blend(1)
        assert red_area(view, BLUE) == pytest.approx((across / 2, down), abs=2)


def test_what_stands_below_the_picture_has_its_room_even_while_hidden(view):
    foot = QPushButton("below")
    view.show_picture(plain(1000, 1000), "red.png")
    without = red_area(view)
    view.put_below(foot)
    beside = red_area(view)
    assert beside[1] == without[1] - foot.sizeHint().height()
    foot.hide()
    assert red_area(view) == beside


@pytest.mark.parametrize("name", [f"{'123456789_' * 5}n.jpg", f"{'W' * 250}.jpg", "a b" * 50])
def test_the_name_of_a_picture_that_failed_can_be_read_however_long_it_is(view, name):
    view.show_failure(name, "It is damaged.")
    heading = view.findChild(QLabel, "noticeHeading")
    assert isinstance(heading, QLabel)
    breaks = Qt.TextFlag.TextWordWrap
    needed = heading.fontMetrics().boundingRect(heading.rect(), breaks, heading.text())
    assert needed.width() <= heading.width() and needed.height() <= heading.height()
    shown = heading.text().replace("\u200b", "")
    assert shown == name or shown.split("…") == [name[:60], name[-60:]]
    (notice,) = view.findChildren(Notice)
    assert notice.toolTip() == name
    view.clear()
    assert not notice.toolTip()
