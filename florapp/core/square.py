"""From an upright picture to the square that the network looks at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from florapp.core.geometry import Geometry, Placement, place

#: One antialiased filter for training and use: another one here changes answers.
RESAMPLING = Image.Resampling.BICUBIC

_GREY = (124, 116, 104)  # ImageNet's mean colour: what `contain` puts around the picture


def to_input(
    picture: Image.Image | NDArray[np.uint8], geometry: Geometry
) -> tuple[NDArray[np.uint8], Placement]:
    """Shape an RGB image, or uint8 ``[height, width, 3]``, to uint8 ``[size, size, 3]``."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    size = geometry.size
    placement = place(image.width, image.height, geometry.fit)
    if geometry.fit == "contain":
        scale = size / max(image.size)
        inner = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        square = Image.new("RGB", (size, size), _GREY)
        small = image.resize(inner, RESAMPLING, reducing_gap=2.0)
        square.paste(small, ((size - inner[0]) // 2, (size - inner[1]) // 2))
        return np.asarray(square), placement
    left, top, right, bottom = placement.box
    box = (left * image.width, top * image.height, right * image.width, bottom * image.height)
    return np.asarray(image.resize((size, size), RESAMPLING, box, reducing_gap=2.0)), placement
