"""The real window, as a user meets it: drops, keys, messages, menus."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QAccessible,
    QAction,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from florapp.app import build
from florapp.core import images
from florapp.core.prediction import Answer
from florapp.core.source import Source
from florapp.services.pictures import Entry, PictureList
from florapp.services.settings import ColourScheme, Settings
from florapp.services.web import Fetch
from florapp.ui import main_window
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


def is_said(window: MainWindow, words: str) -> bool:
    return words in said(window)


def entries(window: MainWindow) -> list[Entry]:
    pictures = window.strip.model()
    assert isinstance(pictures, PictureList)
    return list(pictures)


def button(window: QWidget, text: str) -> QAbstractButton:
    return next(
        b for b in window.findChildren(QAbstractButton) if b.text() == text and b.isVisible()
    )


def press(
    window: MainWindow,
    key: Qt.Key,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press a key as the system does: the modifiers are known to be held."""
    QTest.keyClick(window.windowHandle(), key, held)


def selected(window: MainWindow) -> list[int]:
    return sorted(index.row() for index in window.strip.selectionModel().selectedIndexes())


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
    with qtbot.waitActive(window):
        window.activateWindow()
    assert window.strip.hasFocus()
    press(window, Qt.Key.Key_Right)
    for answer, left in (("Blue", ["0.png", "2.png"]), ("Red", ["0.png"]), ("no picture yet", [])):
        press(window, Qt.Key.Key_Delete)
        assert [entry.name for entry in entries(window)] == left
        assert selected(window) == ([len(left) - 1] if left else [])
        qtbot.waitUntil(partial(is_said, window, answer), timeout=WAIT)
    assert not window.actions_.remove.isEnabled()
    drop(window, mime_of(*paths))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    window.actions_.select_all.trigger()
    window.actions_.remove.trigger()
    assert "no picture yet" in said(window)
    assert all(path.exists() for path in paths)
    drop(window, mime_of(paths[2]))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Blue"), timeout=WAIT)


