"""Photographs as small JPEGs that a page carries in itself, without what a camera wrote in them."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from florapp.core.geometry import Placement
from florapp.core.heatmap import colours
from florapp.core.images import decode
from florapp.core.source import Source

#: The longer side on a page, in pixels.
SIDE = 240


def small(path: Path) -> Image.Image:
    """Read a photograph, upright and no larger than SIDE. Raises PictureError."""
    image = decode(Source.of(path), SIDE).image
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return image


def with_map(
    image: Image.Image, strength: NDArray[np.float32], placement: Placement
) -> Image.Image:
    """Lay a map of strengths (core/heatmap.py) over the part of the picture that it is of."""
    left, top, right, bottom = placement.box
    width, height = image.size
    size = (max(1, round((right - left) * width)), max(1, round((bottom - top) * height)))
    over = Image.new("RGBA", image.size)  # the square may reach beyond the picture
    over.paste(
        Image.fromarray(colours(strength)).resize(size), (round(left * width), round(top * height))
    )
    return Image.alpha_composite(image.convert("RGBA"), over).convert("RGB")


def data_uri(image: Image.Image) -> str:
    """Write a picture as the address of itself."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")
