"""The program as a process of its own: what it bears before its window is there, and Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for the window's socket")

_PATIENCE = 120.0  # seconds; the machine may be busy


def start(home: Path, *arguments: str, before: str = "") -> subprocess.Popen[bytes]:
    """Start it without a screen, in a home of its own; ``before`` is done in the shell."""
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CONFIG_HOME": str(home / "config"),
    }
    command = ["sh", "-c", f'{before}exec "$@"', "sh", sys.executable, "-m", "florapp", *arguments]
    return subprocess.Popen(command, env=environment, cwd=home, stderr=subprocess.PIPE)


def wait_for_window(home: Path, process: subprocess.Popen[bytes]) -> None:
    over = time.monotonic() + _PATIENCE
    while not list(home.glob("florapp-*")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < over
        time.sleep(0.05)


@pytest.mark.parametrize("before", ["", "mkdir gone; cd gone; rmdir ../gone; "])
def test_ctrl_c_ends_it_and_the_next_start_has_nothing_to_report(
    tmp_path: Path, before: str
) -> None:
    """Also where the folder that it is started in is no more."""
    with start(tmp_path, str(tmp_path), "rose.jpg", before=before) as process:
        wait_for_window(tmp_path, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(_PATIENCE) == -signal.SIGINT
        assert process.stderr is not None and b"Traceback" not in process.stderr.read()

    from florapp.services.crash import left

    assert left(tmp_path / "state/FlorApp/crashes") == []
