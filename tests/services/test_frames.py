"""The newest frame becomes a picture, behind the window; the sharpest of the last few is kept."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageFilter
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import (
    QMediaCaptureSession,
    QVideoFrame,
    QVideoFrameInput,
    QVideoSink,
)
from pytestqt.qtbot import QtBot

from florapp.core.drawing import draw
from florapp.services.frames import Frames
from florapp.services.qimages import to_pixels
from florapp.services.upright import upright
from tests.services.camera_frames import (
    Pixel,
    difference,
    framed,
    jpeg_framed,
)
from tests.services.sessions import WAIT


@pytest.fixture(scope="module")
def flower() -> np.ndarray:
    """204 x 140; each two by two pixels alike, so that formats with fewer colours lose nothing."""
    return draw("rose", 102, 70).repeat(2, axis=0).repeat(2, axis=1)


@pytest.fixture
def frames(qtbot: QtBot) -> Iterator[Frames]:
    made = Frames()
    yield made
    made.close()


def test_what_a_capture_session_delivers_can_be_taken(
    qtbot: QtBot, frames: Frames, flower: np.ndarray
) -> None:
    source, sink, session = QVideoFrameInput(), QVideoSink(), QMediaCaptureSession()
    session.setVideoFrameInput(source)
    session.setVideoSink(sink)
    sink.videoFrameChanged.connect(frames.push)
    taken: list[QImage | None] = []
    frames.arrived.connect(lambda: taken.append(frames.take()))
    for _ in range(3):
        with qtbot.waitSignal(frames.arrived, timeout=WAIT):
            assert source.sendVideoFrame(framed(flower, Pixel.Format_YUYV))
    assert len(taken) == 3
    assert all(image is not None and difference(image, flower).max() <= 3 for image in taken)
    assert frames.take() is None
    session.setVideoSink(None)  # type: ignore[arg-type]  # the stubs forget None


@pytest.fixture
def held(qtbot: QtBot) -> Iterator[tuple[Frames, list[QImage], threading.Semaphore]]:
    """Frames whose look waits for the test, and what it has seen."""
    looked: list[QImage] = []
    go = threading.Semaphore(0)

    def look(image: QImage) -> None:
        looked.append(image)
        assert go.acquire(timeout=WAIT / 1000)

    made = Frames(look=look)
    yield made, looked, go
    made.close()
    go.release(100)


def grey(value: int) -> QVideoFrame:
    return framed(np.full((24, 32, 3), value, np.uint8))


def test_the_newest_frame_wins_and_one_event_waits(
    qtbot: QtBot, held: tuple[Frames, list[QImage], threading.Semaphore]
) -> None:
    frames, looked, go = held
    arrived: list[int] = []
    frames.arrived.connect(lambda: arrived.append(0))
    for value in range(1, 101):
        frames.push(grey(value))
        if value == 1:
            qtbot.waitUntil(lambda: len(looked) == 1, timeout=WAIT)
    go.release()
    qtbot.waitUntil(lambda: len(looked) == 2, timeout=WAIT)
    assert [to_pixels(image)[0, 0, 0] for image in looked] == [1, 100]
    assert len(arrived) == 1  # the first was not taken before the last came
    newest = frames.take()
    assert newest is not None and to_pixels(newest)[0, 0, 0] == 100
    assert frames.take() is None

    go.release()
    with qtbot.waitSignal(frames.arrived, timeout=WAIT):
        frames.push(grey(7))


def test_frames_are_not_kept(qtbot: QtBot, frames: Frames) -> None:
    frame = grey(1)
    before = sys.getrefcount(frame)
    frames.push(frame)
    qtbot.waitUntil(lambda: frames.take() is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: sys.getrefcount(frame) == before, timeout=WAIT)


def read(qtbot: QtBot, frames: Frames, rgb: np.ndarray) -> None:
    """Push a frame, and wait until its picture is there."""
    with qtbot.waitSignal(frames.arrived, timeout=WAIT):
        frames.push(framed(rgb))
    assert frames.take() is not None


def test_the_sharpest_of_the_last_few_is_given(
    qtbot: QtBot, frames: Frames, flower: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("florapp.services.frames.time.monotonic", lambda: now)
    blurred = np.asarray(Image.fromarray(flower).filter(ImageFilter.GaussianBlur(2)))

    def is_sharp() -> bool:
        sharpest = frames.sharpest()
        assert sharpest is not None
        return difference(sharpest, flower).max() == 0

    assert frames.sharpest() is None
    read(qtbot, frames, blurred)
    read(qtbot, frames, flower)
    for _ in range(4):
        assert is_sharp()
        read(qtbot, frames, blurred)
    assert is_sharp()  # the first of five
    read(qtbot, frames, blurred)
    assert not is_sharp()

    read(qtbot, frames, flower)
    assert is_sharp()
    now += 1  # what a slow camera saw long ago is not what the user sees
    read(qtbot, frames, blurred)
    assert not is_sharp()


def test_nothing_is_left_of_a_camera_that_was_closed(
    qtbot: QtBot, held: tuple[Frames, list[QImage], threading.Semaphore]
) -> None:
    frames, looked, go = held
    frames.push(grey(1))
    qtbot.waitUntil(lambda: len(looked) == 1, timeout=WAIT)
    frames.push(grey(2))
    frames.clear()
    assert frames.take() is None and frames.sharpest() is None
    go.release(2)
    with qtbot.waitSignal(frames.arrived, timeout=WAIT):
        frames.push(grey(3))
    qtbot.waitUntil(lambda: len(looked) == 2, timeout=WAIT)
    assert to_pixels(looked[1])[0, 0, 0] == 3


def test_the_frame_that_is_read_while_the_camera_closes_is_dropped(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, go = threading.Event(), threading.Event()

    def slow(frame: QVideoFrame) -> QImage:
        reading.set()
        assert go.wait(WAIT / 1000)
        return upright(frame)

    monkeypatch.setattr("florapp.services.frames.upright", slow)
    looked: list[QImage] = []
    frames = Frames(look=looked.append)
    frames.push(grey(1))
    assert reading.wait(WAIT / 1000)
    frames.clear()
    go.set()
    with qtbot.waitSignal(frames.arrived, timeout=WAIT):
        frames.push(grey(2))
    qtbot.waitUntil(lambda: len(looked) == 1, timeout=WAIT)
    assert to_pixels(looked[0])[0, 0, 0] == 2
    frames.close()


def test_it_is_told_once_when_no_frame_can_be_read(qtbot: QtBot, frames: Frames) -> None:
    told: list[int] = []
    frames.unusable.connect(lambda: told.append(0))
    damaged = jpeg_framed(b"nonsense", 64, 48)
    idle = sys.getrefcount(damaged)

    def push(count: int) -> None:
        for _ in range(count):
            frames.push(damaged)
            qtbot.waitUntil(lambda: sys.getrefcount(damaged) == idle, timeout=WAIT)

    push(8)
    read(qtbot, frames, np.zeros((24, 32, 3), np.uint8))  # it was not hopeless
    push(8)
    qtbot.wait(20)
    assert told == []
    push(10)
    qtbot.waitUntil(lambda: told == [0], timeout=WAIT)
    frames.clear()
    push(10)
    qtbot.waitUntil(lambda: told == [0, 0], timeout=WAIT)


def test_nothing_is_told_after_the_end(
    qtbot: QtBot, held: tuple[Frames, list[QImage], threading.Semaphore]
) -> None:
    frames, looked, go = held
    arrived: list[int] = []
    frames.push(grey(1))
    qtbot.waitUntil(lambda: len(looked) == 1, timeout=WAIT)
    frames.take()
    frames.arrived.connect(lambda: arrived.append(0))
    frames.push(grey(2))
    frames.close()
    go.release(2)
    qtbot.waitUntil(
        lambda: not any(t.name == "florapp-frames" for t in threading.enumerate()), timeout=WAIT
    )
    qtbot.wait(50)
    assert frames.take() is None and arrived == [] and len(looked) == 1
