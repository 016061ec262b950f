"""The webcam in the window: seen, shot, named, closed. With real devices: tests/e2e."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from florapp.core.source import Source
from florapp.services.camera import State
from florapp.services.multimedia import Fault
from florapp.services.settings import Settings
from florapp.ui.camera_panel import CameraPanel
from florapp.ui.live_answer import LiveAnswer
from florapp.ui.main_window import MainWindow
from florapp.ui.notice import Notice
from florapp.ui.preview import Preview
from florapp.ui.shutter import Shutter
from tests.ui.camera_hands import become, find, halves, seen, show
from tests.ui.hands import WAIT, button, drop, entries, is_said, mime_of, said

Save = Callable[[str, str], Path]


def test_the_preview_is_a_mirror_and_the_picture_is_not(
    panel: CameraPanel, window: MainWindow, qtbot: QtBot
) -> None:
    show(panel, qtbot, "#ff0000", "#0000ff")
    assert seen(panel) == ("#0000ff", "#ff0000")
    mirror = button(panel, "Mirror")
    mirror.click()
    assert seen(panel) == ("#ff0000", "#0000ff")
    mirror.click()

    find(panel, Shutter).click()
    qtbot.waitUntil(lambda: len(entries(window)) == 1, timeout=WAIT)
    content = entries(window)[0].source.content
    assert isinstance(content, bytes)
    left, right = np.asarray(Image.open(io.BytesIO(content)))[24, [8, 56]]
    assert left[0] > 200 > 50 > left[2]
    assert right[2] > 200 > 50 > right[0]


def test_the_picture_taken_is_answered_while_the_camera_goes_on(
    panel: CameraPanel, window: MainWindow, qtbot: QtBot
) -> None:
    show(panel, qtbot, "red", "red")
    find(panel, Shutter).click()
    qtbot.waitUntil(lambda: is_said(window, "Answer: Red"), timeout=WAIT)
    assert window.workspace.strip.isVisible()  # the one place where the picture is seen now
    assert window.stage.currentWidget() is panel
    assert entries(window)[0].name.startswith("Camera 20")


def test_minimised_it_is_closed_and_comes_back_with_the_window(
    panel: CameraPanel, window: MainWindow, qtbot: QtBot, opened: list[str]
) -> None:
    window.showMinimized()
    qtbot.waitUntil(lambda: panel.camera.state is State.CLOSED, timeout=WAIT)
    window.showNormal()
    qtbot.waitUntil(lambda: len(opened) == 2, timeout=WAIT)


def test_the_end_of_the_window_closes_it(panel: CameraPanel, window: MainWindow) -> None:
    window.close()
    assert panel.camera.state is State.CLOSED


def test_none_is_made_when_the_window_is_closed_while_it_is_loaded(
    window: MainWindow, qtbot: QtBot
) -> None:
    webcam = window.workspace._webcam
    window.actions_.camera.trigger()
    window.close()
    qtbot.waitUntil(lambda: not webcam._background.busy, timeout=WAIT)
    assert not window.findChildren(CameraPanel)
    qtbot.waitUntil(
        lambda: not any(t.name == "florapp-frames" for t in threading.enumerate()), timeout=WAIT
    )


def test_a_dropped_picture_takes_its_place(
    panel: CameraPanel, window: MainWindow, qtbot: QtBot, save: Save
) -> None:
    drop(window, mime_of(save("blue.png", "blue")))
    qtbot.waitUntil(lambda: is_said(window, "Answer: Blue"), timeout=WAIT)
    assert window.stage.currentWidget() is window.picture
    assert panel.camera.state is State.CLOSED


def test_what_arrives_meanwhile_leaves_it_on(
    panel: CameraPanel, window: MainWindow, qtbot: QtBot, plain: Callable[..., np.ndarray]
) -> None:
    for name in ("fetched", "fetched too"):  # of the second the strip has the keyboard
        window.workspace._session.add_sources([Source(name, plain("blue"))])
        qtbot.waitUntil(lambda: is_said(window, "Answer: Blue"), timeout=WAIT)
        assert window.stage.currentWidget() is panel
        assert panel.camera.state is not State.CLOSED
        window.workspace.strip.setFocus()


def test_it_names_what_it_sees_while_it_is_asked_to(
    panel: CameraPanel, qtbot: QtBot, settings: Settings
) -> None:
    card = find(panel, LiveAnswer)
    assert not card.isVisible()
    button(panel, "Name it live").click()
    assert settings.live

    def named() -> None:
        panel.camera.frame.emit(halves("green", "green"))
        assert card.accessibleName().startswith("Green")

    qtbot.waitUntil(lambda: _holds(named), timeout=WAIT)
    assert card.isVisible()
    button(panel, "Name it live").click()
    assert not card.isVisible()


def _holds(check: Callable[[], None]) -> bool:
    try:
        check()
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_words_and_ways_on(
    panel: CameraPanel, window: MainWindow, qtbot: QtBot, opened: list[str], fault: Fault
) -> None:
    become(panel.camera, State.FAILED, fault)
    notice, preview = find(panel, Notice), find(panel, Preview)
    heading, words = (label.text() for label in notice.findChildren(QLabel))
    assert notice.isVisible()
    assert heading and words.endswith(".") and "{" not in words
    assert (preview.accessibleName(), preview.accessibleDescription()) == (heading, words)
    assert not find(panel, Shutter).isEnabled()
    button(panel, "Open pictures…")
    button(panel, "Try again").click()
    assert len(opened) == 2
    assert not notice.isVisible()


def test_the_picture_can_be_saved_under_the_time_it_was_taken(
    panel: CameraPanel,
    window: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save = window.actions_.save_picture
    assert not save.isEnabled()
    show(panel, qtbot, "red", "red")
    find(panel, Shutter).click()
    qtbot.waitUntil(lambda: is_said(window, "Answer: Red"), timeout=WAIT)
    proposed = []

    def choose(*asked: str, **_: object) -> tuple[str, str]:
        proposed.append(Path(asked[2]).name)
        return str(tmp_path / "mine 12.30"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    assert list(tmp_path.glob("**/*.jpg")) == []  # nothing until the user says so
    save.trigger()
    qtbot.waitUntil(lambda: "mine 12.30.jpg" in window.workspace.messages.text(), timeout=WAIT)
    assert proposed == [entries(window)[0].name]
    content = entries(window)[0].source.content
    assert (tmp_path / "mine 12.30.jpg").read_bytes() == content

    (tmp_path / "mine 12.30.jpg").write_bytes(b"another")
    save.trigger()
    button(window, "Save picture…")
    assert (tmp_path / "mine 12.30.jpg").read_bytes() == b"another"
    button(window, "Replace").click()
    qtbot.waitUntil(lambda: "Picture saved" in window.workspace.messages.text(), timeout=WAIT)
    assert (tmp_path / "mine 12.30.jpg").read_bytes() == content


def test_what_the_user_chose_is_remembered(
    panel: CameraPanel, settings: Settings, window: MainWindow
) -> None:
    button(panel, "Mirror").click()
    assert not settings.mirrored
    assert said(window) == "Answer: no picture yet"
