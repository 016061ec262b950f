"""The camera that the tests make does to Qt what a real one does, healthy and broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from florapp.core.drawing import draw
from tests.e2e.desktop import HERE, PATIENCE, eventually
from tests.e2e.fakecam.fakecam import FakeCamera, Fault, Format

MakeCamera = Callable[..., FakeCamera]
BUSY = "Camera is in use"


class Viewer:
    """A program that looks through the camera by Qt, see fakecam/viewer.py."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def expect(self, **wanted: Any) -> None:
        """Wait until this is what Qt says; of ``frames``, whether there are any."""

        def look() -> None:
            state = self._state()
            assert {key: state.get(key) for key in wanted} == wanted, state

        eventually(look)

    def expect_for_a_second(self, **wanted: Any) -> None:
        """Wait until Qt says so, and see that it goes on to say it."""
        self.expect(**wanted)
        for _ in range(3):
            (self._folder / "state.json").unlink()
            eventually(self._assert_new)
            state = self._state()
            assert {key: state.get(key) for key in wanted} == wanted, state

    def _assert_new(self) -> None:
        assert (self._folder / "state.json").exists()

    def _state(self) -> dict[str, Any]:
        try:
            state = json.loads((self._folder / "state.json").read_text())
        except FileNotFoundError:
            return {}
        return state | {"frames": state["frames"] > 0}

    def frame(self) -> np.ndarray:
        """Return a frame's pixels."""
        with Image.open(self._folder / "frame.png") as image:
            return np.asarray(image.convert("RGB"), float)


@pytest.fixture
def view(with_cameras: dict[str, str], tmp_path: Path) -> Iterator[Callable[[], Viewer]]:
    """Return what starts the viewer, with the cameras that are plugged in."""
    folder = tmp_path / "viewer"
    folder.mkdir()
    started: list[subprocess.Popen[bytes]] = []

    def start() -> Viewer:
        quiet = {"QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "qt.multimedia.*=false"}
        environment = os.environ | with_cameras | quiet
        command = [sys.executable, str(HERE / "fakecam" / "viewer.py"), str(folder)]
        started.append(subprocess.Popen(command, env=environment))
        return Viewer(folder)

    yield start
    for viewer in started:
        assert viewer.poll() is None, "it crashed"
        viewer.terminate()
        viewer.wait(PATIENCE)


@pytest.mark.parametrize("code", ["YUYV", "UYVY", "NV12", "MJPG", "GREY"])
def test_the_frames_have_the_pixels_of_the_picture(
    camera: MakeCamera, view: Callable[[], Viewer], code: str
) -> None:
    rose = draw("rose", 640, 480)
    garden = camera(formats=(Format(code),))
    garden.show(rose)
    garden.plug()
    viewer = view()
    viewer.expect(cameras=["Garden camera"], error="", frames=True)

    wanted = Image.fromarray(rose).convert("L" if code == "GREY" else "RGB").convert("RGB")
    assert np.abs(viewer.frame() - np.asarray(wanted, float)).mean() < 2  # of 255


def test_a_new_picture_is_seen_while_it_streams(
    camera: MakeCamera, view: Callable[[], Viewer]
) -> None:
    garden = camera()
    garden.show(np.zeros((480, 640, 3), np.uint8))
    garden.plug()
    viewer = view()
    viewer.expect(frames=True)
    garden.show(np.full((480, 640, 3), 255, np.uint8))

    def look() -> None:
        assert viewer.frame().mean() > 250

    eventually(look)


def test_no_camera(view: Callable[[], Viewer]) -> None:
    view().expect(cameras=[], nodes=[], access=False)


def test_two_cameras(camera: MakeCamera, view: Callable[[], Viewer]) -> None:
    camera(0, "Garden").plug()
    camera(1, "Balcony").plug()
    view().expect(cameras=["Garden", "Balcony"], nodes=["video0", "video1"])


def test_no_permission_looks_like_no_camera_but_for_the_node(
    camera: MakeCamera, view: Callable[[], Viewer]
) -> None:
    garden = camera()
    garden.show(draw("tulip"))
    garden.suffer(Fault.NO_PERMISSION)
    garden.plug()
    viewer = view()
    viewer.expect(cameras=[], nodes=["video0"], access=False)

    garden.suffer(None)
    viewer.expect(cameras=["Garden camera"], access=True, frames=True)


@pytest.mark.parametrize(
    ("formats", "fault"),
    [
        ((Format("H265"),), None),
        ((Format("BA81"),), None),
        ((), None),
        ((Format(),), Fault.NO_CAMERA),
    ],
)
def test_a_camera_that_is_of_no_use_is_not_listed(
    camera: MakeCamera,
    view: Callable[[], Viewer],
    formats: tuple[Format, ...],
    fault: Fault | None,
) -> None:
    useless = camera(formats=formats)
    useless.suffer(fault)
    useless.plug()
    view().expect(cameras=[], nodes=["video0"], access=True)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.ONLY_FOR_READING, "Cannot open camera"),
        (Fault.BUSY_AT_FORMAT, BUSY),
        (Fault.BUSY_AT_BUFFERS, BUSY),
        (Fault.BUSY_AT_STREAM, ""),
        (Fault.SILENT, ""),
    ],
)
def test_a_camera_that_does_not_start(
    camera: MakeCamera, view: Callable[[], Viewer], fault: Fault, error: str
) -> None:
    garden = camera()
    garden.show(draw("tulip"))
    garden.suffer(fault)
    garden.plug()
    viewer = view()
    viewer.expect_for_a_second(cameras=["Garden camera"], error=error, frames=False)


def test_a_camera_that_stops_and_goes_on(camera: MakeCamera, view: Callable[[], Viewer]) -> None:
    garden = camera()
    garden.show(draw("tulip"))
    garden.plug()
    viewer = view()
    viewer.expect(frames=True)

    garden.suffer(Fault.SILENT)
    viewer.expect_for_a_second(cameras=["Garden camera"], error="", frames=False)

    garden.suffer(None)
    viewer.expect(frames=True)


def test_a_camera_that_is_unplugged_and_plugged_in_again(
    camera: MakeCamera, view: Callable[[], Viewer]
) -> None:
    garden = camera()
    garden.show(draw("tulip"))
    garden.plug()
    viewer = view()
    for _ in range(3):
        viewer.expect(cameras=["Garden camera"], frames=True)
        garden.assert_open()

        garden.unplug()
        viewer.expect(cameras=[], frames=False)
        eventually(garden.assert_closed)

        garden.plug()
