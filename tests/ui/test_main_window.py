"""The real window, as a user meets it: drops, keys, messages, menus."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QAccessible,
    QAction,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from florapp.app import build
from florapp.core.prediction import Answer
from florapp.services.pictures import Entry, PictureList
from florapp.services.settings import ColourScheme, Settings
from florapp.services.web import Fetch
from florapp.ui.main_window import MainWindow

Plain = Callable[..., np.ndarray]
Save = Callable[[str, str], Path]
WAIT = 60_000  # milliseconds; the machine may be busy


@pytest.fixture
def settings(tmp_path: Path, tiny_model: Path) -> Settings:
    made = Settings(tmp_path / "settings.ini")
    made.model = str(tiny_model)
    return made


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, settings: Settings) -> Iterator[MainWindow]:
    made = build(qapp, settings)
    qtbot.addWidget(made)
    made.show()
    with qtbot.waitExposed(made, timeout=WAIT):
        pass
    yield made
    made.close()


@pytest.fixture
def save(tmp_path: Path, plain: Plain) -> Save:
    def save(name: str, colour: str) -> Path:
        path = tmp_path / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(plain(colour, 400, 300)).save(path)
        return path

    return save


def mime_of(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(
    window: MainWindow, mime: QMimeData, actions: Qt.DropAction = Qt.DropAction.CopyAction
) -> tuple[QDragEnterEvent, QDropEvent]:
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 200), actions, mime, left, none)
    QApplication.sendEvent(window, enter)
    event = QDropEvent(QPointF(50, 200), actions, mime, left, none)
    if enter.isAccepted():
        QApplication.sendEvent(window, event)
    return enter, event


def said(window: MainWindow) -> str:
    return window.answer.accessibleName()


def entries(window: MainWindow) -> list[Entry]:
    pictures = window.strip.model()
    assert isinstance(pictures, PictureList)
    return list(pictures)


def button(window: QWidget, text: str) -> QAbstractButton:
    return next(
        b for b in window.findChildren(QAbstractButton) if b.text() == text and b.isVisible()
    )


def shown_colour(window: MainWindow) -> str:
    return window.picture.grab().toImage().pixelColor(window.picture.rect().center()).name()


def test_a_dropped_picture_is_shown_and_named(qtbot: QtBot, window: MainWindow, save: Save) -> None:
    assert "no picture yet" in said(window)
    path = save("Grüße aus 北京.png", "green")
    _, dropped = drop(window, mime_of(path))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Green, "), timeout=WAIT)
    qtbot.waitUntil(lambda: shown_colour(window) == "#00ff00", timeout=WAIT)
    assert dropped.dropAction() == Qt.DropAction.CopyAction
    assert "Grüße aus 北京.png" in window.windowTitle()
    assert not window.strip.isVisible()  # one picture needs no strip


def test_a_drop_is_a_copy_or_nothing(window: MainWindow, save: Save) -> None:
    move, copy = Qt.DropAction.MoveAction, Qt.DropAction.CopyAction
    enter, _ = drop(window, mime_of(save("a.png", "red")), move)
    assert not enter.isAccepted()
    _, dropped = drop(window, mime_of(save("a.png", "red")), move | copy)
    assert dropped.dropAction() == copy


def test_a_broken_picture_among_good_ones_stays_with_its_reason(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    good, broken = save("1.png", "red"), save("2.png", "red")
    broken.write_bytes(broken.read_bytes()[:60])
    drop(window, mime_of(good, broken, save("3.png", "blue")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    assert window.strip.isVisible()
    qtbot.keyClick(window.strip, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: "No answer" in said(window), timeout=WAIT)
    assert "damaged" in said(window) or "cut short" in said(window)
    qtbot.keyClick(window.strip, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Blue"), timeout=WAIT)


def test_delete_takes_a_picture_off_and_leaves_its_file(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    paths = [save(f"{i}.png", colour) for i, colour in enumerate(("red", "green", "blue"))]
    drop(window, mime_of(*paths))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    qtbot.keyClick(window.strip, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Green"), timeout=WAIT)
    window.actions_.select_all.trigger()
    window.actions_.remove.trigger()
    assert "no picture yet" in said(window)
    assert all(path.exists() for path in paths)
    drop(window, mime_of(paths[2]))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Blue"), timeout=WAIT)


def test_pasted_pixels_are_named_and_a_text_is_not(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    QGuiApplication.clipboard().setImage(image)
    qtbot.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Blue"), timeout=WAIT)
    QGuiApplication.clipboard().setText("not a path")
    window.actions_.paste.trigger()
    assert "no picture to paste" in window.messages.text()


def test_a_picture_on_the_web_is_not_fetched_before_the_user_agrees(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []
    monkeypatch.setattr(Fetch, "start", lambda fetch: begun.append(fetch.objectName()))
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/poppy.jpg")])
    drop(window, mime)
    assert "example.org" in window.messages.text() and not begun
    button(window.messages, "Fetch").click()
    assert len(begun) == 1
    button(window.messages, "Cancel").click()


def test_answers_are_copied_and_saved(
    qtbot: QtBot,
    window: MainWindow,
    save: Save,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = save("1.png", "red"), save("2.png", "green")
    empty = save("3.png", "red")
    empty.write_bytes(b"")
    drop(window, mime_of(first, second, empty))
    qtbot.waitUntil(
        lambda: all(entry.result for entry in entries(window)) and "Red" in said(window),
        timeout=WAIT,
    )
    window.actions_.copy.trigger()
    assert QGuiApplication.clipboard().text().startswith("Red\n")
    window.actions_.copy_all.trigger()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t")[:2] for line in lines] == [["1.png", "Red"], ["2.png", "Green"]]

    for name, read in (
        ("flowers.csv", lambda text: [r["name"] for r in csv.DictReader(text) if r["rank"] == "1"]),
        (
            "flowers.jsonl",
            lambda text: [json.loads(line)["predictions"][0]["name"] for line in text],
        ),
    ):
        path = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, path=path: (str(path), ""))
        window.actions_.save.trigger()
        qtbot.waitUntil(path.exists, timeout=WAIT)
        assert read(path.read_text(encoding="utf-8").splitlines()) == ["Red", "Green"]
    qtbot.waitUntil(lambda: "2 answer" in window.messages.text(), timeout=WAIT)
    assert "1 picture" in window.messages.text()

    nowhere = tmp_path / "gone" / "flowers.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (str(nowhere), ""))
    window.actions_.save.trigger()
    qtbot.waitUntil(lambda: "could not be saved" in window.messages.text(), timeout=WAIT)


def test_a_folder_can_be_stopped_and_gone_on_with(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    for i in range(12):
        folder = save(f"many/{i}.png", "red").parent
    qtbot.waitUntil(window.actions_.show_card.isEnabled, timeout=WAIT)
    drop(window, mime_of(folder))
    window.progress.button.click()  # Stop
    qtbot.waitUntil(lambda: "Stopped" in window.progress.label.text(), timeout=WAIT)
    drop(window, mime_of(save("more.png", "blue")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Blue"), timeout=WAIT)
    button(window.progress, "Go on").click()
    qtbot.waitUntil(
        lambda: all(isinstance(entry.result, Answer) for entry in entries(window)),
        timeout=WAIT,
    )
    assert not window.progress.isVisible()


def test_another_model_answers_and_is_remembered(
    qtbot: QtBot,
    window: MainWindow,
    settings: Settings,
    save: Save,
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    drop(window, mime_of(save("a.png", "red")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    before = said(window)
    (tmp_path / "letter.onnx").write_text("Dear Sir")
    chosen = tmp_path / "letter.onnx"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a: (str(chosen), ""))
    window.actions_.open_model.trigger()
    qtbot.waitUntil(lambda: "not an ONNX model" in window.messages.text(), timeout=WAIT)
    assert said(window) == before
    window.messages.close_message()

    chosen = make_model(card=changed_card(temperature=20.0, title="Cooler"))
    window.actions_.open_model.trigger()
    qtbot.waitUntil(lambda: "Cooler" in window.messages.text(), timeout=WAIT)
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    assert said(window) != before
    assert settings.model == str(chosen) and settings.models[0] == str(chosen)
    window.actions_.show_card.trigger()
    card = next(w for w in QApplication.topLevelWidgets() if w.windowTitle() == "Cooler")
    assert card.isVisible()
    card.close()


def test_everything_is_reached_by_keyboard_and_has_a_name(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    drop(window, mime_of(save("a.png", "red"), save("b.png", "green")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    window.activateWindow()
    reached: set[QWidget] = set()
    for _ in range(40):
        focus = QApplication.focusWidget()
        if focus is not None:
            reached.add(focus)
        qtbot.keyClick(focus or window, Qt.Key.Key_Tab)
    assert window.strip in reached
    for widget in reached:
        named = QAccessible.queryAccessibleInterface(widget)
        name = named.text(QAccessible.Text.Name)
        assert name, f"{widget.objectName()} {type(widget).__name__} has no accessible name"
    keys = [
        a.shortcut().toString() for a in window.findChildren(QAction) if not a.shortcut().isEmpty()
    ]
    assert len(keys) == len(set(keys))  # no key means two things


def test_colours_and_size_are_remembered(
    qtbot: QtBot, qapp: QApplication, settings: Settings, tmp_path: Path
) -> None:
    first = build(qapp, settings)
    first.resize(720, 520)
    dark = next(a for a in first.findChildren(QAction) if a.text() == "&Dark")
    dark.trigger()
    first.close()
    second = build(qapp, Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(second)
    assert (second.width(), second.height()) == (720, 520)
    assert settings.colours is ColourScheme.DARK
    assert qapp.palette().window().color().lightness() < 80
    second.close()


def test_reports_of_earlier_errors_are_offered(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    report = tmp_path / "20260101-000000-1-1.txt"
    report.write_text("FlorApp 0.1.0\nTraceback: it went wrong", encoding="utf-8")
    window.offer_reports([report])
    assert "did not expect" in window.messages.text()
    button(window.messages, "Show report").click()
    dialog = next(w for w in QApplication.topLevelWidgets() if w.windowTitle() == "Error report")
    assert dialog.isVisible() and any(
        "report" in label.text() for label in dialog.findChildren(QLabel)
    )
    button(dialog, "&Delete").click()
    assert not report.exists()


def test_closing_while_pictures_are_read_ends_at_once(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    for i in range(30):
        folder = save(f"many/{i}.png", "red").parent
    drop(window, mime_of(folder))
    window.close()
    assert not window.isVisible()
