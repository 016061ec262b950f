"""Pictures without anything to name are told from all others, in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from florapp.core.drawing import FLOWERS, draw
from florapp.core.quality import Flaw, flaw, sentence

SIZES = st.integers(32, 300)
COLOURS = st.tuples(*3 * [st.integers(0, 255)])
SEEDS = st.integers(0, 1000)
NOTHING = {Flaw.BLANK, Flaw.DARK}


def pixels(values: NDArray) -> NDArray[np.uint8]:
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)


def gradient(size: int, first: tuple[int, ...], last: tuple[int, ...]) -> NDArray[np.float64]:
    share = np.linspace(0, 1, size)[:, None, None] * np.ones((1, size, 1))
    return np.array(first) + share * (np.array(last) - np.array(first))


def blurred(image: NDArray[np.uint8], part: float) -> NDArray[np.uint8]:
    radius = part * len(image)
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius)))


@settings(max_examples=25)
@given(size=SIZES, colour=COLOURS)
def test_one_colour_is_nothing_to_name(size, colour):
    said = flaw(np.full((size, size, 3), colour, np.uint8))
    assert said in NOTHING
    assert said is not Flaw.DARK or max(colour) < 40
    assert said is not Flaw.BLANK or max(colour) > 15


@settings(max_examples=25)
@given(size=SIZES, first=COLOURS, last=COLOURS, seed=SEEDS)
def test_a_slope_of_light_with_some_grain_is_nothing_to_name(size, first, last, seed):
    grain = np.random.default_rng(seed).normal(0, 2, (size, size, 3))
    assert flaw(pixels(gradient(size, first, last) + grain)) in NOTHING


@settings(max_examples=25)
@given(size=SIZES, colour=COLOURS, strength=st.integers(40, 120), seed=SEEDS, grey=st.booleans())
def test_noise_of_any_colour_is_noise(size, colour, strength, seed, grey):
    shape = (size, size, 1 if grey else 3)
    noise = np.random.default_rng(seed).normal(0, strength, shape)
    said = flaw(pixels(np.array(colour) + noise))
    assert said is Flaw.NOISE or (said is Flaw.DARK and max(colour) < 24)


@settings(max_examples=25)
@given(
    size=SIZES, side=st.sampled_from([1, 2]), levels=st.sampled_from([2, 256]),
    channels=st.sampled_from([1, 3]), seed=SEEDS,
)  # fmt: skip
def test_random_dots_are_noise(size, side, levels, channels, seed):
    random = np.random.default_rng(seed)
    dots = random.integers(0, levels, (-(-size // side), -(-size // side), channels))
    image = np.kron(dots, np.ones((side, side, 1)))[:size, :size] * 255 / (levels - 1)
    assert flaw(pixels(np.broadcast_to(image, (size, size, 3)))) is Flaw.NOISE


@settings(max_examples=25)
@given(size=SIZES, seed=SEEDS, levels=st.integers(1, 256), side=st.integers(1, 40))
def test_any_square_has_a_flaw_or_none(size, seed, levels, side):
    random = np.random.default_rng(seed)
    tile = random.integers(0, levels, (side, side, 3), dtype=np.uint8)
    image = np.tile(tile, (-(-size // side), -(-size // side), 1))[:size, :size]
    image.flags.writeable = False  # as Pillow's are
    assert flaw(image) in {None, *Flaw}


@pytest.mark.parametrize("size", [96, 224, 299])
@pytest.mark.parametrize("kind", FLOWERS)
def test_a_flower_is_not_flawed_until_nothing_of_it_is_left(kind, size):
    flower = draw(kind, size, size)
    assert flaw(flower) is None
    assert flaw(blurred(flower, 0.01)) is None
    assert flaw(blurred(flower, 0.06)) is Flaw.BLURRED
    assert flaw(pixels(0.25 * flower)) is None
    grain = np.random.default_rng(0).normal(0, 3, flower.shape)
    assert flaw(pixels(0.02 * flower + 6 + grain)) is Flaw.DARK
    assert flaw(pixels(0.3 * flower + 180)) is None  # in fog


@pytest.mark.parametrize("radius", [0.1, 0.2, 0.4])
def test_a_sharp_flower_before_a_soft_background_is_not_flawed(radius):
    image = gradient(224, (40, 90, 50), (150, 180, 120))
    y, x = np.mgrid[:224, :224] / 224 - 0.5
    image[(x - 0.2) ** 2 + y**2 < radius**2] = (240, 200, 40)
    assert flaw(pixels(image)) is None


def test_noise_counts_only_where_it_drowns_everything():
    flower = draw("rose", 224, 224)
    noise = np.random.default_rng(0).normal(0, 30, flower.shape)
    assert flaw(pixels(0.5 * flower + noise)) is None
    assert flaw(pixels(0.05 * flower + 60 + noise)) is Flaw.NOISE


def test_colours_of_the_same_lightness_are_something():
    image = np.full((224, 224, 3), (60, 120, 60), np.uint8)
    image[60:160, 60:160] = (150, 75, 60)
    assert flaw(image) is None


def test_an_overexposed_picture_is_blank():
    assert flaw(pixels(230.0 + draw("oxeye_daisy", 224, 224))) is Flaw.BLANK


@pytest.mark.parametrize("which", Flaw)
def test_each_flaw_has_its_sentence_with_something_to_do(which):
    said = sentence(which)
    assert said.startswith("The picture is ") and "Please" in said
    assert len({sentence(each) for each in Flaw}) == len(Flaw)
