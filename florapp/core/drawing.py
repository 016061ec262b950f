"""Flowers drawn by the program itself: pictures for the self-test, the samples and the tests.

The same call gives the same bytes on every machine (see canvas.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from florapp.core.canvas import GOLDEN, Canvas, Petal, shade


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
    canvas = Canvas(width, height, centre, radius)
    _PAINTERS[kind](canvas)
    return np.rint(np.clip(canvas.pixels, 0, 255)).astype(np.uint8)


def _sunflower(c: Canvas) -> None:
    c.background((52, 92, 60), (128, 158, 70))
    c.plant((92, 138, 52), (0, 1.35, 0.35, 1.2, 0.7), (0, 1.5, 2.8, 1.2, 0.7))
    c.ring(19, Petal(0.66, 0.25, "drop", (214, 130, 8), (250, 190, 22)), 0.34, 0.1)
    c.ring(21, Petal(0.6, 0.22, "drop", (222, 132, 4), (255, 208, 38)), 0.36, 0.25)
    c.disc(0, 0, 0.47, (64, 40, 18), (92, 52, 14), soft=0.03)
    olive, dark, brown, amber = (122, 112, 44), (68, 40, 18), (92, 52, 16), (176, 112, 24)
    c.seeds(330, 0.45, 0.021, olive, dark, dark, brown, amber)


def _oxeye_daisy(c: Canvas) -> None:
    c.background((38, 84, 48), (104, 150, 66))
    c.plant((84, 132, 58))
    c.ring(17, Petal(0.78, 0.23, "strap", (206, 208, 214), (250, 250, 250)), 0.2, 0)
    c.ring(16, Petal(0.76, 0.23, "strap", (214, 216, 216), (255, 255, 255)), 0.2, 0.2)
    c.disc(0, 0, 0.28, (250, 200, 30), (206, 136, 10), soft=0.02)
    c.seeds(190, 0.265, 0.0155, (214, 176, 28), (252, 204, 30), (250, 190, 18), (232, 158, 10))


def _tulip(c: Canvas) -> None:
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
        base, tip = shade((240, 128, 64), glow), shade((214, 26, 52), glow)
        c.petal(x, 0.86, angle, Petal(length, width, "bud", base, tip, bend=bend, ridges=3.5))


def _rose(c: Canvas) -> None:
    c.background((30, 58, 40), (70, 112, 58))
    leaves = (0, 0.2, 0.6, 1.3, 0.8), (0, 0.2, 2.6, 1.3, 0.8), (0, 0, -0.6, 1.25, 0.7)
    c.plant((62, 104, 50), *leaves)
    style = Petal(1, 1, "spoon", (0, 0, 0), (226, 40, 74), 0, 0.015, 0, ridges=0.6, shadow=0.6)
    for i in range(26):
        size = 1 - i / 27
        length, width, base = 0.12 + 0.88 * size, 0.16 + 1.24 * size, 0.6 + 0.4 * size
        petal = replace(style, length=length, width=width, base=shade((96, 4, 22), base))
        c.petal(0, 0, i * GOLDEN, petal)


def _common_dandelion(c: Canvas) -> None:
    c.background((46, 96, 40), (110, 150, 56))
    c.plant((120, 150, 70))
    for i in range(6):
        tip = (255, 214 + 4 * i, 24)
        petal = Petal(0.97 - 0.14 * i, 0.095, "strap", (236, 168, 0), tip, shadow=0.35)
        c.ring(42 - 5 * i, petal, 0.03, 0.37 * i)
    c.seeds(60, 0.2, 0.025, (244, 180, 0), (255, 208, 20))


def _purple_coneflower(c: Canvas) -> None:
    c.background((58, 104, 70), (120, 158, 84))
    c.plant((88, 128, 58), (0, 2.0, -0.5, 1.3, 0.5))
    petal = Petal(0.86, 0.25, "strap", (160, 62, 128), (222, 124, 190))
    c.ring(19, petal, 0.25, 0, flat=0.42, lift=-0.42)
    c.disc(0, -0.15, 0.43, (150, 76, 20), (84, 36, 20), flat=0.8, soft=0.02)
    tones = (240, 156, 40), (222, 112, 26), (184, 74, 26), (126, 52, 30)
    c.seeds(180, 0.42, 0.027, *tones, y=-0.18, flat=0.8)


def _water_lily(c: Canvas) -> None:
    c.background((16, 40, 52), (26, 58, 60), lights=12)
    for x, y, size in ((-1.2, 0.5, 0.9), (1.3, 0.2, 0.8), (0.3, 1.0, 0.9), (-0.6, -0.9, 0.6)):
        c.disc(x, y, size, (86, 136, 66), (46, 96, 50), flat=0.5)
    for i, length in enumerate((0.98, 0.86, 0.7, 0.52)):
        base, tip, width = (255, 226, 236), (250, 176 + 18 * i, 222), 0.36 - 0.03 * i
        petal = Petal(length, width, "lance", base, tip, vein=0.06, shadow=0.35)
        c.ring(12 - i, petal, 0.05, 0.3 * i, flat=0.62, lift=0.1 + 0.1 * i)
    c.seeds(60, 0.17, 0.028, (252, 204, 40), (240, 170, 20), y=-0.03, flat=0.6)


def _corn_poppy(c: Canvas) -> None:
    c.background((110, 150, 110), (140, 165, 80))
    c.plant((96, 130, 66))
    petal = Petal(1, 1.9, "spoon", (150, 12, 8), (222, 36, 20), ruffle=0.025, ridges=4)
    c.ring(2, petal, 0, 0.1)
    c.ring(2, replace(petal, length=0.9, width=1.7, tip=(242, 56, 30)), 0, 1.65)
    c.disc(0, 0, 0.26, (20, 10, 16), (34, 8, 12), soft=0.14)
    c.seeds(90, 0.3, 0.02, (24, 16, 28), (34, 24, 40), (58, 44, 60))
    c.disc(0, 0, 0.12, (190, 200, 130), (96, 116, 70))


_PAINTERS: dict[str, Callable[[Canvas], None]] = {
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
