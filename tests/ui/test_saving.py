"""Answers and pictures leave the window, in files."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLineEdit,
)
from pytestqt.qtbot import QtBot

from florapp.core.source import Source
from florapp.services.settings import Settings
from florapp.ui import copying, saving, saving_picture
from florapp.ui.main_window import MainWindow
from tests.ui.hands import (
    WAIT,
    button,
    drop,
    entries,
    mime_of,
    said,
)

Plain = Callable[..., np.ndarray]
Save = Callable[[str, str], Path]


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
    assert window.workspace.messages.text() == f"{path} is there already. Replace it?"
    assert path.read_text() == "precious"
    button(window.workspace.messages, "Replace").click()
    qtbot.waitUntil(lambda: "saved to" in window.workspace.messages.text(), timeout=WAIT)
    assert window.workspace.messages.text() == (
        f"Answers saved to {path}: 2. Pictures that failed, with the reason: 1."
    )
    if path.suffix == ".JSON":
        path = path.rename(path.with_suffix(".json"))
    red, green, reason = reads(path)
    assert (red, green) == ("Red", "Green") and "zero bytes" in reason


def test_where_nothing_can_be_saved_another_place_is_asked_for(
    qtbot: QtBot,
    window: MainWindow,
    settings: Settings,
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
    qtbot.waitUntil(lambda: "could not be saved" in window.workspace.messages.text(), timeout=WAIT)
    assert settings.saved_in == ""  # where nothing could be saved, nobody begins
    button(window.workspace.messages, "Save…").click()
    qtbot.waitUntil(lambda: "saved to" in window.workspace.messages.text(), timeout=WAIT)
    assert reads(here) == ["Red"]


def test_what_was_told_or_asked_of_one_file_ends_with_the_next(
    qtbot: QtBot,
    window: MainWindow,
    save: Save,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop(window, mime_of(save("1.png", "red")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    messages = window.workspace.messages
    there = tmp_path / "there.csv"
    there.write_text("mine")
    names = ("gone/a.csv", "b.csv", "there.csv", "c.csv")
    chosen = iter(tmp_path / name for name in names)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(next(chosen)), ""))
    for expected in ("could not be saved", "saved to", "Replace it?", "saved to"):
        window.actions_.save.trigger()
        qtbot.waitUntil(partial(lambda said: said in messages.text(), expected), timeout=WAIT)
    messages.close_message()
    assert messages.text() == "" and there.read_text() == "mine"


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

    def slow(_: object, path: Path, *rest: object) -> None:
        go.wait(WAIT / 1000)
        path.write_text("answers")

    monkeypatch.setattr(saving, "save_answers", slow)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(path), ""))
    window.actions_.save.trigger()
    qtbot.waitUntil(window.workspace.saving.isVisible, timeout=WAIT)
    threading.Timer(0.2, go.set).start()
    window.close()
    assert path.read_text() == "answers"


def test_closing_waits_for_a_picture_of_the_camera_s_too(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is nowhere else."""
    path, go = tmp_path / "shot.jpg", threading.Event()

    def slow(path: Path, content: bytes) -> None:
        go.wait(WAIT / 1000)
        path.write_bytes(content)

    monkeypatch.setattr(saving_picture, "write_whole", slow)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(path), ""))
    (asking,) = window.findChildren(saving_picture.SavingPicture)
    asking.ask(Source("shot.jpg", b"\xff\xd8\xffpicture"))
    threading.Timer(0.2, go.set).start()
    window.close()
    assert path.read_bytes() == b"\xff\xd8\xffpicture"


def test_what_was_told_of_one_picture_stays_when_another_is_saved(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = iter((tmp_path / "gone" / "1.jpg", tmp_path / "2.jpg"))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(next(chosen)), ""))
    (asking,) = window.findChildren(saving_picture.SavingPicture)
    first, second = (Source(f"{i}.jpg", b"\xff\xd8\xff") for i in (1, 2))
    asking.ask(first)
    messages = window.workspace.messages
    qtbot.waitUntil(lambda: "could not be saved" in messages.text(), timeout=WAIT)
    asking.ask(second)
    qtbot.waitUntil((tmp_path / "2.jpg").exists, timeout=WAIT)
    assert "could not be saved" in messages.text()


def test_the_folder_that_was_saved_to_is_where_the_next_dialog_begins(
    qtbot: QtBot,
    window: MainWindow,
    settings: Settings,
    save: Save,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop(window, mime_of(save("1.png", "red")))
    qtbot.waitUntil(lambda: said(window).startswith("Answer: Red"), timeout=WAIT)
    begins: list[str] = []
    (tmp_path / "out").mkdir()

    def choose(_: object, __: str, place: str, *rest: object, **options: object) -> tuple[str, str]:
        begins.append(place)
        return str(tmp_path / f"out/{len(begins)}.csv"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    settings.folder = str(tmp_path / "gone")
    for _ in range(2):
        window.actions_.save.trigger()
        qtbot.waitUntil(lambda: "saved to" in window.workspace.messages.text(), timeout=WAIT)
        window.workspace.messages.close_message()
    assert begins == ["flowers", str(tmp_path / "out/flowers")]


def test_what_leaves_the_window_keeps_to_the_promise_of_its_dial(
    qtbot: QtBot, window: MainWindow, save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(window, mime_of(save("1.png", "red"), save("2.png", "green")))
    qtbot.waitUntil(
        lambda: len([entry for entry in entries(window) if entry.result]) == 2, timeout=WAIT
    )
    promises: list[float] = []

    def as_text(_: object, promise: float = 0.0) -> str:
        promises.append(promise)
        return "a"

    monkeypatch.setattr(copying, "as_text", as_text)
    monkeypatch.setattr(saving, "save_answers", lambda *given: promises.append(given[-1]))
    window.workspace.answer.dial.changed.emit(0.99)
    window.actions_.copy_all.trigger()
    window.workspace.strip.selectAll()
    window.actions_.copy.trigger()
    answer_dialog(qtbot, str(tmp_path / "flowers"), "*.csv")
    window.actions_.save.trigger()
    qtbot.waitUntil(lambda: len(promises) == 3, timeout=WAIT)
    assert promises == [0.99] * 3
