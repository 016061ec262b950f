"""From an upright picture to the square that the network looks at, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Fit = Literal["stretch", "cover", "contain"]
FITS: tuple[Fit, ...] = get_args(Fit)

#: One antialiased filter for training and use: another one here changes answers.
RESAMPLING = Image.Resampling.BICUBIC

_GREY = (124, 116, 104)  # ImageNet's mean colour: what `contain` puts around the picture


@dataclass(frozen=True, slots=True)
class Geometry:
    """How a picture becomes the network's square of ``size`` x ``size`` pixels.

    ``stretch`` shows all of it with its sides made equal, ``cover`` its largest central square,
    ``contain`` all of it with grey beside it.
    """

    size: int
    fit: Fit = "stretch"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the network's square lies in the picture.

    ``box`` is (left, top, right, bottom) in parts of the upright picture's width and height; it
    reaches beyond 0..1 where the square is larger than the picture.
    """

    box: tuple[float, float, float, float]


def place(width: int, height: int, fit: Fit) -> Placement:
    """Say where the square lies in a picture of ``width`` x ``height`` pixels."""
    if fit == "stretch":
        return Placement((0.0, 0.0, 1.0, 1.0))
    side = min(width, height) if fit == "cover" else max(width, height)
    x, y = side / width / 2, side / height / 2
    return Placement((0.5 - x, 0.5 - y, 0.5 + x, 0.5 + y))


def to_input(pixels: NDArray[np.uint8], geometry: Geometry) -> tuple[NDArray[np.uint8], Placement]:
    """Shape ``pixels``, uint8 ``[height, width, 3]``, to uint8 ``[size, size, 3]``."""
    image = Image.fromarray(pixels)
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
