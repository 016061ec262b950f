"""Pictures in which nothing can be named: plain, black, blurred or noise. Told before any name.

The thresholds were chosen on photographs of the training, on cats and dogs, and on what blur and
noise make of them; ``benchmarks/quality.py`` measures them on others. They leave much room: what
the network may still name is not flawed.
"""

from __future__ import annotations

import enum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from florapp.core.errors import QT_TRANSLATE_NOOP, Sentence

_Array = NDArray[np.float32]

#: Side of the cells, in pixels, in which noise averages out and what is shown does not.
_CELL = 8
_TELLING = 32
#: Black: no channel of any cell is brighter. (Photographs: 139 and more. Darkened until white was
#: 20, the shipped model named 5 of 34 rightly.)
_BLACK = 24
#: Plain: the standard deviation of the cells, a slope of light aside. (Photographs: 19 and more.)
_PLAIN = 3
#: Noise: a standard deviation of the pixels of at least this (a plain wall has some grain) ...
_GRAINY = 10
#: ... of whose square cells keep no more than this. (Photographs: 0.47 and more; noise of single
#: pixels: 0.02, of twice their size: 0.06.)
_COMMON = 0.15
#: Blurred: how much the picture bends over a 56th of its side, in parts of how much it bends over
#: a 14th. (Photographs: 0.27 and more; blurred by 3 pixels of 224: 0.15 to 0.25, by 8: 0.08 to
#: 0.10; the smoothest of all: 0.06. Blurred by 6, the shipped model named 9 of 34 rightly.)
_SOFT = 0.115


class Flaw(enum.Enum):
    """Why a picture cannot show a flower."""

    BLANK = "blank"
    DARK = "dark"
    BLURRED = "blurred"
    NOISE = "noise"


_SENTENCES = {
    Flaw.BLANK: Sentence(
        QT_TRANSLATE_NOOP(
            "core",
            "The picture is plain, without anything in it that could be named. "
            "Please take another one that shows what you ask about.",
        )
    ),
    Flaw.DARK: Sentence(
        QT_TRANSLATE_NOOP(
            "core",
            "The picture is almost black, so nothing can be seen in it. "
            "Please take another one with more light.",
        )
    ),
    Flaw.BLURRED: Sentence(
        QT_TRANSLATE_NOOP(
            "core",
            "The picture is too blurred to name anything in it. "
            "Please take another one: hold still, and step back until all is sharp.",
        )
    ),
    Flaw.NOISE: Sentence(
        QT_TRANSLATE_NOOP(
            "core",
            "The picture is nothing but noise: no shape stands out from it. "
            "Please take another one with more light, or try another file.",
        )
    ),
}


def sentence(flaw: Flaw) -> Sentence:
    """Tell the user what is wrong with the picture, and what to do."""
    return _SENTENCES[flaw]


def flaw(image: NDArray[np.uint8]) -> Flaw | None:
    """Say why nothing can be named in ``image``, the network's square; None where something may be.

    - Dark: even its brightest part is nearly black.
    - Noise: its pixels differ, and averaged over small cells hardly anything is left of that.
    - Blank: but for a slope of light across it, its cells are all alike.
    - Blurred: it bends as gently over a short way as only a picture without edges does.

    Squares of less than 32 pixels have too few cells to tell.
    """
    if len(image) < _TELLING:
        return None
    pixels = image.astype(np.float32)
    cells = _cells(pixels, _CELL)
    if cells.max() <= _BLACK:
        return Flaw.DARK
    variance, mean = _spread(pixels), cells.mean(axis=(0, 1))
    if variance >= _GRAINY**2 and _mean_square(cells - mean) <= _COMMON * variance:
        return Flaw.NOISE
    if _mean_square(_without_slope(cells)) <= _PLAIN**2:
        return Flaw.BLANK
    fine = _cells(pixels, max(1, round(len(image) / 56)))
    if _bending(fine, 1) <= _SOFT**2 * _bending(fine, 4):
        return Flaw.BLURRED
    return None


def _cells(pixels: _Array, side: int) -> _Array:
    """Mean colours of cells of ``side`` x ``side`` pixels; what is left over is not looked at."""
    count = len(pixels) // side
    rows = pixels[: count * side, : count * side].reshape(count, side, -1).sum(axis=1)
    columns = rows.reshape(count, count, side, 3)
    sums: _Array = columns[:, :, 0].copy()
    for column in range(1, side):  # numpy takes three times as long to sum along a short axis
        sums += columns[:, :, column]
    sums /= np.float32(side * side)
    return sums


def _spread(pixels: _Array) -> float:
    """Mean square of how far pixels are from their mean colour."""
    around = pixels - pixels.mean()  # else little is left of what is told to 7 digits
    colours = around.reshape(-1, 3)
    mean = np.full(len(colours), 1 / len(colours), np.float32) @ colours
    return _mean_square(around) - _mean_square(mean)


def _without_slope(cells: _Array) -> _Array:
    """What is left of ``cells`` without the curved surface that fits each channel best."""
    surfaces = _surfaces(len(cells))
    colours = cells.reshape(-1, 3)
    return colours - surfaces @ (surfaces.T @ colours)


@cache
def _surfaces(count: int) -> _Array:
    """An orthonormal base of the surfaces of second degree on ``count`` x ``count`` cells."""
    x, y = np.meshgrid(*2 * [np.linspace(-1, 1, count, dtype=np.float32)])
    surfaces = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    return np.linalg.qr(surfaces)[0]


def _bending(cells: _Array, step: int) -> float:
    """Mean square of how far cells are from the middle of those a ``step`` before and after."""
    down = 2 * cells[step:-step] - cells[: -2 * step] - cells[2 * step :]
    across = 2 * cells[:, step:-step] - cells[:, : -2 * step] - cells[:, 2 * step :]
    return _mean_square(down) + _mean_square(across)


def _mean_square(values: _Array) -> float:
    flat = values.ravel()
    return float(flat @ flat) / flat.size
