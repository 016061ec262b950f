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

from florapp.app import build
from florapp.services.settings import Settings
from florapp.ui.main_window import MainWindow
from tests.ui.hands import (
    WAIT,
)

Plain = Callable[..., np.ndarray]
Save = Callable[[str, str], Path]


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
