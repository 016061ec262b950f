"""The network's square: always of its size, and what it shows is where Placement says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from florapp.core.drawing import draw
from florapp.core.geometry import FITS, Geometry, place
from florapp.core.images import decode
from florapp.core.source import Source
from florapp.core.square import to_input

SIDES = st.integers(1, 3000)
fits = pytest.mark.parametrize("fit", FITS)


@fits
@settings(max_examples=40)
@given(width=SIDES, height=SIDES, size=st.sampled_from([32, 224, 331]))
@example(width=1, height=3000, size=224)
@example(width=3000, height=1, size=224)
@example(width=1, height=1, size=224)
def test_every_picture_becomes_the_square(fit, width, height, size):
    pixels = np.full((height, width, 3), 200, np.uint8)
    square, _ = to_input(pixels, Geometry(size, fit))
    assert square.shape == (size, size, 3)
    assert square.dtype == np.uint8
    seen = np.abs(square.astype(int) - 200).max(axis=2) <= 1
    assert seen[size // 2 - 1 : size // 2 + 1, size // 2 - 1 : size // 2 + 1].any()
    if fit != "contain":
        assert seen.all()


@fits
@pytest.mark.parametrize("sides", [(480, 360), (360, 480), (1000, 368)])
def test_a_jpeg_that_is_decoded_small_looks_the_same_to_the_network(fit, sides, saved):
    geometry = Geometry(32, fit)
    flower = Image.fromarray(draw("rose", *sides))
    photograph = Source.of(saved(flower, "JPEG", quality=95))
    small = decode(photograph, geometry.at_least).image
    assert small.size == tuple(-(-side // 8) for side in sides)
    squares = [
        to_input(image, geometry)[0].astype(int) for image in (small, decode(photograph).image)
    ]
    assert np.abs(squares[0] - squares[1]).mean() < 2  # of 255


@given(width=SIDES, height=SIDES)
def test_cover_and_contain_take_a_square_of_the_picture(width, height):
    for fit, side in (("cover", min(width, height)), ("contain", max(width, height))):
        left, top, right, bottom = place(width, height, fit).box  # type: ignore[arg-type]
        assert (right - left) * width == pytest.approx(side)
        assert (bottom - top) * height == pytest.approx(side)
        assert (left + right, top + bottom) == pytest.approx((1, 1))
    assert place(width, height, "stretch").box == (0, 0, 1, 1)


@fits
@settings(max_examples=100)
@given(
    width=st.integers(40, 400),
    height=st.integers(40, 400),
    across=st.floats(0.2, 0.8),
    down=st.floats(0.2, 0.8),
)
def test_a_bright_dot_shows_where_the_placement_says(fit, width, height, across, down):
    size = 96
    box = place(width, height, fit).box
    # The part of the picture that is seen, in pixels, and a dot inside it.
    x0, x1 = max(0, box[0]) * width, min(1, box[2]) * width
    y0, y1 = max(0, box[1]) * height, min(1, box[3]) * height
    radius = 0.15 * min(x1 - x0, y1 - y0)
    x, y = x0 + across * (x1 - x0), y0 + down * (y1 - y0)
    left, right = round(x - radius), round(x + radius)
    top, bottom = round(y - radius), round(y + radius)
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[top:bottom, left:right] = 255

    square, placement = to_input(pixels, Geometry(size, fit))

    seen_y, seen_x = np.nonzero(square[..., 0] > 190)  # brighter than the grey around `contain`
    expected_x = ((left + right) / 2 / width - box[0]) / (box[2] - box[0])
    expected_y = ((top + bottom) / 2 / height - box[1]) / (box[3] - box[1])
    assert placement.box == box
    assert (seen_x.mean() + 0.5) / size == pytest.approx(expected_x, abs=1.5 / size)
    assert (seen_y.mean() + 0.5) / size == pytest.approx(expected_y, abs=1.5 / size)


@pytest.mark.parametrize("fit", ["stretch", "contain"])
@pytest.mark.parametrize(("width", "height"), [(64, 48), (30, 300), (500, 60), (7, 5)])
def test_the_whole_picture_is_seen(fit, width, height):
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1] = 255, 255, 255, 255  # a white frame
    size = 1000
    square, placement = to_input(pixels, Geometry(size, fit))
    left, top, right, bottom = placement.box
    edges = ((0 - left), (1 - left)), ((0 - top), (1 - top))
    (x0, x1), (y0, y1) = (
        [round(edge / (high - low) * size) for edge in pair]
        for pair, low, high in zip(edges, (left, top), (right, bottom), strict=True)
    )
    middle_x, middle_y = (x0 + x1) // 2, (y0 + y1) // 2
    for y, x in [(y0, middle_x), (y1 - 1, middle_x), (middle_y, x0), (middle_y, x1 - 1)]:
        assert square[y, x].min() > 190


def test_contain_lies_on_grey_and_cover_cuts_the_longer_side():
    pixels = np.zeros((50, 100, 3), np.uint8)
    pixels[:, 25:75] = 255
    contained, _ = to_input(pixels, Geometry(100, "contain"))
    assert (contained[:24] == contained[0, 0]).all()
    assert (contained[76:] == contained[0, 0]).all()
    assert 90 < contained[0, 0].min() <= contained[0, 0].max() < 140
    covered, _ = to_input(pixels, Geometry(100, "cover"))
    assert (covered[2:-2, 2:-2] == 255).all()  # the filter looks a little beyond the edge
