"""A short while of random events; random_events.py itself goes on for as long as one likes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.robustness.reader import ROOT


@pytest.mark.timeout(300)
def test_the_window_bears_random_events() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.robustness.random_events", "--events", "120", "--seed", "3"],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "FLORAPP_MONKEY": ""},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "events" in ended.stdout
