"""The real window with the tiny model, and pictures of one colour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import (
    QApplication,
)
from pytestqt.qtbot import QtBot

from florapp.services.camera import Camera, State
from florapp.services.settings import Settings
from florapp.ui.camera_panel import CameraPanel
from florapp.ui.main_window import MainWindow
from tests.ui.camera_hands import become
from tests.ui.hands import WAIT, open_window

Plain = Callable[..., np.ndarray]
Save = Callable[[str, str], Path]


@pytest.fixture
def settings(tmp_path: Path, tiny_model: Path) -> Settings:
    made = Settings(tmp_path / "settings.json")
    made.model = str(tiny_model)
    return made


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, settings: Settings) -> Iterator[MainWindow]:
    made = open_window(qtbot, qapp, settings)
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


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every camera stream at once, and note which were asked for."""
    asked: list[str] = []

    def open_(camera: Camera, wanted: str = "") -> None:
        asked.append(wanted)
        become(camera, State.STREAMING)

    monkeypatch.setattr(Camera, "open", open_)
    return asked


@pytest.fixture
def panel(window: MainWindow, opened: list[str], qtbot: QtBot) -> CameraPanel:
    """The panel in the window, with a camera that streams."""
    window.actions_.camera.trigger()
    qtbot.waitUntil(lambda: isinstance(window.stage.currentWidget(), CameraPanel), timeout=WAIT)
    found = window.stage.currentWidget()
    assert isinstance(found, CameraPanel)
    qtbot.waitUntil(window.actions_.show_card.isEnabled, timeout=WAIT)
    return found
