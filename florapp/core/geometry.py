"""Which part of an upright picture the network looks at, and the way back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

Fit = Literal["stretch", "cover", "contain"]
FITS: tuple[Fit, ...] = get_args(Fit)

#: So many times the square's side are enough to shrink it from (docs/performance.md: with 2, a
#: photograph of 12 megapixels takes a fifth longer, and its answer is hardly nearer to that of all
#: of its pixels).
_ENOUGH = 1.4


@dataclass(frozen=True, slots=True)
class Geometry:
    """How a picture becomes the network's square of ``size`` x ``size`` pixels.

    ``stretch`` shows all of it with its sides made equal, ``cover`` its largest central square,
    ``contain`` all of it with grey beside it.
    """

    size: int
    fit: Fit = "stretch"

    @property
    def at_least(self) -> int:
        """The least side, in pixels, at which a picture is to be decoded for the square."""
        return math.ceil(_ENOUGH * self.size)


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
