"""A blurred picture is less sharp than the picture."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from florapp.core.drawing import draw
from florapp.core.sharpness import sharpness


@pytest.fixture(scope="module")
def flower() -> Image.Image:
    return Image.fromarray(draw("sunflower", 320, 240))


def test_the_more_blur_the_less_sharp(flower: Image.Image) -> None:
    blurred = [flower.filter(ImageFilter.GaussianBlur(radius)) for radius in (0, 0.5, 1, 2, 4)]
    rated = [sharpness(np.asarray(image)) for image in blurred]
    assert rated == sorted(rated, reverse=True) and rated[0] > 2 * rated[2]


@pytest.mark.parametrize("axis", [0, 1])
def test_a_shaken_picture_is_less_sharp_in_whichever_direction(
    flower: Image.Image, axis: int
) -> None:
    pixels = np.asarray(flower)
    shaken = np.mean([np.roll(pixels, shift, axis) for shift in range(6)], axis=0)
    assert sharpness(shaken.astype(np.uint8)) < 0.8 * sharpness(pixels)


def test_grey_is_rated_as_green_is(flower: Image.Image) -> None:
    pixels = np.asarray(flower)
    assert sharpness(pixels[..., 1]) == sharpness(pixels) > 0


def test_it_is_the_variance_of_the_laplacian() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (401, 601), np.uint8)
    wide = pixels.astype(float)
    cross = wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:]
    assert sharpness(pixels) == pytest.approx(np.var(4 * wide[1:-1, 1:-1] - cross), rel=0.02)


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 40, 3), (40, 2), (3, 3, 3)])
def test_plain_and_tiny_pictures_have_none(shape: tuple[int, ...]) -> None:
    assert sharpness(np.full(shape, 90, np.uint8)) == 0
