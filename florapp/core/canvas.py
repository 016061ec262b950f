"""What drawn flowers are made of: backgrounds, stems and leaves, petals, discs of seeds.

The same call gives the same bytes on every machine: arrays meet only operations that IEEE 754
rounds exactly (``+ - * /``, square root, comparison), and the few sines are rounded scalars.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

_Array = NDArray[np.floating[Any]]  # in truth float32 throughout
Colour = tuple[int, int, int]

GOLDEN = 2.399963  # the golden angle, by which seeds and petals follow one another

# Outlines: the square of a petal's half width from its base (0) to its tip (1), at most 1.
_OUTLINES: dict[str, Callable[[_Array], _Array]] = {
    "band": np.ones_like,
    "bud": lambda u: 4.8 * u * (1 - u) * (1 - 0.85 * u * u),
    "drop": lambda u: 6.75 * u * (1 - u) * (1 - u),
    "lance": lambda u: 16 * u * u * (1 - u) * (1 - u),
    "spoon": lambda u: 6.75 * u * u * (1 - u),
    "strap": lambda u: 1 - (2 * u - 1) * (2 * u - 1) * (2 * u - 1) * (2 * u - 1),
}


def direction(angle: float) -> tuple[float, float]:
    """The unit vector at ``angle`` (radians), rounded so that it is the same everywhere."""
    return round(math.cos(angle), 6), round(math.sin(angle), 6)


def jitter(index: int, salt: int = 0) -> float:
    """Nature's irregularity: a fixed number in -1..1 for each index."""
    mixed = (index * 2654435761 + salt * 2246822519 + 374761393) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 2246822519) & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 13)) & 0xFFFF) / 32767.5 - 1


def shade(colour: Colour, factor: float) -> Colour:
    """``colour`` made darker (factor below 1) or lighter."""
    red, green, blue = (round(min(255.0, part * factor)) for part in colour)
    return red, green, blue


def _mix(first: Colour, last: Colour, share: _Array) -> _Array:
    """Blend two colours by ``share`` ``[height, width]``: ``[height, width, 3]``."""
    start, end = np.array(first, np.float32), np.array(last, np.float32)
    return start + (end - start) * share[:, :, None]


def _wave(z: _Array) -> _Array:
    """A smooth wave of period 1 between -1 and 1, made of parabolas."""
    z = 2 * (z - np.floor(z)) - 1
    wave: _Array = 4 * z * (1 - np.abs(z))
    return wave


@dataclass(frozen=True)
class Petal:
    """A petal or a leaf: its measures in flower radii, its colours, and how it is shaded."""

    length: float
    width: float
    outline: str
    base: Colour
    tip: Colour
    bend: float = 0
    ruffle: float = 0
    vein: float = 0.15
    ridges: float = 1.5
    shadow: float = 0.45


