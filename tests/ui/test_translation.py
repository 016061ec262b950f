"""What failed is told in the user's language wherever the window tells it."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from florapp.ui.main_window import MainWindow
from tests.services.loud import loud
from tests.ui.hands import WAIT, drop, is_said, mime_of


def test_the_window_tells_in_the_users_language_why_there_is_no_answer(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"")
    with loud():
        drop(window, mime_of(broken))
        words = "THE FILE IS EMPTY (ZERO BYTES). COPY IT AGAIN FROM WHERE IT CAME FROM."
        qtbot.waitUntil(lambda: is_said(window, words), timeout=WAIT)
    assert window.picture.accessibleDescription() == words
