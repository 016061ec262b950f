"""What speaks for a name is seen where it is in the picture, when it is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QSlider, QSplitter

from florapp.core.geometry import FITS, Placement
from florapp.core.heatmap import colours, strengths
from florapp.core.images import decode
from florapp.core.model_file import Label
from florapp.core.network import Network
from florapp.core.pipeline import classify, in_order
from florapp.core.prediction import Answer, Candidate, Failure
from florapp.core.quality import Flaw
from florapp.core.source import Source
from florapp.services.qimages import to_overlay, to_pixels, to_qimage
from florapp.ui.answer_panel import AnswerPanel
from florapp.ui.candidate_widgets import CandidateRow
from florapp.ui.picture_view import PictureView
from florapp.ui.why_bar import WhyBar
from tests.core.mapped import blob_picture, save_mapped_model
from tests.ui.hands import WAIT, drop, entries, mime_of, press

CTRL = Qt.KeyboardModifier.ControlModifier
PLACES = [(1, 1), (5, 1), (3, 3), (1, 5), (5, 5)]  # column and row of what speaks for each


def answer(maps=True):
    made = np.zeros((7, 7, 5), np.float32)
    for i, (column, row) in enumerate(PLACES):
        made[row, column, i] = 20
    made[..., 4] = 0
    candidates = tuple(Candidate(Label(f"c{i}", f"Class {i}"), 0.2 - i / 100) for i in range(6))
    placement = Placement((0, 0, 1, 1))
    return Answer(
        Source("x.png", b""), candidates, (300, 300), placement, class_maps=made if maps else None
    )


class Scene:
    """A picture, its answer and the bar, as the window has them."""

    def __init__(self):
        self.window = QMainWindow()
        self.picture, self.panel = PictureView(), AnswerPanel()
        self.action = QAction("why", self.window, checkable=True)
        self.bar = WhyBar(self.window, self.picture, self.panel, self.action)
        across = QSplitter()
        across.addWidget(self.picture)
        across.addWidget(self.panel)
        self.window.setCentralWidget(across)
        self.window.resize(1000, 600)
        self.picture.show_picture(to_qimage(np.zeros((300, 300, 3), np.uint8), 300), "x.png")
        self.slider = self.bar.findChild(QSlider, "whySlider")

    def show(self, result):
        self.shown = result
        if isinstance(result, Answer):
            self.panel.show_answer(result)
        self.bar.show_answer(result)

    def rows(self):
        return self.panel.findChildren(CandidateRow)

    def marked(self):
        return [i for i, row in enumerate(self.rows()) if row.isChecked()]

    def name(self):
        label = self.bar.findChild(QLabel, "whyName")
        assert label is not None
        return label.text()

    def peak(self):
        """How much green the map adds where it adds most, and where: column and row of 7."""
        shown = pixels(self.picture)
        self.picture.blend(0)
        bare = pixels(self.picture)
        self.bar.show_answer(self.shown)  # as it was
        added, place = brightest(bare, shown)
        inside = np.argwhere((bare == 0).all(axis=2))
        top, left = inside.min(axis=0)
        bottom, right = inside.max(axis=0) + 1
        x, y = (place[0] - left) / (right - left), (place[1] - top) / (bottom - top)
        return added, (int(x * 7), int(y * 7))


def pixels(widget):
    return to_pixels(widget.grab().toImage())


def settled(qtbot, widget):
    """What it shows once that does not change any more: layouts come to rest."""
    now = pixels(widget)
    while True:
        qtbot.wait(300)
        before, now = now, pixels(widget)
        if np.array_equal(before, now):
            break
    return now


def brightest(bare, shown):
    """How much green was added, and the middle (x, y) of where it was most."""
    added = shown[..., 1].astype(int) - bare[..., 1]
    y, x = np.argwhere(added >= 0.97 * added.max()).mean(axis=0)
    return int(added.max()), (x, y)


@pytest.fixture
def scene(qtbot):
    made = Scene()
    qtbot.addWidget(made.window)
    made.window.show()
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow, timeout=WAIT)
    return made


def hold(scene):
    QTest.keyPress(scene.window.windowHandle(), Qt.Key.Key_W)


def let_go(scene):
    QTest.keyRelease(scene.window.windowHandle(), Qt.Key.Key_W)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("size", [(300, 200), (200, 300)], ids=["wide", "tall"])
def test_the_map_is_painted_on_what_it_speaks_of(qtbot, card, tmp_path, fit, size):
    """For all orientations: where the picture shows red is where the map is brightest."""
    network = Network(save_mapped_model(tmp_path / "mapped.onnx", card, fit))
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show()
    sources = [Source(str(i), blob_picture(size[0], size[1], i)) for i in range(1, 9)]
    for said in in_order(classify(network, sources)):
        assert isinstance(said, Answer) and said.class_maps is not None
        view.blend(0)
        view.show_picture(to_qimage(decode(said.source, 400).pixels, 400), said.source.name)
        bare = pixels(view)
        red = (bare[..., 0] > 200) & (bare[..., 1] < 60) & (bare[..., 2] < 60)
        where_red = np.argwhere(red).mean(axis=0)[::-1]
        names = [candidate.label.id for candidate in said.candidates]
        map_ = colours(strengths(said.class_maps, names.index("red")))
        view.show_map(to_overlay(map_), said.placement.box)
        view.blend(1)
        added, place = brightest(bare, pixels(view))
        assert added > 100
        assert np.hypot(*(where_red - place)) < 20, said.source.name


def test_the_slider_blends_it_in(scene):
    scene.show(answer())
    assert scene.bar.isVisible()
    assert scene.slider.value() == 0
    bare = pixels(scene.picture)
    scene.slider.setValue(100)
    full, place = scene.peak()
    assert place == PLACES[0]
    scene.slider.setValue(50)
    half, _ = scene.peak()
    assert half == pytest.approx(full / 2, abs=3)
    scene.slider.setValue(0)
    assert (pixels(scene.picture) == bare).all()


def test_a_held_key_shows_it_in_full_until_it_is_released(scene):
    scene.show(answer())
    bare = pixels(scene.picture)
    hold(scene)
    held, place = scene.peak()
    assert place == PLACES[0]
    assert scene.marked() == [0]
    let_go(scene)
    assert (pixels(scene.picture) == bare).all()
    assert scene.marked() == []
    scene.slider.setValue(40)
    before = pixels(scene.picture)
    hold(scene)
    assert scene.peak()[0] == held
    QApplication.sendEvent(scene.window, QEvent(QEvent.Type.WindowDeactivate))
    assert (pixels(scene.picture) == before).all()  # nobody will see it released


@pytest.mark.parametrize("way", ["keys", "mouse", "space", "enter"])
def test_another_name_shows_what_speaks_for_it(scene, way):
    scene.show(answer())
    row = scene.rows()[3]
    if way == "keys":
        press(scene.window, Qt.Key.Key_4, CTRL)
    elif way == "mouse":
        QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    else:
        row.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(row, Qt.Key.Key_Space if way == "space" else Qt.Key.Key_Return)
    assert scene.peak()[1] == PLACES[3]
    assert scene.marked() == [3]
    assert "Class 3" in scene.name()
    assert "Class 3" in scene.slider.accessibleDescription()
    assert "speaks for it" in row.accessibleDescription()
    press(scene.window, Qt.Key.Key_2, CTRL)
    assert scene.peak()[1] == PLACES[1]
    assert scene.marked() == [1]


def test_another_picture_begins_with_its_best_and_keeps_the_slider(scene):
    scene.show(answer())
    scene.bar.choose(1)
    scene.slider.setValue(60)
    again = answer()
    scene.show(again)
    assert scene.peak()[1] == PLACES[0]
    assert (scene.slider.value(), scene.marked()) == (60, [0])
    scene.bar.choose(1)
    scene.show(again)  # told once more: nothing has changed
    assert scene.marked() == [1]


def test_where_hardly_anything_speaks_for_it_the_bar_says_so(scene):
    scene.show(answer())
    scene.bar.choose(4)
    assert "hardly anything" in scene.name()
    scene.bar.choose(0)
    assert scene.name() == "Class 0"


@pytest.mark.parametrize(
    "result",
    [
        answer(maps=False),
        replace(answer(), flaw=Flaw.BLURRED),
        Failure(Source("x", b""), "It is cut short."),
        None,
    ],
    ids=["no maps", "flaw", "failure", "nothing"],
)
def test_without_maps_there_is_none_of_it(scene, result):
    scene.show(answer())
    bare = pixels(scene.picture)[:500]  # above the bar
    scene.slider.setValue(100)
    room = scene.picture.pixels_wanted()
    scene.show(result)
    assert not scene.bar.isVisible()
    assert not scene.action.isEnabled()
    np.testing.assert_array_equal(pixels(scene.picture)[:500], bare)
    assert scene.picture.pixels_wanted() == room  # the next picture does not jump
    press(scene.window, Qt.Key.Key_2, CTRL)
    QTest.mouseClick(scene.rows()[1], Qt.MouseButton.LeftButton)
    assert scene.marked() == []
    assert scene.rows()[1].focusPolicy() == Qt.FocusPolicy.NoFocus
    assert scene.rows()[1].accessibleDescription() == ""


def test_the_menu_turns_it_on_and_off(scene):
    assert not scene.action.isEnabled()
    scene.show(answer())
    scene.action.trigger()
    assert (scene.slider.value(), scene.action.isChecked()) == (100, True)
    scene.slider.setValue(30)
    scene.action.trigger()
    assert (scene.slider.value(), scene.action.isChecked()) == (0, False)
    scene.action.trigger()
    assert scene.slider.value() == 30


def test_in_the_window(qtbot, window, settings, card, tmp_path: Path, opened):
    window.workspace._session.open_model(save_mapped_model(tmp_path / "mapped.onnx", card, "cover"))
    path = tmp_path / "blob.png"
    path.write_bytes(blob_picture(300, 200, 6))
    drop(window, mime_of(path))
    bar = window.findChild(WhyBar)
    qtbot.waitUntil(bar.isVisible, timeout=WAIT)
    result = entries(window)[0].result
    assert isinstance(result, Answer) and result.flaw is None
    qtbot.waitUntil(lambda: window.picture.accessibleName() == "Picture: blob.png", timeout=WAIT)
    assert window.actions_.why.isEnabled()
    bare = settled(qtbot, window.picture)
    QTest.keyPress(window.windowHandle(), Qt.Key.Key_W)
    added, place = brightest(bare, pixels(window.picture))
    assert added > 100
    red = (bare[..., 0] > 200) & (bare[..., 1] < 60) & (bare[..., 2] < 60)
    assert np.hypot(*(np.argwhere(red).mean(axis=0)[::-1] - place)) < 30
    QTest.keyRelease(window.windowHandle(), Qt.Key.Key_W)
    assert (pixels(window.picture) == bare).all()
    window.actions_.camera.trigger()
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=WAIT)
    assert not window.actions_.why.isEnabled()


def test_the_key_is_let_go_whatever_letter_another_layout_has_there(scene):
    """Of two layouts the second one's W counts, and comes up as the first one's letter."""
    scene.show(answer())
    place = 25

    def send(kind, key):
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, place, 0, 0, "")
        QApplication.sendEvent(scene.window, event)

    send(QEvent.Type.ShortcutOverride, Qt.Key.Key_W)
    keys = scene.bar.findChildren(QShortcut)
    next(each for each in keys if each.key() == QKeySequence(Qt.Key.Key_W)).activated.emit()
    assert scene.marked() == [0]
    send(QEvent.Type.KeyRelease, 0x426)
    assert scene.marked() == []
