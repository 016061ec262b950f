"""Several photographs of one plant, in the real window: joined, told of, separated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QImage
from PySide6.QtWidgets import QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from florapp.core.drawing import draw
from florapp.core.prediction import Answer, Failure
from florapp.services.plants import joint
from florapp.services.words import percent
from florapp.ui.main_window import MainWindow
from tests.ui.hands import WAIT, drop, entries, mime_of, press

_Select = QItemSelectionModel.SelectionFlag
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
PICTURES = (("1.png", "rose"), ("2.png", "water_lily"), ("3.png", "rose"), ("4.png", "tulip"))


@pytest.fixture
def flowers(tmp_path: Path) -> list[Path]:
    """Drawings of one plant, as far as the window knows: the tiny model names their colour."""
    paths = []
    for i, (name, kind) in enumerate(PICTURES):
        paths.append(tmp_path / name)
        Image.fromarray(draw(kind, 160 + i, 120)).save(paths[-1])
    return paths


@pytest.fixture
def answered(qtbot: QtBot, window: MainWindow, flowers: list[Path]) -> MainWindow:
    """Return the window with the flowers answered, the first looked at."""
    drop(window, mime_of(*flowers))
    qtbot.waitUntil(lambda: are_answered(window, len(flowers)), timeout=WAIT)
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


def are_answered(window: MainWindow, count: int) -> bool:
    return [isinstance(entry.result, Answer) for entry in entries(window)] == [True] * count


def select(window: MainWindow, *rows: int) -> None:
    """Click the first, then the others with Ctrl held; the last is looked at."""
    strip = window.workspace.strip
    for number, row in enumerate(rows):
        how = _Select.Select if number else _Select.ClearAndSelect
        strip.selectionModel().setCurrentIndex(strip.pictures.index(row), how)


def told(window: MainWindow) -> str:
    return window.workspace.answer.plant.text()


def own(window: MainWindow, row: int) -> str:
    result = entries(window)[row].result
    assert isinstance(result, Answer)
    return f"{result.best.label.name}, {percent(result.best.probability)}"


def visible(panel: QWidget, name: str) -> list[str]:
    found = panel.findChildren(QLabel, name)
    return [label.text() for label in found if label.isVisible()]


def test_two_become_one_plant_by_a_key_and_two_plants_by_another(
    answered: MainWindow, qtbot: QtBot
) -> None:
    window, do = answered, answered.actions_
    assert not do.same_plant.isEnabled() and not do.separate.isEnabled()
    select(window, 0, 1)
    assert do.same_plant.isEnabled() and not window.workspace.answer.plant.isVisible()
    press(window, Qt.Key.Key_G, CTRL)
    assert not do.same_plant.isEnabled() and do.separate.isEnabled()
    fused = joint(entries(window)[1])
    assert fused is not None
    assert visible(window.workspace.answer, "plantTitle") == ["From 2 photographs of one plant"]
    assert visible(window.workspace.answer, "plantAlone") == [f"This one alone: {own(window, 1)}"]
    best = fused.answer.best
    assert f"What each photograph adds to {best.label.name}" in told(window)
    first = entries(window)[0].result
    assert isinstance(first, Answer)
    alone = next(c.probability for c in first.candidates if c.label == best.label)
    assert f"2.png: {percent(alone)} without it, {percent(best.probability)} with it" in told(
        window
    )
    assert f"{percent(alone)} → {percent(best.probability)}" in [
        label.text() for label in window.workspace.answer.plant.findChildren(QLabel)
    ]

    select(window, 0)  # looking at any of them shows the same
    assert f"This one alone: {own(window, 0)}" in told(window)
    assert percent(best.probability) in window.workspace.answer.accessibleName()
    select(window, 2)
    assert not window.workspace.answer.plant.isVisible() and told(window) == ""
    select(window, 0, 1)
    press(window, Qt.Key.Key_G, CTRL | SHIFT)
    assert not window.workspace.answer.plant.isVisible() and do.same_plant.isEnabled()
    assert own(window, 1).split(", ")[1] in window.workspace.answer.accessibleName()


def test_the_strip_shows_and_says_which_belong_together(answered: MainWindow) -> None:
    window = answered
    strip = window.workspace.strip

    def look(row: int) -> QImage:
        image = strip.grab(strip.visualRect(strip.pictures.index(row))).toImage()
        return image.convertToFormat(QImage.Format.Format_Mono)  # not by colour alone

    select(window, 3)
    before = [look(row) for row in range(3)]
    window.workspace.answer.setFocus()
    strip.pictures.join([0, 2])
    after = [look(row) for row in range(3)]
    assert before[1] == after[1] and before[0] != after[0] and before[2] != after[2]
    item = QAccessible.queryAccessibleInterface(strip).child(2)
    assert item.text(QAccessible.Text.Name).endswith("same plant as 1.png")
    assert own(window, 2) in item.text(QAccessible.Text.Name)  # its own answer stays


def test_only_answered_pictures_can_be_joined(
    qtbot: QtBot, answered: MainWindow, tmp_path: Path
) -> None:
    window, broken = answered, tmp_path / "broken.png"
    broken.write_bytes(b"")
    drop(window, mime_of(broken))
    qtbot.waitUntil(lambda: len(entries(window)) == 5, timeout=WAIT)
    qtbot.waitUntil(lambda: entries(window)[4].result is not None, timeout=WAIT)
    select(window, 0, 4)
    assert not window.actions_.same_plant.isEnabled()
    window.actions_.same_plant.trigger()
    assert entries(window)[0].plant == ()


def test_a_picture_taken_off_leaves_its_plant(answered: MainWindow) -> None:
    window = answered
    select(window, 0, 1, 2)
    window.actions_.same_plant.trigger()
    assert told(window).startswith("From 3 photographs of one plant")
    select(window, 1)
    press(window, Qt.Key.Key_Delete)
    assert told(window).startswith("From 2 photographs of one plant")
    press(window, Qt.Key.Key_Delete)
    assert not window.workspace.answer.plant.isVisible() and entries(window)[0].plant == ()


def test_another_model_answers_the_plant_again_when_it_has_answered_all(
    qtbot: QtBot, answered: MainWindow, make_model: Callable[..., Path]
) -> None:
    window = answered
    select(window, 0, 1, 2)
    window.actions_.same_plant.trigger()
    session = window.workspace._session
    seen: list[str] = []
    session.looked_at_changed.connect(lambda: seen.append(told(window).partition("\n")[0]))
    with qtbot.waitSignal(session.model_opened, timeout=WAIT):
        session.open_model(make_model())
    qtbot.waitUntil(lambda: seen[-1:] == ["From 3 photographs of one plant"], timeout=WAIT)
    assert "" in seen  # nothing is told of it while nothing is known
    assert all("of one plant" in line or "alone" in line or not line for line in seen)


def test_a_photograph_with_a_flaw_is_left_out_and_that_is_told(
    qtbot: QtBot, answered: MainWindow, save: Callable[[str, str], Path], plain: object
) -> None:
    window = answered
    drop(window, mime_of(save("plain.png", "red")))
    qtbot.waitUntil(lambda: are_answered(window, 5), timeout=WAIT)
    select(window, 0, 1, 4)
    window.actions_.same_plant.trigger()
    assert told(window).startswith("From 2 of 3 photographs of one plant")
    (line,) = [line for line in told(window).splitlines() if line.startswith("plain.png")]
    assert "Left out. The picture is plain" in line and "without it" not in line
    select(window, 0, 4)
    window.actions_.separate.trigger()
    window.actions_.same_plant.trigger()
    assert told(window).startswith("From 1 of 2 photographs of one plant")
    assert "1.png: The only one that can be used." in told(window)


def test_where_no_photograph_of_a_plant_can_be_used_that_is_told(
    qtbot: QtBot, window: MainWindow, save: Callable[[str, str], Path], plain: object
) -> None:
    black = save("black.png", "red")
    Image.new("RGB", (64, 64)).save(black)
    drop(window, mime_of(save("plain.png", "red"), black))
    qtbot.waitUntil(lambda: are_answered(window, 2), timeout=WAIT)
    select(window, 0, 1)
    window.actions_.same_plant.trigger()
    assert told(window).startswith("None of the 2 photographs of one plant can be used")
    answer = window.workspace.answer
    for row in range(2):
        select(window, row)
        assert own(window, row) in answer.accessibleName() and visible(answer, "plantAlone") == []
    assert own(window, 0) != own(window, 1)


def test_what_is_copied_of_a_plant_is_what_is_told_of_it(answered: MainWindow) -> None:
    window = answered
    select(window, 0, 1)
    window.actions_.same_plant.trigger()
    press(window, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text().endswith(told(window)) and told(window)


def test_of_a_plant_without_a_joint_answer_each_is_copied(answered: MainWindow) -> None:
    window = answered
    select(window, 0, 1)
    window.actions_.same_plant.trigger()
    first = entries(window)[0]
    window.workspace.strip.pictures.forget_answers([first])
    window.workspace.strip.pictures.set_result(first.key, Failure(first.source, "It is gone."))
    select(window, 1, 0)
    press(window, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text().startswith("2.png\t")


def test_of_more_than_a_plant_each_has_its_own_answer(answered: MainWindow) -> None:
    window = answered
    select(window, 0, 1)
    window.actions_.same_plant.trigger()
    select(window, 0, 1, 2)
    press(window, Qt.Key.Key_C, CTRL)
    lines = QGuiApplication.clipboard().text().splitlines()
    same = ("\tsame plant as 2.png", "\tsame plant as 1.png", "")
    for entry, line, end in zip(entries(window)[:3], lines, same, strict=True):
        assert isinstance(entry.result, Answer)
        assert line.endswith(percent(entry.result.best.probability) + end)
    assert window.workspace.messages.text().endswith("(the first of 3)")
    assert "\t" not in window.workspace.messages.text()


def test_both_stand_in_a_menu(window: MainWindow) -> None:
    edit = next(m for m in window.findChildren(QMenu) if m.title() == "&Edit")
    assert {"Same &plant", "&Separate"} <= {action.text() for action in edit.actions()}


def test_many_rows_need_no_more_room_than_there_is(
    qtbot: QtBot, answered: MainWindow, flowers: list[Path]
) -> None:
    window = answered
    window.resize(640, 480)
    window.workspace.strip.selectAll()
    window.actions_.same_plant.trigger()
    panel = window.workspace.answer.plant
    assert len(told(window).splitlines()) == 3 + len(flowers)
    rows = panel.findChildren(QWidget, "plantRow")
    qtbot.waitUntil(lambda: all(row.height() >= row.sizeHint().height() for row in rows))
    assert panel.width() <= window.workspace.answer.width()
    assert all(0 < row.width() <= panel.width() for row in rows)
