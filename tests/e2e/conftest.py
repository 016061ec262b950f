"""A screen that nobody sees, the real program on it, and hands and eyes to use it with."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from florapp.core.drawing import draw
from tests.e2e.desktop import (
    FLORAPP,
    HERE,
    PATIENCE,
    Desktop,
    Drag,
    FlorApp,
    Node,
    Window,
    eventually,
)
from tests.e2e.fakecam.fakecam import FakeCamera, Format, build
from tests.e2e.fakecam.fakecam import environment as environment_of
from tests.e2e.seen import HD, Flower, MakeCamera

TOOLS = ("Xvfb", "xdotool", "xclip", "dbus-daemon")
SOURCE = (1540, 840)  # where drag_source.py can be taken hold of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip these tests on other systems. On Linux they run: what is missing makes them fail."""
    if sys.platform != "linux":
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="needs an X server and AT-SPI"))


@contextmanager
def _server(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[str]:
    """Run a server, and yield the line that it prints when it is ready."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline().strip()
            assert line, f"{command[0]} did not start"
            yield line
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    assert not missing, f"{', '.join(missing)}: see packaging/linux/apt-packages.txt"
    home = tmp_path_factory.mktemp("desktop")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "LANG": "C.UTF-8",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        # Qt says which questions of AT-SPI it does not know.
        "QT_LOGGING_RULES": "qt.accessibility.atspi=false",
    }
    screen = ["-screen", "0", "1600x900x24", "-noreset", "-nolisten", "tcp"]
    with _server(["Xvfb", "-displayfd", "1", *screen], environment) as number:
        environment["DISPLAY"] = f":{number}"
        bus = ["dbus-daemon", "--session", "--nofork", "--print-address"]
        with _server(bus, environment) as address:
            environment["DBUS_SESSION_BUS_ADDRESS"] = address
            yield Desktop(environment)


@pytest.fixture(scope="session")
def camera_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("fakecam"))


@pytest.fixture
def with_cameras(camera_library: Path, tmp_path: Path) -> dict[str, str]:
    """Return the environment in which a program finds the cameras made by ``camera``, no others."""
    return environment_of(camera_library, tmp_path / "cameras")


@pytest.fixture
def camera(tmp_path: Path) -> Callable[..., FakeCamera]:
    """Return what makes a camera; it takes what FakeCamera takes, but the folder."""
    return partial(FakeCamera, tmp_path / "cameras")


@pytest.fixture
def florapp(desktop: Desktop, tmp_path: Path) -> FlorApp:
    """Return what starts the program, ends it with Ctrl+Q, and sees that it did not complain.

    ``complaint`` is a pattern of what Qt is known to say, and nobody can stop it from saying.
    """
    environment = desktop.environment | {"HOME": str(tmp_path / "home")}

    @contextmanager
    def started(
        *arguments: str,
        cwd: Path | None = None,
        extra: dict[str, str] | None = None,
        complaint: str = "",
    ) -> Iterator[Window]:
        complaints = tmp_path / "complaints.txt"
        with complaints.open("wb") as stderr:
            process = subprocess.Popen(
                [FLORAPP, *arguments], env=environment | (extra or {}), cwd=cwd, stderr=stderr
            )
        window = Window(desktop, process)
        try:
            yield window
            window.press("ctrl+q")
            assert process.wait(PATIENCE) == 0
            assert re.fullmatch(complaint, complaints.read_text())
        finally:
            process.kill()
            process.wait()
            print(complaints.read_text())  # for the report of a failure

    return started


@pytest.fixture
def drag(desktop: Desktop, tmp_path: Path) -> Iterator[Drag]:
    """Return what drags data, given by its formats, from another program onto a node.

    It returns the action that the other program was told. That one stays until the test ends: it
    hands the data over when it is asked, which may be after the drop.
    """
    said = tmp_path / "said.txt"
    with ExitStack() as ends:

        def told(start: str) -> str:
            lines = [line for line in said.read_text().splitlines() if line.startswith(start)]
            assert lines, said.read_text()
            return lines[-1].removeprefix(start)

        def dragged(formats: Mapping[str, bytes], onto: Node) -> str:
            offers = []
            for number, (name, data) in enumerate(formats.items()):
                file = tmp_path / f"offer{number}"
                file.write_bytes(data)
                offers.append(f"{name}={file}")
            command = [sys.executable, str(HERE / "drag_source.py"), *offers]
            with said.open("wb") as stdout:
                source = subprocess.Popen(command, env=desktop.environment, stdout=stdout)
            ends.callback(source.wait)
            ends.callback(source.kill)
            desktop.run("xdotool", "search", "--sync", "--onlyvisible", "--name", "Drag from here")
            desktop.run("xdotool", *_path(SOURCE, onto.middle))
            eventually(lambda: told("over CopyAction"))
            desktop.run("xdotool", "mouseup", "1")
            return eventually(lambda: told("dropped "))

        yield dragged


def _path(start: tuple[int, int], end: tuple[int, int]) -> list[str]:
    """Return what xdotool is to do: press at ``start`` and move to ``end`` as a hand does."""
    words = ["mousemove", *map(str, start), "sleep", "0.2", "mousedown", "1", "sleep", "0.1"]
    for step in range(1, 11):
        at = (a + (b - a) * step // 10 for a, b in zip(start, end, strict=True))
        words += ["mousemove", *map(str, at), "sleep", "0.05"]
    return words


@pytest.fixture(scope="session")
def flowers(desktop: Desktop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Flower]:
    """Return flowers that the model is sure of, not in the middle: a mirror changes them."""
    folder = tmp_path_factory.mktemp("flowers")
    pixels = {
        folder / f"{kind}.png": draw(kind, *HD, centre=(0.4, 0.5))
        for kind in ("common_dandelion", "sunflower", "oxeye_daisy")
    }
    for file, picture in pixels.items():
        Image.fromarray(picture).save(file)
    answers = desktop.classify(*pixels)
    return {
        file.stem.split("_")[-1]: Flower(pixels[file], file, answers[str(file)][0])
        for file in pixels
    }


@pytest.fixture
def garden(camera: MakeCamera, flowers: dict[str, Flower]) -> FakeCamera:
    """Return a camera that sees a dandelion; it is not plugged in."""
    garden = camera(formats=(Format("YUYV", *HD),))
    garden.show(flowers["dandelion"].pixels)
    return garden
