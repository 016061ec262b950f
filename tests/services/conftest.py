"""A session with the tiny model, pictures of one colour, and slow ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from florapp.core import images
from florapp.core.source import Source
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


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the reading of pictures called "slow" wait for this, for the network and the screen."""
    go, real = threading.Event(), images.decode

    def decode(source: Source, at_least: int | None = None) -> images.Picture:
        if source.name.startswith("slow"):
            go.wait(30)
        return real(source, at_least)

    monkeypatch.setattr("florapp.core.readers.decode", decode)
    monkeypatch.setattr("florapp.core.images.decode", decode)
    yield go
    go.set()
