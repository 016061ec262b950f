"""The program, which tells when it is reading; what is called "hang" is read for ever.

    python -m tests.robustness.ending classify ...
    python -m tests.robustness.ending window MODEL PATH...

It prints "reading" whenever a decoder begins, or a file that hangs is opened, and "read" whenever a
decoder has ended. The window is closed when a line comes in.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

from florapp.__main__ import main
from florapp.core.memory import DECODING, Room

_open, _hold = Path.open, Room.hold


def _tell(word: bytes) -> None:
    os.write(1, word + b"\n")


def _hang(path: Path, *arguments: Any, **options: Any) -> Any:
    if path.stem.startswith("hang"):
        _tell(b"reading")
        threading.Event().wait()
    return _open(path, *arguments, **options)


@contextmanager
def _told(room: Room, amount: int) -> Iterator[None]:
    with _hold(room, amount):
        if room is DECODING:
            _tell(b"reading")
        yield
        if room is DECODING:
            _tell(b"read")


def _window(model: str, paths: Sequence[str]) -> NoReturn:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QSocketNotifier
    from PySide6.QtWidgets import QApplication

    from florapp import app
    from florapp.services.settings import Settings
    from florapp.ui.main_window import MainWindow

    build = app.build

    def closable(
        application: QApplication, settings: Settings, paths: Sequence[Path] = ()
    ) -> MainWindow:
        settings.model = model
        window = build(application, settings, paths)
        line = QSocketNotifier(0, QSocketNotifier.Type.Read, window)

        def close() -> None:
            line.setEnabled(False)
            window.close()

        line.activated.connect(close)
        return window

    app.build = closable
    app.main(paths)


if __name__ == "__main__":
    with (
        patch.object(Path, "open", _hang),
        patch.object(Room, "hold", _told),
    ):
        if sys.argv[1] == "window":
            _window(sys.argv[2], sys.argv[3:])
        sys.exit(main())
