"""Which format of a camera is taken. Opening and every fault: tests/e2e/test_camera.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QSize
from PySide6.QtMultimedia import QVideoFrameFormat
from pytestqt.qtbot import QtBot

from florapp.services import camera
from florapp.services.camera import Camera, State, best_format
from florapp.services.multimedia import Fault, has_backend

Pixel = QVideoFrameFormat.PixelFormat


@dataclass
class Offered:
    """What QCameraFormat says; Qt makes no such object but for a real camera."""

    width: int
    height: int
    rate: float
    pixel: Pixel = Pixel.Format_YUYV

    def resolution(self) -> QSize:
        return QSize(self.width, self.height)

    def maxFrameRate(self) -> float:  # noqa: N802
        return self.rate

    def pixelFormat(self) -> Pixel:  # noqa: N802
        return self.pixel


MJPEG_4K = Offered(3840, 2160, 30, Pixel.Format_Jpeg)
MJPEG_720 = Offered(1280, 720, 30, Pixel.Format_Jpeg)
YUYV_720 = Offered(1280, 720, 30)
YUYV_720_SLOW = Offered(1280, 720, 10)
YUYV_VGA = Offered(640, 480, 30)
UNKNOWN = Offered(1280, 720, 30, Pixel.Format_Invalid)


@pytest.mark.parametrize(
    ("offered", "best"),
    [
        ([MJPEG_4K, YUYV_VGA, YUYV_720, MJPEG_720], YUYV_720),
        ([MJPEG_4K, YUYV_720_SLOW, YUYV_VGA, MJPEG_720], MJPEG_720),
        ([YUYV_720_SLOW, YUYV_VGA], YUYV_VGA),
        ([MJPEG_4K, YUYV_VGA], YUYV_VGA),
        ([YUYV_720_SLOW], YUYV_720_SLOW),
        ([UNKNOWN, YUYV_VGA], YUYV_VGA),
        ([Offered(160, 120, 30), Offered(1280, 720, 23.976)], Offered(1280, 720, 23.976)),
        ([Offered(160, 120, 30), Offered(640, 480, 15)], Offered(640, 480, 15)),
        ([Offered(160, 120, 30)], Offered(160, 120, 30)),
        ([Offered(1280, 720, 60), YUYV_720], YUYV_720),
        ([UNKNOWN], None),
        ([], None),
    ],
)
def test_the_fluid_format_nearest_to_720_lines_is_taken(
    offered: list[Offered], best: Offered | None
) -> None:
    assert best_format(offered) == best  # type: ignore[arg-type]


def test_the_part_of_qt_that_speaks_to_cameras_is_here(qtbot: QtBot) -> None:
    assert has_backend()


@pytest.fixture
def make(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Camera]]:
    """Make a Camera that finds no device."""
    made = []
    monkeypatch.setattr(Camera, "devices", staticmethod(list))

    def make(*, backend: bool = True) -> Camera:
        monkeypatch.setattr(camera, "has_backend", lambda: backend)
        made.append(Camera())
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_without_the_backend_it_says_so(make: Callable[..., Camera]) -> None:
    without = make(backend=False)
    without.open()
    assert (without.state, without.fault) == (State.FAILED, Fault.NO_BACKEND)
    without.close()
    assert (without.state, without.fault) == (State.CLOSED, None)


def test_what_fails_after_closing_is_not_told(make: Callable[..., Camera]) -> None:
    closed = make()
    closed.close()
    closed.fail(Fault.UNREADABLE)
    assert closed.state is State.CLOSED
