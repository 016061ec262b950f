"""Flowers drawn by the program itself: pictures for the self-test, the samples and the tests.

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
_Colour = tuple[int, int, int]

_GOLDEN = 2.399963  # the golden angle, by which seeds and petals follow one another

# Outlines: the square of a petal's half width from its base (0) to its tip (1), at most 1.
_OUTLINES: dict[str, Callable[[_Array], _Array]] = {
    "band": np.ones_like,
    "bud": lambda u: 4.8 * u * (1 - u) * (1 - 0.85 * u * u),
    "drop": lambda u: 6.75 * u * (1 - u) * (1 - u),
    "lance": lambda u: 16 * u * u * (1 - u) * (1 - u),
    "spoon": lambda u: 6.75 * u * u * (1 - u),
    "strap": lambda u: 1 - (2 * u - 1) * (2 * u - 1) * (2 * u - 1) * (2 * u - 1),
}


def draw(
    kind: str,
    width: int = 320,
    height: int = 320,
    *,
    centre: tuple[float, float] = (0.5, 0.5),
    radius: float = 0.38,
) -> NDArray[np.uint8]:
    """Draw one flower of :data:`FLOWERS` as RGB pixels, uint8 ``[height, width, 3]``.

    ``centre`` is in parts of the width and the height, ``radius`` in parts of the shorter side.
    """
    if kind not in _PAINTERS:
        raise ValueError(f"unknown flower {kind!r}; there are {', '.join(FLOWERS)}")
    canvas = _Canvas(width, height, centre, radius)
    _PAINTERS[kind](canvas)
    return np.rint(np.clip(canvas.pixels, 0, 255)).astype(np.uint8)


def _direction(angle: float) -> tuple[float, float]:
    return round(math.cos(angle), 6), round(math.sin(angle), 6)


def _jitter(index: int, salt: int = 0) -> float:
    """Nature's irregularity: a fixed number in -1..1 for each index."""
    mixed = (index * 2654435761 + salt * 2246822519 + 374761393) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 2246822519) & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 13)) & 0xFFFF) / 32767.5 - 1


def _shade(colour: _Colour, factor: float) -> _Colour:
    red, green, blue = (round(min(255.0, part * factor)) for part in colour)
    return red, green, blue


def _mix(first: _Colour, last: _Colour, share: _Array) -> _Array:
    """Blend two colours by ``share`` ``[height, width]``: ``[height, width, 3]``."""
    start, end = np.array(first, np.float32), np.array(last, np.float32)
    return start + (end - start) * share[:, :, None]


def _wave(z: _Array) -> _Array:
    """A smooth wave of period 1 between -1 and 1, made of parabolas."""
    z = 2 * (z - np.floor(z)) - 1
    wave: _Array = 4 * z * (1 - np.abs(z))
    return wave


@dataclass(frozen=True)
class _Petal:
    """A petal or a leaf: its measures in flower radii, its colours, and how it is shaded."""

    length: float
    width: float
    outline: str
    base: _Colour
    tip: _Colour
    bend: float = 0
    ruffle: float = 0
    vein: float = 0.15
    ridges: float = 1.5
    shadow: float = 0.45


