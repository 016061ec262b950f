"""A session with the tiny model, and pictures of one colour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from florapp.services.session import Session
from tests.services.sessions import WAIT

Plain = Callable[..., np.ndarray]


@pytest.fixture
def session(qtbot: QtBot, tiny_model: Path) -> Iterator[Session]:
    made = Session()
    with qtbot.waitSignal(made.model_opened, timeout=WAIT):
        made.open_model(tiny_model)
    yield made
    made.close()


@pytest.fixture
def save(tmp_path: Path, plain: Plain) -> Callable[[str, str], Path]:
    def save(name: str, colour: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(plain(colour)).save(path)
        return path

    return save
