"""What may happen to a photograph before anybody names it, for the benchmarks beside this file."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageFilter


def as_is(image: Image.Image) -> Image.Image:
    """No change."""
    return image


def small(image: Image.Image) -> Image.Image:
    """Half the size and back: half the detail."""
    half = (max(1, image.width // 2), max(1, image.height // 2))
    return image.resize(half, Image.Resampling.BICUBIC).resize(image.size, Image.Resampling.BICUBIC)


def blurred(image: Image.Image, radius: float) -> Image.Image:
    """Gaussian blur; ``radius`` is its standard deviation in pixels."""
    return image.filter(ImageFilter.GaussianBlur(radius))


def out_of_focus(image: Image.Image, part: float) -> Image.Image:
    """Gaussian blur of ``part`` of the shorter side, so that large pictures are blurred as much."""
    return blurred(image, part * min(image.size))


def sharpened(image: Image.Image) -> Image.Image:
    """Unsharp mask."""
    return image.filter(ImageFilter.UnsharpMask(radius=2, percent=120))


def compressed(image: Image.Image, quality: int) -> Image.Image:
    """Save as JPEG and read again."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def underexposed(image: Image.Image, stops: float) -> Image.Image:
    """A ``2 ** stops``-th of the light, by the display's gamma of 2.2: darker in proportion."""
    factor = 2 ** (-stops / 2.2)
    return image.point([round(factor * value) for value in range(256)] * len(image.getbands()))


def noisy(image: Image.Image, strength: float) -> Image.Image:
    """Gaussian noise of standard deviation ``strength`` in each channel, always the same."""
    pixels = np.asarray(image)
    noise = np.random.default_rng(0).normal(0, strength, pixels.shape)
    return Image.fromarray(np.rint(np.clip(pixels + noise, 0, 255)).astype(np.uint8))


def rotated(image: Image.Image, degrees: float) -> Image.Image:
    """Turned about its centre, mirrored where it ends: a real one would have no empty corners."""
    margin = max(image.size) // 4  # enough for 20 degrees
    around = np.pad(np.asarray(image), ((margin,) * 2, (margin,) * 2, (0, 0)), mode="symmetric")
    turned = Image.fromarray(around).rotate(degrees, Image.Resampling.BICUBIC)
    return turned.crop((margin, margin, margin + image.width, margin + image.height))


def cropped(image: Image.Image, area: float) -> Image.Image:
    """The middle, of the same shape, which is ``area`` (0 to 1) of the whole."""
    width, height = (max(1, round(side * area**0.5)) for side in image.size)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def square(image: Image.Image) -> Image.Image:
    """The central square: no shape left to go by."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))