def test_pasted_pixels_are_named_and_a_text_is_not(qtbot: QtBot, window: MainWindow) -> None:
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    QGuiApplication.clipboard().setImage(image)
    with qtbot.waitActive(window):
        window.activateWindow()
    for number in range(3):
        press(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        assert selected(window) == [number]
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


def test_answers_are_copied(qtbot: QtBot, window: MainWindow, save: Save) -> None:
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

    window.messages.show_message("A reason to pass on.", "error")
    reason = window.messages.findChild(QLabel, "messageText")
    assert isinstance(reason, QLabel)
    with qtbot.waitActive(window):
        window.activateWindow()
    reason.setFocus()
    reason.setSelection(2, 6)
    press(window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "reason"


def reads(path: Path) -> list[str]:
    """Return the best name of each picture in a saved file, or its error."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".csv":
        rows = list(csv.DictReader(text.splitlines()))
        return [row["name"] or row["error"] for row in rows if row["rank"] in ("1", "")]
    records = json.loads(text) if path.suffix == ".json" else map(json.loads, text.splitlines())
    return [r["predictions"][0]["name"] if "predictions" in r else r["error"] for r in records]


def answer_dialog(qtbot: QtBot, name: str, kind: str) -> None:
    """Type ``name`` into the dialog that opens next, choose a kind of file, and accept."""

    def fill() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        dialog.selectNameFilter(next(f for f in dialog.nameFilters() if kind in f))
        line = dialog.findChild(QLineEdit, "fileNameEdit")
        assert isinstance(line, QLineEdit)
        line.setText(name)
        dialog.accept()

    QTimer.singleShot(0, fill)


@pytest.mark.parametrize(
    ("typed", "kind", "file"),
    [
        ("flowers", "*.csv", "flowers.csv"),
        ("flowers", "*.json)", "flowers.json"),
        ("flowers of 3.5", "*.jsonl", "flowers of 3.5.jsonl"),
        ("flowers.JSON", "*.csv", "flowers.JSON"),
    ],
)
def test_answers_are_saved_as_they_are_called(
    qtbot: QtBot, window: MainWindow, save: Save, tmp_path: Path, typed: str, kind: str, file: str
) -> None:
    empty = save("3.png", "red")
    empty.write_bytes(b"")
    drop(window, mime_of(save("1.png", "red"), save("2.png", "green"), empty))
    qtbot.waitUntil(
        lambda: len([entry for entry in entries(window) if entry.result]) == 3, timeout=WAIT
    )
    path = tmp_path / file
    path.write_text("precious")

    answer_dialog(qtbot, str(tmp_path / typed), kind)
    window.actions_.save.trigger()
    assert window.messages.text() == f"{path} is there already. Replace it?"
    assert path.read_text() == "precious"
    button(window.messages, "Replace").click()
    qtbot.waitUntil(lambda: "saved to" in window.messages.text(), timeout=WAIT)
    assert window.messages.text() == (
        f"Answers saved to {path}: 2. Pictures that failed, with the reason: 1."
    )
    if path.suffix == ".JSON":
        path = path.rename(path.with_suffix(".json"))
    red, green, reason = reads(path)
    assert (red, green) == ("Red", "Green") and "zero bytes" in reason


def test_where_nothing_can_be_saved_another_place_is_asked_for(
    qtbot: QtBot,
    window: MainWindow,
    save: Save,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop(window, mime_of(save("1.png", "red")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    nowhere, here = tmp_path / "gone" / "flowers.csv", tmp_path / "flowers.csv"
    chosen = iter((nowhere, here))
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_, **__: (str(next(chosen)), "Table (*.csv)")
    )
    window.actions_.save.trigger()
    qtbot.waitUntil(lambda: "could not be saved" in window.messages.text(), timeout=WAIT)
    button(window.messages, "Save…").click()
    qtbot.waitUntil(lambda: "saved to" in window.messages.text(), timeout=WAIT)
    assert reads(here) == ["Red"]


def test_closing_waits_for_what_is_being_saved(
    qtbot: QtBot,
    window: MainWindow,
    save: Save,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop(window, mime_of(save("1.png", "red")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    path, go = tmp_path / "flowers.csv", threading.Event()

    def slow(_: object, path: Path) -> None:
        go.wait(WAIT / 1000)
        path.write_text("answers")

    monkeypatch.setattr(main_window, "save_answers", slow)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(path), ""))
    window.actions_.save.trigger()
    qtbot.waitUntil(window.saving.isVisible, timeout=WAIT)
    threading.Timer(0.2, go.set).start()
    window.close()
    assert path.read_text() == "answers"


def test_a_folder_can_be_stopped_and_gone_on_with(
    qtbot: QtBot, window: MainWindow, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, decode = threading.Event(), images.decode

    def slow(source: Source, at_least: int | None = None) -> images.Picture:
        if "many" in source.name:
            go.wait(WAIT / 1000)
        return decode(source, at_least)

    monkeypatch.setattr("florapp.core.pipeline.decode", slow)
    for i in range(12):
        folder = save(f"many/{i}.png", "red").parent
    drop(window, mime_of(folder))
    qtbot.waitUntil(lambda: len(entries(window)) == 12, timeout=WAIT)
    qtbot.waitUntil(window.progress.button.isVisible, timeout=WAIT)
    button(window.progress, "Stop").click()
    assert window.progress.label.text() == "Stopped: 0 of 12 pictures answered"
    drop(window, mime_of(save("more.png", "blue")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Blue"), timeout=WAIT)
    assert window.progress.label.text() == "Stopped: 1 of 13 pictures answered"
    button(window.progress, "Go on").click()
    go.set()
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
    qtbot.waitUntil(lambda: not Shiboken.isValid(card), timeout=WAIT)


def test_a_remembered_model_that_is_gone_is_told_of_once(
    qtbot: QtBot,
    qapp: QApplication,
    settings: Settings,
    save: Save,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("florapp.services.models.shipped_model", lambda: tiny_model)
    monkeypatch.setattr("florapp.services.gather.sources_in", endless)
    settings.model = str(tmp_path / "gone.onnx")
    settings.remember(settings.model)
    window = build(qapp, settings)
    qtbot.addWidget(window)
    drop(window, mime_of(save("a.png", "red")))
    window.show()
    qtbot.waitUntil(lambda: "gone.onnx" in window.messages.text(), timeout=WAIT)
    assert "taken it off the Model menu" in window.messages.text()
    assert (settings.model, settings.models) == ("", ())
    reason = "No model is open. Choose one in the Model menu."
    qtbot.waitUntil(lambda: said(window) == f"No answer: {reason}", timeout=WAIT)
    qtbot.waitUntil(window.progress.isVisible, timeout=WAIT)
    assert window.progress.label.text() == reason
    button(window.progress, "Stop").click()
    qtbot.waitUntil(lambda: not window.progress.button.isVisible(), timeout=WAIT)
    found = len(entries(window))
    qtbot.wait(300)
    assert len(entries(window)) == found

    button(window.messages, "Use FlorApp's own").click()
    qtbot.waitUntil(lambda: said(window).startswith("Answer: "), timeout=WAIT)
    assert not window.messages.isVisible()
    window.close()


def endless(paths: list[Path]) -> Iterator[Source]:
    while True:
        threading.Event().wait(0.02)
        yield Source.of(paths[0])


def test_files_of_one_name_are_told_apart_in_the_menu(
    window: MainWindow, settings: Settings
) -> None:
    for folder in ("/a", "/b"):
        settings.remember(f"{folder}/black & white.onnx")
    (menu,) = (m for m in window.menuBar().findChildren(QMenu) if m.title() == "&Model")
    menu.aboutToShow.emit()
    shown = [(a.text(), Path(a.toolTip())) for a in menu.actions() if "white" in a.text()]
    names = ("/b/black & white.onnx", "/a/black & white.onnx")
    assert shown == [("black && white.onnx", Path(name)) for name in names]
    assert menu.toolTipsVisible()


def test_everything_is_reached_by_keyboard_and_has_a_name(
    qtbot: QtBot, window: MainWindow, save: Save
) -> None:
    drop(window, mime_of(save("a.png", "red"), save("b.png", "green")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    window.messages.show_message("Something is wrong.", "error", [("Mend it", list)])
    window.fetching.tell("Fetching…")
    qtbot.waitUntil(window.fetching.isVisible, timeout=WAIT)
    with qtbot.waitActive(window):
        window.activateWindow()
    assert window.strip.hasFocus()
    names = []
    for _ in range(4):
        focus = QApplication.focusWidget()
        assert focus is not None
        names.append(QAccessible.queryAccessibleInterface(focus).text(QAccessible.Text.Name))
        press(window, Qt.Key.Key_Tab)
    assert names == ["Pictures", "Cancel", "Mend it", "Close this message"]
    assert window.strip.hasFocus()  # and round again
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
    qtbot: QtBot,
    qapp: QApplication,
    settings: Settings,
    save: Save,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, go, decode = threading.Event(), threading.Event(), images.decode

    def slow(source: Source, at_least: int | None = None) -> images.Picture:
        reading.set()
        go.wait(WAIT / 1000)
        return decode(source, at_least)

    monkeypatch.setattr("florapp.core.pipeline.decode", slow)
    before = set(threading.enumerate())
    window = build(qapp, settings)
    qtbot.addWidget(window)
    window.show()
    for i in range(30):
        folder = save(f"many/{i}.png", "red").parent
    drop(window, mime_of(folder))
    qtbot.waitUntil(lambda: len(entries(window)) == 30 and reading.is_set(), timeout=WAIT)

    assert window.close()
    go.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(WAIT / 1000)
        assert not thread.is_alive(), thread
    qtbot.wait(200)
    assert all(entry.result is None for entry in entries(window))
