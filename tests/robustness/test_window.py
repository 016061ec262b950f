"""A short while of random events; random_events.py itself goes on for as long as one likes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

from tests.robustness import guard
from tests.robustness.reader import ROOT

pytestmark = pytest.mark.timeout(300)


def _assert_borne(*arguments: str, **options: Any) -> None:
    assert shutil.which("cc"), "cc, for the camera: see packaging/linux/apt-packages.txt"
    ended = subprocess.run(
        [sys.executable, "-m", "tests.robustness.random_events", *arguments],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
        **options,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "'plug': " in ended.stdout  # there was a camera
    assert "threads at rest, second and last third" in ended.stdout


def test_the_window_bears_random_events() -> None:
    _assert_borne("--events", "120", "--seed", "3")


def test_nor_do_they_open_a_socket_to_a_network() -> None:
    """Unless somebody agrees to fetch pictures, and here nobody can."""
    _assert_borne("--events", "60", "--seed", "4", "--no-fetch", preexec_fn=guard.no_network)
