"""A picture opened in the file manager goes to the window that is open, in the real program."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from florapp.core.drawing import draw
from tests.e2e.desktop import FLORAPP, PATIENCE, eventually

if TYPE_CHECKING:
    from tests.e2e.desktop import Desktop, FlorApp, Window


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    files = [tmp_path / "Röslein.png", tmp_path / "tulip.png"]
    for file in files:
        Image.fromarray(draw(file.stem.replace("Röslein", "rose"), 480, 360)).save(file)
    return files


def open_again(window: Window, *arguments: str, cwd: Path | None = None) -> int:
    """Start the program a second time, and wait until it has ended."""
    environment = window.desktop.environment
    return subprocess.run(
        [FLORAPP, *arguments], env=environment, cwd=cwd, timeout=PATIENCE, check=False
    ).returncode


def windows(desktop: Desktop) -> int:
    """Count the program's windows that are on the screen."""
    search = ["xdotool", "search", "--onlyvisible", "--name", "FlorApp$"]
    found = subprocess.run(
        search, env=desktop.environment, stdout=subprocess.PIPE, timeout=PATIENCE, check=False
    )
    return len(found.stdout.split())


def _assert_windows(desktop: Desktop, count: int) -> None:
    assert windows(desktop) == count


def test_the_second_picture_joins_the_first(
    florapp: FlorApp, desktop: Desktop, pictures: list[Path]
) -> None:
    first, second = pictures
    with florapp(str(first)) as window:
        window.expect(first)
        assert open_again(window, second.name, cwd=second.parent) == 0

        window.expect_strip(first, second)
        window.expect(second)
        assert windows(desktop) == 1


def test_a_minimised_window_comes_back(
    florapp: FlorApp, desktop: Desktop, pictures: list[Path]
) -> None:
    with florapp() as window:
        window.find("No picture yet")
        with window.minimised():
            eventually(lambda: _assert_windows(desktop, 0))
            assert open_again(window, str(pictures[0])) == 0
            eventually(lambda: _assert_windows(desktop, 1))
        window.expect(pictures[0])


def test_a_window_that_was_killed_is_in_nobodys_way(
    florapp: FlorApp, desktop: Desktop, pictures: list[Path]
) -> None:
    killed = subprocess.Popen([FLORAPP], env=desktop.environment)
    desktop.run("xdotool", "search", "--sync", "--onlyvisible", "--name", "FlorApp$")
    killed.kill()
    killed.wait()

    with florapp(str(pictures[0])) as window:
        window.expect(pictures[0])
