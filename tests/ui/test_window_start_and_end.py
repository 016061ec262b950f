"""The real window from its first paint to its end: what is remembered, offered, and stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import (
    QAction,
)
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QWidget,
)
from pytestqt.qtbot import QtBot

from florapp.app import build
from florapp.core import images
from florapp.core.source import Source
from florapp.services.settings import ColourScheme, Settings
from florapp.ui.crash_dialog import offer_reports
from florapp.ui.main_window import MainWindow
from tests.ui.hands import (
    WAIT,
    button,
    drop,
    entries,
    mime_of,
    open_window,
)

Save = Callable[[str, str], Path]


def test_colours_and_size_are_remembered(
    qtbot: QtBot, qapp: QApplication, settings: Settings, tmp_path: Path
) -> None:
    first = open_window(qtbot, qapp, settings)
    first.resize(720, 520)
    dark = next(a for a in first.findChildren(QAction) if a.text() == "&Dark")
    dark.trigger()
    first.close()
    second = build(qapp, Settings(tmp_path / "settings.json"))
    qtbot.addWidget(second)
    assert (second.width(), second.height()) == (720, 520)
    assert settings.colours is ColourScheme.DARK
    assert qapp.palette().window().color().lightness() < 80
    second.close()


def test_nothing_but_the_window_is_shown_at_the_start(
    qtbot: QtBot, qapp: QApplication, settings: Settings
) -> None:
    seen: set[QObject] = set()

    class Shows(QObject):
        def eventFilter(self, widget: QObject, event: QEvent) -> bool:  # noqa: N802
            is_shown = event.type() == QEvent.Type.Show
            if is_shown and isinstance(widget, QWidget) and widget.isWindow():
                seen.add(widget)
            return False

    shows = Shows()
    qapp.installEventFilter(shows)
    window = open_window(qtbot, qapp, settings)
    qapp.removeEventFilter(shows)
    assert seen == {window} and window.isActiveWindow()
    window.close()


def test_reports_of_earlier_errors_are_offered(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    report = tmp_path / "20260101-000000-1-1.txt"
    report.write_text("FlorApp 0.1.0\nTraceback: it went wrong", encoding="utf-8")
    offer_reports([report], window.workspace.messages)
    assert "did not expect" in window.workspace.messages.text()
    button(window.workspace.messages, "Show report").click()
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
    window = open_window(qtbot, qapp, settings)
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
