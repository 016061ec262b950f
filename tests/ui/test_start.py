"""The frame is there soon: it does without what PySide takes long to make."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_CHILD = """
import sys
from pathlib import Path
from florapp.app import make_application
from florapp.services.settings import ColourScheme, Settings
from florapp.ui.main_window import MainWindow
from florapp.ui.theme import Look
from PySide6 import QtCore, QtGui, QtWidgets

def painted():
    slow = {"Qt": QtCore, "QStyle": QtWidgets, "QTouchEvent": QtGui}
    print("core:", *sorted(name for name in sys.modules if name.startswith("florapp.core.")))
    print("made:", *(name for name, module in slow.items() if name in vars(module)))
    QtCore.Qt.Key.Key_A
    print("made then:", *(name for name, module in slow.items() if name in vars(module)))
    application.quit()

application = make_application()
settings = Settings(Path(sys.argv[1]))
settings.colours = ColourScheme(sys.argv[2])
Look(application).wear(settings.colours)
window = MainWindow(settings)
window.painted.connect(painted)
window.show()
application.exec()
"""


@pytest.mark.parametrize("colours", ["system", "dark"])
def test_the_frame_is_painted_without_what_takes_long_to_load(tmp_path: Path, colours: str) -> None:
    """docs/decisions/013: large namespaces of Qt, an eighth of the start, and most of the core."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(tmp_path / "settings.json"), colours],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    core = "core: florapp.core.conformal florapp.core.errors florapp.core.paths"
    assert done.stdout.splitlines() == [core, "made:", "made then: Qt"], done
