"""Which format of a camera is taken. Opening and every fault: tests/e2e/test_camera.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QCameraPermission, QSize, Qt
from PySide6.QtMultimedia import QVideoFrameFormat
from pytestqt.qtbot import QtBot

from florapp.services import camera
from florapp.services.camera import Camera, State, best_format
from florapp.services.multimedia import Fault, has_backend

Pixel = QVideoFrameFormat.PixelFormat
Status = Qt.PermissionStatus


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


class System:
    """A system that has its users asked whether a program may use the camera, as macOS does."""

    def __init__(self, status: Status) -> None:
        self.status = status
        self.asked: list[Callable[[QCameraPermission], None]] = []

    def instance(self) -> System:
        return self

    def checkPermission(self, permission: QCameraPermission) -> Status:  # noqa: N802
        return self.status

    def requestPermission(  # noqa: N802
        self, _: QCameraPermission, __: Camera, answered: Callable[[QCameraPermission], None]
    ) -> None:
        self.asked.append(answered)

    def answer(self, status: Status) -> None:
        self.status = status
        self.asked.pop()(Permission(status))  # type: ignore[arg-type]


@dataclass
class Permission:
    """An answer; Qt makes none by itself."""

    given: Status

    def status(self) -> Status:
        return self.given


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Status.Denied, Fault.NOT_ALLOWED),
        (Status.Granted, Fault.NO_CAMERA),  # it goes on to look for one
    ],
)
def test_the_user_is_asked_once_where_the_system_does_so(
    make: Callable[..., Camera], monkeypatch: pytest.MonkeyPatch, answer: Status, fault: Fault
) -> None:
    system = System(Status.Undetermined)
    monkeypatch.setattr(camera, "QCoreApplication", system)
    monkeypatch.setattr(camera, "Path", lambda _: NoNodes())
    asked = make()
    asked.open()
    assert (asked.state, asked.fault) == (State.ASKING, None)
    assert len(system.asked) == 1
    system.answer(answer)
    assert (asked.state, asked.fault) == (State.FAILED, fault)
    asked.open()
    assert (asked.state, asked.fault) == (State.FAILED, fault)
    assert not system.asked


class NoNodes:
    def glob(self, _: str) -> tuple[()]:
        return ()


def test_an_answer_that_comes_after_closing_opens_nothing(
    make: Callable[..., Camera], monkeypatch: pytest.MonkeyPatch
) -> None:
    system = System(Status.Undetermined)
    monkeypatch.setattr(camera, "QCoreApplication", system)
    closed = make()
    closed.open()
    closed.close()
    system.answer(Status.Granted)
    assert (closed.state, closed.fault) == (State.CLOSED, None)