class Canvas:
    """Pixels, and coordinates whose origin is the flower's centre and whose unit its radius."""

    def __init__(self, width: int, height: int, centre: tuple[float, float], radius: float) -> None:
        self.unit = radius * min(width, height)
        self.left, self.top = -centre[0] * width / self.unit, -centre[1] * height / self.unit
        self.right, self.bottom = self.left + width / self.unit, self.top + height / self.unit
        across, down = np.arange(width) + 0.5, np.arange(height) + 0.5
        self.x: _Array = (across / self.unit + self.left).astype(np.float32)[None, :]
        self.y: _Array = (down / self.unit + self.top).astype(np.float32)[:, None]
        self.pixels: _Array = np.zeros((height, width, 3), np.float32)
        self.near: _Array = np.zeros((height, width), np.float32)  # what shadows can fall on

    def _window(self, x: float, y: float, reach_x: float, reach_y: float) -> tuple[slice, slice]:
        """The rows and columns within reach of a point."""
        height, width = self.near.shape
        left, right = ((x + side * reach_x - self.left) * self.unit for side in (-1, 1))
        top, bottom = ((y + side * reach_y - self.top) * self.unit for side in (-1, 1))
        rows = slice(max(0, math.floor(top) - 1), max(0, min(height, math.ceil(bottom) + 1)))
        return rows, slice(max(0, math.floor(left) - 1), max(0, min(width, math.ceil(right) + 1)))

    def background(self, upper: Colour, lower: Colour, lights: int = 26) -> None:
        """Fill with a soft gradient and blurred spots of light."""
        across, down = self.right - self.left, self.bottom - self.top
        self.pixels[:] = _mix(upper, lower, (self.y - self.top) / down)
        for i in range(lights):
            x = self.left + across * (jitter(i, 1) * 0.55 + 0.5)
            y = self.top + down * (jitter(i, 2) * 0.55 + 0.5)
            tone = (upper, lower, (210, 225, 130))[i % 3]
            self.disc(x, y, 0.5 + 0.3 * jitter(i, 3), tone, tone, soft=0.45, alpha=0.3)

    def plant(self, stem: Colour, *leaves: tuple[float, float, float, float, float]) -> None:
        """Paint the stem down to the lower edge, and leaves (x, y, angle, length, width)."""
        stalk = Petal(self.bottom + 0.3, 0.1, "band", stem, stem, bend=-0.03, vein=0)
        self.petal(0, 0, math.pi / 2, stalk)
        dark, light = shade(stem, 0.8), shade(stem, 1.15)
        for x, y, angle, length, width in leaves:
            leaf = Petal(length, width, "drop", dark, light, bend=0.1, vein=-0.3, ridges=3)
            self.petal(x, y, angle, leaf)

    def seeds(
        self, count: int, spread: float, size: float, *tones: Colour, y: float = 0, flat: float = 1
    ) -> None:
        """Paint dots as seeds grow: by the golden angle, from the middle outwards."""
        for i in range(count):
            cos, sin = direction(i * GOLDEN)
            ratio = math.sqrt((i + 0.5) / count)
            tone = tones[min(int(ratio * len(tones) + 0.3 * jitter(i)), len(tones) - 1)]
            dot_x, dot_y = spread * ratio * cos, spread * ratio * sin * flat + y
            dot, dark = size * (0.75 + 0.25 * ratio), shade(tone, 0.3)
            self.disc(dot_x + 0.3 * dot, dot_y + 0.4 * dot, dot, dark, dark, alpha=0.35)
            self.disc(dot_x, dot_y, dot, shade(tone, 1.25), tone)

    def ring(
        self,
        count: int,
        petal: Petal,
        inner: float,
        turn: float,
        *,
        flat: float = 1,
        lift: float = 0,
    ) -> None:
        """Paint petals all around, each a little different; every other one lies on top."""
        for i in sorted(range(count), key=lambda i: i % 2):
            cos, sin = direction(turn + math.tau / count * (i + 0.16 * jitter(i, count)))
            dx, dy = cos, sin * flat - lift
            length = petal.length * math.sqrt(dx * dx + dy * dy) * (1 + 0.07 * jitter(i, count + 1))
            bend, glow = 0.12 * jitter(i, count + 2), 1 + 0.05 * jitter(i, count + 3)
            base, tip = shade(petal.base, glow), shade(petal.tip, glow)
            this = replace(petal, length=length, base=base, tip=tip, bend=bend)
            self.petal(cos * inner, sin * flat * inner, math.atan2(dy, dx), this)

    def disc(
        self,
        x: float,
        y: float,
        size: float,
        middle: Colour,
        rim: Colour,
        *,
        flat: float = 1,
        soft: float = 0,
        alpha: float = 1,
    ) -> None:
        """Paint an ellipse of half width ``size`` whose colour runs from its middle to its rim."""
        window = rows, columns = self._window(x, y, size + soft, (size + soft) * flat)
        dx, dy = self.x[:, columns] - x, (self.y[rows] - y) / flat
        distance = np.sqrt(dx * dx + dy * dy)
        edge = (size - distance) * (self.unit / max(soft * self.unit, 1))
        cover = alpha * np.clip(edge + 0.5, 0, 1)[:, :, None]
        ratio = np.clip(distance / size, 0, 1)
        self.pixels[window] += (_mix(middle, rim, ratio * ratio) - self.pixels[window]) * cover

    def petal(self, x: float, y: float, angle: float, p: Petal) -> None:
        """Paint a petal from its base at (x, y), its tip at ``angle`` (clockwise)."""
        (cos, sin), half = direction(angle), p.width / 2
        away, side = p.length / 2, half + abs(p.bend) * p.length
        shade = min(0.055, half / 2)  # how far its shadow reaches
        spare = 2.2 * shade + p.ruffle * p.length
        window = rows, columns = self._window(
            x + cos * away,
            y + sin * away,
            abs(cos) * away + abs(sin) * side + spare,
            abs(sin) * away + abs(cos) * side + spare,
        )
        dx, dy = self.x[:, columns] - x, self.y[rows] - y
        if dx.size < 2 or dy.size < 2:
            return
        # Along the petal 0..1, and across it in half widths.
        u = (dx * cos + dy * sin) / p.length
        v = (dy * cos - dx * sin - p.bend * p.length * u * u) / half
        u = u + p.ruffle * _wave(v * 1.3 + 0.2)
        along = np.clip(u, 0, 1)
        profile, beyond = _OUTLINES[p.outline](along), (u - along) * (p.length / half)
        field = profile - v * v - beyond * beyond  # above 0 within the petal
        slope_y, slope_x = np.gradient(field)
        edge = field / (np.sqrt(slope_y * slope_y + slope_x * slope_x) + 1e-6)  # in pixels
        cover = np.clip(edge + 0.5, 0, 1)
        dark = np.clip(edge / (shade * self.unit) + 1, 0, 1) * (1 - cover) * self.near[window]
        t = v / np.sqrt(profile + 0.01)  # from side to side: -1..1
        light = 1 + 0.13 * (cos - sin) * t - 0.1 * t * t * t * t + 0.05 * _wave(t * p.ridges)
        light = light - p.vein * np.clip(1 - np.abs(v) * 7, 0, 1) * (1 - along)
        colour = _mix(p.base, p.tip, along * (2 - along)) * light[:, :, None]
        under = self.pixels[window] * (1 - p.shadow * dark)[:, :, None]
        self.pixels[window] = under + (colour - under) * cover[:, :, None]
        self.near[window] = np.maximum(self.near[window], cover)
