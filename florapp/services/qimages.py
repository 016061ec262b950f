"""Pixels as Qt shows them. May be called from any thread."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtGui import QImage

_THUMBNAIL = 144  # pixels of its longer side


def to_qimage(pixels: NDArray[np.uint8], longest: int) -> QImage:
    """Turn uint8 ``[height, width, 3]`` RGB into a QImage of at most ``longest`` pixels a side."""
    small = _shrunk(Image.fromarray(pixels), longest)
    # copy(): a QImage made from a buffer does not keep it alive.
    lines = np.ascontiguousarray(small)
    return QImage(lines.data, *small.size, 3 * small.width, QImage.Format.Format_RGB888).copy()


def _shrunk(image: Image.Image, longest: int) -> Image.Image:
    scale = longest / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def to_thumbnail(image: Image.Image) -> bytes:
    """Make an RGB picture a small JPEG file: the strip may hold many thousands."""
    return _jpeg(_shrunk(image, _THUMBNAIL), 90)


def from_thumbnail(jpeg: bytes) -> QImage:
    """Return the pixels of a thumbnail, which takes half a millisecond."""
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        return to_qimage(np.asarray(image), _THUMBNAIL)


def to_overlay(pixels: NDArray[np.uint8]) -> QImage:
    """Turn uint8 ``[height, width, 4]`` RGBA into a QImage of as many pixels."""
    height, width = pixels.shape[:2]
    lines = np.ascontiguousarray(pixels)
    image = QImage(lines.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # as it is painted


def to_pixels(image: QImage) -> NDArray[np.uint8]:
    """Return uint8 ``[height, width, 3]`` RGB, a copy."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return lines[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def to_jpeg(image: QImage) -> bytes:
    """Return a JPEG file's bytes, as good as JPEG gets without growing large."""
    return _jpeg(Image.fromarray(to_pixels(image)), 95)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling=0)
    return file.getvalue()
