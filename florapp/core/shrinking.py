"""Large pictures are converted and shrunk part by part: as a whole they would fill the memory."""

from __future__ import annotations

import math

from PIL import Image

from florapp.core.colours import to_srgb

#: Pictures with more pixels are shrunk as soon as they are decoded, where less will do.
LARGE = 8_000_000
_PART = 4_000_000  # pixels that are converted and shrunk at a time


def at_once(pixels: int) -> int:
    """Return how many of a picture's ``pixels`` are converted at a time."""
    return pixels if pixels <= LARGE else _PART


def shrunk(image: Image.Image, at_least: int | None) -> Image.Image:
    """Convert to sRGB; a large picture part by part, each of which is shrunk at once."""
    pixels = image.width * image.height
    if at_least is None or pixels <= LARGE:
        return to_srgb(image)
    if image.mode in ("I", "F"):  # what is white in them, all of it tells
        image = to_srgb(image)
    # The second is for a picture that is very long and narrow.
    factor = max(1, min(image.size) // at_least, math.isqrt(pixels // LARGE))
    small = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    rows = max(1, _PART // (image.width * factor)) * factor
    columns = max(1, _PART // (rows * factor)) * factor
    for top in range(0, image.height, rows):
        for left in range(0, image.width, columns):
            right, bottom = min(left + columns, image.width), min(top + rows, image.height)
            part = to_srgb(image.crop((left, top, right, bottom)))
            small.paste(part.reduce(factor), (left // factor, top // factor))
    return small
