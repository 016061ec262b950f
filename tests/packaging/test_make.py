"""`make run` opens the window, and without a display names the sample pictures in the terminal."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("make") is None, reason="needs Linux and make"
)


def make_run(bin_: Path, screen: dict[str, str], ending: int = 0) -> tuple[int, str, str]:
    """Run the recipe with a florapp that says what it was called with, and ends as it is told."""
    bin_.mkdir()
    for name, does in (
        ("python", f'exec {shlex.quote(sys.executable)} "$@"'),
        ("florapp", f'echo "florapp $*"; exit {ending}'),
    ):
        (bin_ / name).write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        (bin_ / name).chmod(0o755)
    none = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "XDG_RUNTIME_DIR": str(bin_.parent)}
    done = subprocess.run(
        ["make", "-o", ".venv/.run.stamp", f"BIN={bin_}", "run"],
        cwd=ROOT,
        env=os.environ | {"MAKEFLAGS": "", "MAKELEVEL": "0"} | none | screen,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("screen", "why"),
    [
        ({}, "DISPLAY and WAYLAND_DISPLAY are empty"),
        ({"QT_QPA_PLATFORM": "offscreen"}, "DISPLAY and WAYLAND_DISPLAY are empty"),
        ({"DISPLAY": ":7778"}, "none answers at :7778"),
        ({"WAYLAND_DISPLAY": "wayland-9"}, "none answers at wayland-9"),
        ({"DISPLAY": "127.0.0.1:0x"}, "none answers at 127.0.0.1:0x"),
    ],
    ids=str,
)
def test_without_a_display_the_samples_are_classified_and_it_says_so(
    tmp_path: Path, screen: dict[str, str], why: str
) -> None:
    assert make_run(tmp_path / "bin", screen) == (
        0,
        f"No display was found ({why}): classifying the sample pictures in the terminal.\n"
        "florapp classify assets/samples\n",
        "",
    )


@pytest.mark.parametrize("ending", [0, 1, 2, 130])  # the last is Ctrl-C
def test_with_a_display_the_window_opens_and_its_end_is_the_end(
    tmp_path: Path, ending: int
) -> None:
    (tmp_path / "wayland-9").touch()
    status, said, _ = make_run(tmp_path / "bin", {"WAYLAND_DISPLAY": "wayland-9"}, ending)
    assert (status == 0, said) == (ending == 0, "florapp \n")
