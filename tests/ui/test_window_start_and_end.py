"""The real window from its first paint to its end: what is remembered, offered, and stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QSize
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from florapp.app import build
from florapp.core import images
from florapp.core.source import Source
from florapp.services.settings import ColourScheme, Settings
from florapp.ui.crash_dialog import offer_reports
from florapp.ui.main_window import MainWindow
from florapp.ui.menus import Tools
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

    monkeypatch.setattr("florapp.core.readers.decode", slow)
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


def test_how_the_window_is_divided_is_remembered(
    qtbot: QtBot, qapp: QApplication, settings: Settings, tmp_path: Path
) -> None:
    first = open_window(qtbot, qapp, settings)
    before = first.across.sizes()
    first.across.setSizes([before[0] + 60, before[1] - 60])
    moved = first.across.sizes()
    assert moved != before
    first.close()
    second = open_window(qtbot, qapp, Settings(tmp_path / "settings.json"))
    assert second.across.sizes() == moved
    second.close()


def test_the_first_window_is_no_larger_than_the_screen(
    qapp: QApplication, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Screen:
        def availableSize(self) -> QSize:  # noqa: N802
            return QSize(640, 400)  # 1280 x 800 at 200 %

    monkeypatch.setattr(MainWindow, "screen", lambda _: Screen())
    window = build(qapp, settings)
    assert window.width() <= 640 and window.height() <= 400
    window.deleteLater()


def test_the_tools_stay_whatever_is_clicked(
    qtbot: QtBot, qapp: QApplication, settings: Settings
) -> None:
    window = open_window(qtbot, qapp, settings)
    place = QPoint(window.menuBar().width() - 5, 5)
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, place, window.menuBar().mapToGlobal(place)
    )
    QApplication.sendEvent(window.menuBar(), event)
    assert QApplication.activePopupWidget() is None
    window.close()


def test_tools_have_words_only_where_all_of_them_have_room(
    qtbot: QtBot, qapp: QApplication, settings: Settings
) -> None:
    window = open_window(qtbot, qapp, settings)
    (tools,) = window.findChildren(Tools)
    font = window.font()
    for points in (9, 11, 14, 20):
        font.setPointSize(points)
        tools.setFont(font)
        for width in (640, 960, 1080, 1400, 2000):
            window.resize(width, 700)
            QApplication.processEvents()
            buttons = tools.findChildren(QToolButton)
            shown = [each for each in buttons if each.isVisible() and each.defaultAction()]
            if tools.width() >= 640 and points < 20:
                assert len(shown) == 7, (points, width)
    window.close()
