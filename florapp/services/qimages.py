"""Pixels as Qt shows them. May be called from any thread."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtGui import QImage

#: The longer side of a thumbnail: 5,000 of them weigh 233 MB at 4:3, and 311 MB if all are square.
THUMBNAIL = 144


def to_qimage(pixels: NDArray[np.uint8], longest: int) -> QImage:
    """Turn uint8 ``[height, width, 3]`` RGB into a QImage of at most ``longest`` pixels a side."""
    height, width = pixels.shape[:2]
    scale = longest / max(width, height)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        pixels, (width, height) = np.asarray(small), size
    # copy(): a QImage made from a buffer does not keep it alive.
    lines = np.ascontiguousarray(pixels)
    return QImage(lines.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


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
    file = io.BytesIO()
    Image.fromarray(to_pixels(image)).save(file, "JPEG", quality=95, subsampling=0)
    return file.getvalue()
