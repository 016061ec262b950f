"""Frames of every format, however they lie, become the picture that a file would give."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image, ImageFilter
from PySide6.QtCore import QSize
from PySide6.QtMultimedia import (
    QVideoFrame,
    QVideoFrameFormat,
)

from florapp.core.drawing import draw
from florapp.services.upright import LONGEST, upright
from tests.services.camera_frames import (
    LIGHT,
    PACKED,
    YUV,
    Pixel,
    Range,
    Space,
    Turn,
    difference,
    filled,
    framed,
    jpeg,
    jpeg_framed,
    planes,
)


@pytest.fixture(scope="module")
def flower() -> np.ndarray:
    """204 x 140; each two by two pixels alike, so that formats with fewer colours lose nothing."""
    return draw("rose", 102, 70).repeat(2, axis=0).repeat(2, axis=1)


@pytest.mark.parametrize("pixel", PACKED, ids=lambda pixel: pixel.name)
def test_colours_side_by_side_are_read_as_they_are(flower: np.ndarray, pixel: Pixel) -> None:
    assert difference(upright(framed(flower, pixel)), flower).max() == 0


@pytest.mark.parametrize("pixel", YUV, ids=lambda pixel: pixel.name)
def test_light_and_colour_become_red_green_and_blue(flower: np.ndarray, pixel: Pixel) -> None:
    assert difference(upright(framed(flower, pixel)), flower).max() <= 3


@pytest.mark.parametrize("pixel", [Pixel.Format_Y8, Pixel.Format_Y16], ids=lambda pixel: pixel.name)
def test_grey_stays_grey(flower: np.ndarray, pixel: Pixel) -> None:
    grey = flower[..., :1].repeat(3, axis=2)
    assert difference(upright(framed(grey, pixel)), grey).max() == 0


@pytest.mark.parametrize(
    ("space", "extent"), list(itertools.product(LIGHT, Range)), ids=lambda value: value.name
)
def test_colours_are_read_as_the_format_says(
    flower: np.ndarray, space: Space, extent: Range
) -> None:
    def change(form: QVideoFrameFormat) -> None:
        form.setColorSpace(space)
        form.setColorRange(extent)

    assert difference(upright(framed(flower, Pixel.Format_NV12, change)), flower).max() <= 3


@pytest.mark.parametrize(
    ("rows", "space"), [(576, Space.ColorSpace_BT601), (720, Space.ColorSpace_BT709)]
)
def test_a_format_that_says_nothing_is_read_by_its_size(rows: int, space: Space) -> None:
    rgb = np.full((rows, 16, 3), (200, 90, 40), np.uint8)
    form = QVideoFrameFormat(QSize(16, rows), Pixel.Format_NV12)
    form.setColorSpace(space)
    lines = planes(rgb, form)
    form.setColorSpace(Space.ColorSpace_Undefined)
    assert difference(upright(filled(form, lines)), rgb).max() <= 3


@pytest.mark.parametrize("pixel", [Pixel.Format_BGRX8888, Pixel.Format_NV12, Pixel.Format_YUYV])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("rotation", Turn)
@pytest.mark.parametrize("direction", QVideoFrameFormat.Direction)
def test_frames_that_lie_otherwise_are_turned_upright(
    flower: np.ndarray,
    pixel: Pixel,
    mirrored: bool,
    rotation: Turn,
    direction: QVideoFrameFormat.Direction,
) -> None:
    def change(form: QVideoFrameFormat) -> None:
        form.setScanLineDirection(direction)
        form.setRotation(rotation)
        form.setMirrored(mirrored)

    stored = flower[:, ::-1] if mirrored else flower
    stored = np.rot90(stored, rotation.value // 90)  # against the clock
    if direction == QVideoFrameFormat.Direction.BottomToTop:
        stored = stored[::-1]
    assert difference(upright(framed(stored, pixel, change)), flower).max() <= 3


def test_the_wish_to_be_shown_mirrored_is_left_to_the_preview(flower: np.ndarray) -> None:
    frame = framed(np.rot90(flower))
    frame.setRotation(Turn.Clockwise90)
    frame.setMirrored(True)
    assert difference(upright(frame), flower).max() == 0


@pytest.mark.parametrize("pixel", [*PACKED, *YUV], ids=lambda pixel: pixel.name)
def test_odd_sizes_are_read_whole(pixel: Pixel) -> None:
    rgb = np.full((35, 51, 3), (200, 90, 40), np.uint8)
    rgb[20:, 30:] = (30, 120, 220)
    wrong = difference(upright(framed(rgb, pixel)), rgb).max(axis=2) > 3
    wrong[18:22] = wrong[:, 28:32] = False  # where colours meet, half as many blur
    assert not wrong.any()


@pytest.mark.parametrize("rotation", Turn)
def test_jpeg_is_read_as_a_file_is(flower: np.ndarray, rotation: Turn) -> None:
    data = jpeg(flower)
    frame = jpeg_framed(data, 204, 140)
    form = frame.surfaceFormat()
    form.setRotation(rotation)
    turned = QVideoFrame(form)
    assert turned.map(QVideoFrame.MapMode.WriteOnly)
    np.frombuffer(turned.bits(0), np.uint8)[: len(data)] = np.frombuffer(data, np.uint8)
    turned.unmap()
    wanted = np.asarray(Image.open(io.BytesIO(data)))
    assert difference(upright(turned), np.rot90(wanted, -rotation.value // 90)).max() == 0


def test_jpeg_without_its_tables_is_read(flower: np.ndarray) -> None:
    data = jpeg(flower)  # whose tables are the standard's, which many cameras leave out
    bare, at = data[:2], 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        bare += b"" if data[at + 1] == 0xC4 else data[at:end]
        at = end
    bare += data[at:]
    assert len(bare) < len(data)
    wanted = np.asarray(Image.open(io.BytesIO(data)))
    assert difference(upright(jpeg_framed(bare, 204, 140)), wanted).max() == 0


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((384, 216), (192, 108)), ((258, 194), (192, 144)), ((108, 240), (86, 192))],
)
@pytest.mark.parametrize("pixel", [*PACKED, *YUV, Pixel.Format_Jpeg], ids=lambda pixel: pixel.name)
def test_large_frames_are_scaled(
    size: tuple[int, int],
    wanted: tuple[int, int],
    pixel: Pixel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("florapp.services.upright.LONGEST", 192)
    drawn = Image.fromarray(draw("rose", *size)).filter(ImageFilter.GaussianBlur(2))
    rgb, expected = np.asarray(drawn), np.asarray(drawn.resize(wanted, Image.Resampling.BOX))
    frame = jpeg_framed(jpeg(rgb), *size) if pixel == Pixel.Format_Jpeg else framed(rgb, pixel)
    assert difference(upright(frame), expected).mean() < 1.5


def test_4k_becomes_2k() -> None:
    rgb = np.full((2160, 3840, 3), (200, 90, 40), np.uint8)
    assert difference(upright(jpeg_framed(jpeg(rgb), 3840, 2160)), rgb[::2, ::2]).max() <= 3
    assert max(upright(framed(rgb)).size().toTuple()) == LONGEST


@pytest.mark.parametrize(
    "pixel",
    [
        Pixel.Format_Invalid,
        Pixel.Format_IMC2,
        Pixel.Format_IMC4,
        Pixel.Format_SamplerRect,
        Pixel.Format_SamplerExternalOES,
    ],
)
def test_a_format_nobody_uses_gives_no_picture(pixel: Pixel) -> None:
    assert upright(QVideoFrame(QVideoFrameFormat(QSize(64, 48), pixel))).isNull()


def test_damaged_frames_give_no_picture(flower: np.ndarray) -> None:
    data = jpeg(flower)
    for damaged in (b"", b"nonsense" * 9, data[:40]):
        assert upright(jpeg_framed(damaged, 204, 140)).isNull()
    assert upright(QVideoFrame()).isNull()