class _Canvas:
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

    def background(self, upper: _Colour, lower: _Colour, lights: int = 26) -> None:
        """Fill with a soft gradient and blurred spots of light."""
        across, down = self.right - self.left, self.bottom - self.top
        self.pixels[:] = _mix(upper, lower, (self.y - self.top) / down)
        for i in range(lights):
            x = self.left + across * (_jitter(i, 1) * 0.55 + 0.5)
            y = self.top + down * (_jitter(i, 2) * 0.55 + 0.5)
            tone = (upper, lower, (210, 225, 130))[i % 3]
            self.disc(x, y, 0.5 + 0.3 * _jitter(i, 3), tone, tone, soft=0.45, alpha=0.3)

    def plant(self, stem: _Colour, *leaves: tuple[float, float, float, float, float]) -> None:
        """Paint the stem down to the lower edge, and leaves (x, y, angle, length, width)."""
        stalk = _Petal(self.bottom + 0.3, 0.1, "band", stem, stem, bend=-0.03, vein=0)
        self.petal(0, 0, math.pi / 2, stalk)
        dark, light = _shade(stem, 0.8), _shade(stem, 1.15)
        for x, y, angle, length, width in leaves:
            leaf = _Petal(length, width, "drop", dark, light, bend=0.1, vein=-0.3, ridges=3)
            self.petal(x, y, angle, leaf)

    def seeds(
        self, count: int, spread: float, size: float, *tones: _Colour, y: float = 0, flat: float = 1
    ) -> None:
        """Paint dots as seeds grow: by the golden angle, from the middle outwards."""
        for i in range(count):
            cos, sin = _direction(i * _GOLDEN)
            ratio = math.sqrt((i + 0.5) / count)
            tone = tones[min(int(ratio * len(tones) + 0.3 * _jitter(i)), len(tones) - 1)]
            dot_x, dot_y = spread * ratio * cos, spread * ratio * sin * flat + y
            dot, dark = size * (0.75 + 0.25 * ratio), _shade(tone, 0.3)
            self.disc(dot_x + 0.3 * dot, dot_y + 0.4 * dot, dot, dark, dark, alpha=0.35)
            self.disc(dot_x, dot_y, dot, _shade(tone, 1.25), tone)

    def ring(
        self,
        count: int,
        petal: _Petal,
        inner: float,
        turn: float,
        *,
        flat: float = 1,
        lift: float = 0,
    ) -> None:
        """Paint petals all around, each a little different; every other one lies on top."""
        for i in sorted(range(count), key=lambda i: i % 2):
            cos, sin = _direction(turn + math.tau / count * (i + 0.16 * _jitter(i, count)))
            dx, dy = cos, sin * flat - lift
            length = (
                petal.length * math.sqrt(dx * dx + dy * dy) * (1 + 0.07 * _jitter(i, count + 1))
            )
            bend, glow = 0.12 * _jitter(i, count + 2), 1 + 0.05 * _jitter(i, count + 3)
            base, tip = _shade(petal.base, glow), _shade(petal.tip, glow)
            this = replace(petal, length=length, base=base, tip=tip, bend=bend)
            self.petal(cos * inner, sin * flat * inner, math.atan2(dy, dx), this)

    def disc(
        self,
        x: float,
        y: float,
        size: float,
        middle: _Colour,
        rim: _Colour,
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

    def petal(self, x: float, y: float, angle: float, p: _Petal) -> None:
        """Paint a petal from its base at (x, y), its tip at ``angle`` (clockwise)."""
        (cos, sin), half = _direction(angle), p.width / 2
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


def _sunflower(c: _Canvas) -> None:
    c.background((52, 92, 60), (128, 158, 70))
    c.plant((92, 138, 52), (0, 1.35, 0.35, 1.2, 0.7), (0, 1.5, 2.8, 1.2, 0.7))
    c.ring(19, _Petal(0.66, 0.25, "drop", (214, 130, 8), (250, 190, 22)), 0.34, 0.1)
    c.ring(21, _Petal(0.6, 0.22, "drop", (222, 132, 4), (255, 208, 38)), 0.36, 0.25)
    c.disc(0, 0, 0.47, (64, 40, 18), (92, 52, 14), soft=0.03)
    olive, dark, brown, amber = (122, 112, 44), (68, 40, 18), (92, 52, 16), (176, 112, 24)
    c.seeds(330, 0.45, 0.021, olive, dark, dark, brown, amber)


def _oxeye_daisy(c: _Canvas) -> None:
    c.background((38, 84, 48), (104, 150, 66))
    c.plant((84, 132, 58))
    c.ring(17, _Petal(0.78, 0.23, "strap", (206, 208, 214), (250, 250, 250)), 0.2, 0)
    c.ring(16, _Petal(0.76, 0.23, "strap", (214, 216, 216), (255, 255, 255)), 0.2, 0.2)
    c.disc(0, 0, 0.28, (250, 200, 30), (206, 136, 10), soft=0.02)
    c.seeds(190, 0.265, 0.0155, (214, 176, 28), (252, 204, 30), (250, 190, 18), (232, 158, 10))


def _tulip(c: _Canvas) -> None:
    c.background((120, 158, 150), (84, 132, 64))
    c.plant((106, 152, 76), (-0.05, 2.6, -1.9, 2.4, 0.5), (0.05, 2.6, -1.2, 2.2, 0.5))
    for x, angle, length, width, bend, glow in (
        (0.00, -1.57, 1.62, 0.80, 0.00, 0.66),
        (-0.10, -1.86, 1.70, 0.85, 0.12, 0.80),
        (0.10, -1.28, 1.70, 0.85, -0.12, 0.75),
        (-0.14, -1.98, 1.66, 0.90, 0.30, 1.00),
        (0.14, -1.17, 1.66, 0.90, -0.30, 0.94),
        (0.00, -1.55, 1.66, 0.96, 0.00, 1.06),
    ):
        base, tip = _shade((240, 128, 64), glow), _shade((214, 26, 52), glow)
        c.petal(x, 0.86, angle, _Petal(length, width, "bud", base, tip, bend=bend, ridges=3.5))


def _rose(c: _Canvas) -> None:
    c.background((30, 58, 40), (70, 112, 58))
    leaves = (0, 0.2, 0.6, 1.3, 0.8), (0, 0.2, 2.6, 1.3, 0.8), (0, 0, -0.6, 1.25, 0.7)
    c.plant((62, 104, 50), *leaves)
    style = _Petal(1, 1, "spoon", (0, 0, 0), (226, 40, 74), 0, 0.015, 0, ridges=0.6, shadow=0.6)
    for i in range(26):
        size = 1 - i / 27
        length, width, base = 0.12 + 0.88 * size, 0.16 + 1.24 * size, 0.6 + 0.4 * size
        petal = replace(style, length=length, width=width, base=_shade((96, 4, 22), base))
        c.petal(0, 0, i * _GOLDEN, petal)


def _common_dandelion(c: _Canvas) -> None:
    c.background((46, 96, 40), (110, 150, 56))
    c.plant((120, 150, 70))
    for i in range(6):
        tip = (255, 214 + 4 * i, 24)
        petal = _Petal(0.97 - 0.14 * i, 0.095, "strap", (236, 168, 0), tip, shadow=0.35)
        c.ring(42 - 5 * i, petal, 0.03, 0.37 * i)
    c.seeds(60, 0.2, 0.025, (244, 180, 0), (255, 208, 20))


def _purple_coneflower(c: _Canvas) -> None:
    c.background((58, 104, 70), (120, 158, 84))
    c.plant((88, 128, 58), (0, 2.0, -0.5, 1.3, 0.5))
    petal = _Petal(0.86, 0.25, "strap", (160, 62, 128), (222, 124, 190))
    c.ring(19, petal, 0.25, 0, flat=0.42, lift=-0.42)
    c.disc(0, -0.15, 0.43, (150, 76, 20), (84, 36, 20), flat=0.8, soft=0.02)
    tones = (240, 156, 40), (222, 112, 26), (184, 74, 26), (126, 52, 30)
    c.seeds(180, 0.42, 0.027, *tones, y=-0.18, flat=0.8)


def _water_lily(c: _Canvas) -> None:
    c.background((16, 40, 52), (26, 58, 60), lights=12)
    for x, y, size in ((-1.2, 0.5, 0.9), (1.3, 0.2, 0.8), (0.3, 1.0, 0.9), (-0.6, -0.9, 0.6)):
        c.disc(x, y, size, (86, 136, 66), (46, 96, 50), flat=0.5)
    for i, length in enumerate((0.98, 0.86, 0.7, 0.52)):
        base, tip, width = (255, 226, 236), (250, 176 + 18 * i, 222), 0.36 - 0.03 * i
        petal = _Petal(length, width, "lance", base, tip, vein=0.06, shadow=0.35)
        c.ring(12 - i, petal, 0.05, 0.3 * i, flat=0.62, lift=0.1 + 0.1 * i)
    c.seeds(60, 0.17, 0.028, (252, 204, 40), (240, 170, 20), y=-0.03, flat=0.6)


def _corn_poppy(c: _Canvas) -> None:
    c.background((110, 150, 110), (140, 165, 80))
    c.plant((96, 130, 66))
    petal = _Petal(1, 1.9, "spoon", (150, 12, 8), (222, 36, 20), ruffle=0.025, ridges=4)
    c.ring(2, petal, 0, 0.1)
    c.ring(2, replace(petal, length=0.9, width=1.7, tip=(242, 56, 30)), 0, 1.65)
    c.disc(0, 0, 0.26, (20, 10, 16), (34, 8, 12), soft=0.14)
    c.seeds(90, 0.3, 0.02, (24, 16, 28), (34, 24, 40), (58, 44, 60))
    c.disc(0, 0, 0.12, (190, 200, 130), (96, 116, 70))


_PAINTERS: dict[str, Callable[[_Canvas], None]] = {
    "sunflower": _sunflower,
    "oxeye_daisy": _oxeye_daisy,
    "tulip": _tulip,
    "rose": _rose,
    "common_dandelion": _common_dandelion,
    "purple_coneflower": _purple_coneflower,
    "water_lily": _water_lily,
    "corn_poppy": _corn_poppy,
}

#: The kinds of flower that can be drawn.
FLOWERS: tuple[str, ...] = tuple(_PAINTERS)
