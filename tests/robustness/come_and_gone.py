"""The window gets pictures, answers and lets go of them, again and again: what does it hold then?

    python -m tests.robustness.come_and_gone MODEL FOLDER ROUNDS [OTHER_MODEL]

With another model the two take turns. Prints the megabytes after the first picture, and after the
last round.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from florapp.app import build, make_application
from florapp.services.settings import Settings
from florapp.ui.main_window import MainWindow
from tests.ui.hands import drop, entries, mime_of


def main(model: str, folder: str, rounds: str, other: str = "") -> None:
    application = make_application()
    assert isinstance(application, QApplication)
    settings = Settings(Path(tempfile.mkdtemp()) / "settings.json")
    settings.model = model
    window = build(application, settings, [])
    painted: list[bool] = []
    window.painted.connect(lambda: painted.append(True))
    window.show()
    _wait(lambda: bool(painted))
    pictures = sorted(Path(folder).iterdir())
    print(_held_after(window, pictures[:1]), flush=True)
    for number in range(int(rounds)):  # other ones at a time, by another number of them
        few = 2 + number % 3
        if other:
            _open(window, Path(model if number % 2 else other))
        held = _held_after(window, [*pictures, *pictures][number % len(pictures) :][:few])
    print(held, flush=True)
    os._exit(0)  # as the program ends


def _open(window: MainWindow, model: Path) -> None:
    session = window.workspace._session
    session.open_model(model)
    _wait(lambda: not session.opening)
    assert session.model_path == model


def _held_after(window: MainWindow, pictures: list[Path]) -> float:
    """Drop them, wait for their answers, remove them, and measure."""
    drop(window, mime_of(*pictures))
    _wait(lambda: [entry.result is not None for entry in entries(window)] == [True] * len(pictures))
    window.workspace._session.remove(range(len(pictures)))
    QTest.qWait(20)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _wait(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        QTest.qWait(5)


if __name__ == "__main__":
    main(*sys.argv[1:])
