"""From one frame of a camera to an upright RGB picture, as a file would give it.

Not by ``QVideoFrame.toImage()``: on a thread that sets up OpenGL, which can take seconds and crash;
without a screen it takes every frame for BT.601 of limited range.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

from florapp.core.errors import PictureError
from florapp.core.images import decode
from florapp.core.source import Source
from florapp.services.qimages import to_qimage

#: The longest side of a picture: what is larger is scaled down.
LONGEST = 1920


def upright(frame: QVideoFrame) -> QImage:
    """Return ``frame`` in RGB888, at most LONGEST a side, turned as its format asks for.

    Null if it cannot be read: it is damaged, or in a format that no camera is known to give.
    May be called from any thread.
    """
    if not frame.map(QVideoFrame.MapMode.ReadOnly):
        return QImage()
    try:
        pixels = _read_jpeg(frame) if frame.pixelFormat() == _P.Format_Jpeg else _read_planes(frame)
    except (KeyError, PictureError, TypeError, ValueError):  # no such format; damaged; too short
        return QImage()
    finally:
        frame.unmap()
    return to_qimage(_turned(pixels, frame), LONGEST)


def _read_jpeg(frame: QVideoFrame) -> NDArray[np.uint8]:
    # Large ones are decoded at a fraction of their size, in a fraction of the time.
    file = Source("frame", bytes(frame.bits(0)))
    return decode(file, at_least=min(_target(frame))).pixels


def _read_planes(frame: QVideoFrame) -> NDArray[np.uint8]:
    layout = _LAYOUTS[frame.pixelFormat()]
    image = Image.merge("RGB", [_read_part(frame, layout, part) for part in layout.parts])
    if layout.yuv:
        image = image.convert("RGB", _yuv_to_rgb(frame.surfaceFormat()))
    return np.asarray(image)


def _read_part(frame: QVideoFrame, layout: _Layout, part: _Part) -> Image.Image:
    columns, rows = frame.width() // part.every[0], frame.height() // part.every[1]
    samples: NDArray[Any] = np.ndarray(  # refuses a buffer that is too small
        (rows, columns),
        np.dtype(f"<u{layout.bytes}"),
        frame.bits(part.plane),
        part.first * layout.bytes,
        (frame.bytesPerLine(part.plane), part.step * layout.bytes),
    )
    if layout.spare:
        samples = (samples >> layout.spare).astype(np.uint8)
    image = Image.fromarray(np.ascontiguousarray(samples))
    size = _target(frame)
    smaller = columns > size[0] or rows > size[1]
    method = Image.Resampling.BILINEAR if smaller else Image.Resampling.NEAREST
    return image.resize(size, method, reducing_gap=1.0)  # 4K becomes 2K by quick averaging


def _target(frame: QVideoFrame) -> tuple[int, int]:
    scale = min(1.0, LONGEST / max(frame.width(), frame.height()))
    return max(1, round(frame.width() * scale)), max(1, round(frame.height() * scale))


def _turned(pixels: NDArray[np.uint8], frame: QVideoFrame) -> NDArray[np.uint8]:
    """Undo how the picture lies in the frame, in Qt's order."""
    form = frame.surfaceFormat()
    if form.scanLineDirection() == QVideoFrameFormat.Direction.BottomToTop:
        pixels = pixels[::-1]
    pixels = np.rot90(pixels, -form.rotation().value // 90)  # NumPy turns the other way round
    if form.isMirrored():
        pixels = pixels[:, ::-1]
    return np.rot90(pixels, -frame.rotation().value // 90)


def _yuv_to_rgb(form: QVideoFrameFormat) -> tuple[float, ...]:
    """Return the three rows of the matrix, each with its offset, for pixels of 0 to 255."""
    space = form.colorSpace()
    if space == _S.ColorSpace_Undefined:  # as Qt takes it, too
        space = _S.ColorSpace_BT709 if form.frameHeight() > 576 else _S.ColorSpace_BT601
    red, blue = _WEIGHTS.get(space, _WEIGHTS[_S.ColorSpace_BT601])
    green = 1 - red - blue
    # Qt calls a JPEG's colours AdobeRgb: those of BT.601 in the full range.
    full = space == _S.ColorSpace_AdobeRgb or form.colorRange() == _R.ColorRange_Full
    black, light, colour = (0, 1.0, 2.0) if full else (16, 255 / 219, 2 * 255 / 224)
    u, v = colour * (1 - blue), colour * (1 - red)
    rows = (0.0, v), (-u * blue / green, -v * red / green), (u, 0.0)
    return tuple(
        number
        for by_u, by_v in rows
        for number in (light, by_u, by_v, -light * black - 128 * (by_u + by_v))
    )


_R = QVideoFrameFormat.ColorRange
_S = QVideoFrameFormat.ColorSpace
_WEIGHTS = {  # of red and of blue in the light; what is left is green's
    _S.ColorSpace_BT601: (0.299, 0.114),
    _S.ColorSpace_BT709: (0.2126, 0.0722),
    _S.ColorSpace_BT2020: (0.2627, 0.0593),
}


class _Part(NamedTuple):
    """Where the samples of red, green, blue, Y, U or V lie."""

    plane: int = 0
    first: int = 0  # in the line
    step: int = 1  # from one to the next
    every: tuple[int, int] = (1, 1)  # columns and rows of the picture that share one


class _Layout(NamedTuple):
    parts: tuple[_Part, _Part, _Part]
    yuv: bool = True
    bytes: int = 1  # of a sample
    spare: int = 0  # bits of it below the eight that are shown


def _packed(red: int, green: int, blue: int) -> _Layout:
    return _Layout((_Part(0, red, 4), _Part(0, green, 4), _Part(0, blue, 4)), yuv=False)


_GREY = _Part(), _Part(), _Part()
_NV12 = _Part(), _Part(1, 0, 2, (2, 2)), _Part(1, 1, 2, (2, 2))
_YUV420 = _Part(), _Part(1, every=(2, 2)), _Part(2, every=(2, 2))
_YVU420 = _YUV420[0], _YUV420[2], _YUV420[1]

_P = QVideoFrameFormat.PixelFormat
_LAYOUTS = {
    _P.Format_ARGB8888: _packed(1, 2, 3),
    _P.Format_ARGB8888_Premultiplied: _packed(1, 2, 3),
    _P.Format_XRGB8888: _packed(1, 2, 3),
    _P.Format_BGRA8888: _packed(2, 1, 0),
    _P.Format_BGRA8888_Premultiplied: _packed(2, 1, 0),
    _P.Format_BGRX8888: _packed(2, 1, 0),
    _P.Format_ABGR8888: _packed(3, 2, 1),
    _P.Format_XBGR8888: _packed(3, 2, 1),
    _P.Format_RGBA8888: _packed(0, 1, 2),
    _P.Format_RGBX8888: _packed(0, 1, 2),
    _P.Format_Y8: _Layout(_GREY, yuv=False),
    _P.Format_Y16: _Layout(_GREY, yuv=False, bytes=2, spare=8),
    _P.Format_YUYV: _Layout((_Part(0, 0, 2), _Part(0, 1, 4, (2, 1)), _Part(0, 3, 4, (2, 1)))),
    _P.Format_UYVY: _Layout((_Part(0, 1, 2), _Part(0, 0, 4, (2, 1)), _Part(0, 2, 4, (2, 1)))),
    _P.Format_AYUV: _Layout((_Part(0, 1, 4), _Part(0, 2, 4), _Part(0, 3, 4))),
    _P.Format_AYUV_Premultiplied: _Layout((_Part(0, 1, 4), _Part(0, 2, 4), _Part(0, 3, 4))),
    _P.Format_YUV422P: _Layout((_Part(), _Part(1, every=(2, 1)), _Part(2, every=(2, 1)))),
    _P.Format_YUV420P: _Layout(_YUV420),
    _P.Format_YUV420P10: _Layout(_YUV420, bytes=2, spare=2),
    _P.Format_YV12: _Layout(_YVU420),
    _P.Format_IMC1: _Layout(_YVU420),
    _P.Format_IMC3: _Layout(_YUV420),
    _P.Format_NV12: _Layout(_NV12),
    _P.Format_NV21: _Layout((_NV12[0], _NV12[2], _NV12[1])),
    _P.Format_P010: _Layout(_NV12, bytes=2, spare=8),
    _P.Format_P016: _Layout(_NV12, bytes=2, spare=8),
}
