"""Frames as cameras hand them out, made of pixels by the standards' definition."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import (
    QtVideo,
    QVideoFrame,
    QVideoFrameFormat,
)

from florapp.services.qimages import to_pixels

Pixel = QVideoFrameFormat.PixelFormat
Space = QVideoFrameFormat.ColorSpace
Range = QVideoFrameFormat.ColorRange
Turn = QtVideo.Rotation

FULL = Range.ColorRange_Full
#: The weights of red, green and blue in the light.
LIGHT = {
    Space.ColorSpace_BT601: (0.299, 0.587, 0.114),
    Space.ColorSpace_BT709: (0.2126, 0.7152, 0.0722),
    Space.ColorSpace_BT2020: (0.2627, 0.678, 0.0593),
    Space.ColorSpace_AdobeRgb: (0.299, 0.587, 0.114),  # Qt's name for what is in a JPEG
}
#: Channels of a pixel in memory; X is whatever.
PACKED = {
    Pixel.Format_ARGB8888: "XRGB",
    Pixel.Format_ARGB8888_Premultiplied: "XRGB",
    Pixel.Format_XRGB8888: "XRGB",
    Pixel.Format_BGRA8888: "BGRX",
    Pixel.Format_BGRA8888_Premultiplied: "BGRX",
    Pixel.Format_BGRX8888: "BGRX",
    Pixel.Format_ABGR8888: "XBGR",
    Pixel.Format_XBGR8888: "XBGR",
    Pixel.Format_RGBA8888: "RGBX",
    Pixel.Format_RGBX8888: "RGBX",
}
YUV = [
    Pixel.Format_AYUV,
    Pixel.Format_AYUV_Premultiplied,
    Pixel.Format_YUYV,
    Pixel.Format_UYVY,
    Pixel.Format_YUV422P,
    Pixel.Format_YUV420P,
    Pixel.Format_YUV420P10,
    Pixel.Format_YV12,
    Pixel.Format_IMC1,
    Pixel.Format_IMC3,
    Pixel.Format_NV12,
    Pixel.Format_NV21,
    Pixel.Format_P010,
    Pixel.Format_P016,
]


def to_yuv(rgb: np.ndarray, form: QVideoFrameFormat) -> np.ndarray:
    """Floats in eight-bit terms, by the standards' definition."""
    space = form.colorSpace()
    full = space == Space.ColorSpace_AdobeRgb or form.colorRange() == FULL
    red, green, blue = LIGHT[space]
    light = rgb @ np.array([red, green, blue])
    u = (rgb[..., 2] - light) / (2 * (1 - blue))
    v = (rgb[..., 0] - light) / (2 * (1 - red))
    if full:
        return np.stack([light, u + 128, v + 128], axis=-1)
    return np.stack([16 + light * 219 / 255, 128 + u * 224 / 255, 128 + v * 224 / 255], axis=-1)


def planes(rgb: np.ndarray, form: QVideoFrameFormat) -> list[np.ndarray]:
    """Return what is to be written into each plane of a frame, as lines."""
    pixel = form.pixelFormat()
    if pixel in PACKED:
        full = np.dstack([rgb, np.full(rgb.shape[:2], 77, np.uint8)])
        return [full[..., ["RGBX".index(channel) for channel in PACKED[pixel]]]]
    if pixel == Pixel.Format_Y8:
        return [rgb[..., 0]]
    if pixel == Pixel.Format_Y16:
        return [rgb[..., 0].astype("<u2") * 257]
    exact = to_yuv(rgb.astype(float), form)
    y, u, v = np.moveaxis(exact.round().clip(0, 255).astype(np.uint8), -1, 0)
    name = pixel.name.removeprefix("Format_")
    if name.startswith("AYUV"):
        return [np.dstack([np.full_like(y, 77), y, u, v])]
    if name in ("YUYV", "UYVY"):
        colour = np.where(np.arange(y.shape[1]) % 2, v, u)  # neighbours are alike
        return [np.dstack([y, colour] if name == "YUYV" else [colour, y])]
    if name == "YUV422P":
        return [y, u[:, ::2], v[:, ::2]]
    small_u, small_v = u[::2, ::2], v[::2, ::2]
    if name == "YUV420P10":
        return [(plane.astype("<u2") << 2) + 1 for plane in (y, small_u, small_v)]
    if name in ("P010", "P016"):
        return [(y.astype("<u2") << 8) + 64, np.dstack([small_u, small_v]).astype("<u2") << 8]
    return {
        "YUV420P": [y, small_u, small_v],
        "YV12": [y, small_v, small_u],
        "IMC1": [y, small_v, small_u],
        "IMC3": [y, small_u, small_v],
        "NV12": [y, np.dstack([small_u, small_v])],
        "NV21": [y, np.dstack([small_v, small_u])],
    }[name]


def filled(form: QVideoFrameFormat, lines: list[np.ndarray]) -> QVideoFrame:
    frame = QVideoFrame(form)
    assert frame.map(QVideoFrame.MapMode.WriteOnly)
    for number, plane in enumerate(lines):
        rows = np.ascontiguousarray(plane).reshape(len(plane), -1).view(np.uint8)
        memory = np.frombuffer(frame.bits(number), np.uint8)
        stride = frame.bytesPerLine(number)
        memory[:] = 201  # what lies beside the lines is not to be seen
        there = memory[: len(memory) // stride * stride].reshape(-1, stride)
        there[: len(rows), : rows.shape[1]] = rows[: len(there)]  # of an odd height, Qt cuts a line
    frame.unmap()
    return frame


def framed(
    rgb: np.ndarray,
    pixel: Pixel = Pixel.Format_RGBA8888,
    change: Callable[[QVideoFrameFormat], object] = lambda _: None,
) -> QVideoFrame:
    form = QVideoFrameFormat(QSize(rgb.shape[1], rgb.shape[0]), pixel)
    form.setColorSpace(Space.ColorSpace_BT601)
    change(form)
    return filled(form, planes(rgb, form))


def jpeg_framed(data: bytes, width: int, height: int) -> QVideoFrame:
    """A JPEG in a buffer that is larger, as a camera's is."""
    form = QVideoFrameFormat(QSize(width, height), Pixel.Format_Jpeg)
    frame = QVideoFrame(form)
    assert frame.map(QVideoFrame.MapMode.WriteOnly)
    memory = np.frombuffer(frame.bits(0), np.uint8)
    memory[:] = 0
    memory[: len(data)] = np.frombuffer(data, np.uint8)
    frame.unmap()
    return frame


def jpeg(rgb: np.ndarray, quality: int = 92) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality)
    return file.getvalue()


def difference(picture: QImage, wanted: np.ndarray) -> np.ndarray:
    assert picture.format() == QImage.Format.Format_RGB888
    pixels = to_pixels(picture)
    assert pixels.shape == wanted.shape
    return np.abs(pixels.astype(int) - wanted)
