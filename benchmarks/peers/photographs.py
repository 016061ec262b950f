"""JPEGs of any size that take as long to decode as those of a camera, and folders of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from florapp.core.drawing import draw
from florapp.core.images import decode
from florapp.core.source import Source

DISTINCT = 24
MEGAPIXELS = 0.3, 12.0
SHAPES = (4, 3), (3, 4), (3, 2)
STEP = 7  # through the distinct files, so that any part of the folder has large and small ones
_GRAIN = 4.0  # standard deviation of the noise: a camera's on a dull day
_QUALITY = 90


def pixels(photo: Path | None) -> Image.Image:
    """Open the photograph; without one, draw a flower."""
    if photo is None:
        return Image.fromarray(draw("sunflower", 1000, 750))
    return decode(Source.of(photo)).image


def write(image: Image.Image, size: tuple[int, int], path: Path) -> None:
    """Write ``image``, cut and scaled to (width, height) and with grain, as a JPEG.

    The same picture gives the same file: scaling alone would leave nothing but smooth blocks, which
    decode much sooner than a photograph.
    """
    large = ImageOps.fit(image, size, Image.Resampling.BICUBIC)
    grain = np.random.default_rng(1).normal(0, _GRAIN, (size[1], size[0], 1))
    grainy: NDArray[np.uint8] = np.clip(np.asarray(large) + grain, 0, 255).astype(np.uint8)
    Image.fromarray(grainy).save(path, quality=_QUALITY, subsampling="4:2:0")


def distinct(photos: Sequence[Path], folder: Path) -> list[Path]:
    """Write the files of mixed sizes, from small to large."""
    folder.mkdir()
    low, high = MEGAPIXELS
    files = []
    for i in range(DISTINCT):
        wide, tall = SHAPES[i % len(SHAPES)]
        area = low * (high / low) ** (i / (DISTINCT - 1)) * 1e6
        unit = (area / (wide * tall)) ** 0.5
        files.append(folder / f"{i:02d}.jpg")
        sides = round(wide * unit), round(tall * unit)
        write(pixels(photos[i % len(photos)]), sides, files[-1])
    return files


def linked(files: Sequence[Path], folder: Path, count: int) -> list[Path]:
    """Fill ``folder`` with so many links to ``files``."""
    folder.mkdir()
    paths = [folder / f"{i:06d}.jpg" for i in range(count)]
    for i, path in enumerate(paths):
        path.hardlink_to(files[i * STEP % len(files)])
    return paths
