import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from florapp.core.drawing import draw
from florapp.core.geometry import Geometry
from florapp.core.square import to_input
from training.augment import augment, cutmix, random_box
from training.config import Augmentation

OFF = Augmentation(
    scale=(1.0, 1.0),
    aspect=(1.0, 1.0),
    rotation=0.0,
    flip=False,
    brightness=0.0,
    contrast=0.0,
    saturation=0.0,
    blur=0.0,
    recompress=0.0,
)
PICTURE = draw("tulip", 90, 70)


def augmented(recipe, seed=1, picture=PICTURE, size=48):
    return augment(Image.fromarray(picture), size, recipe, np.random.default_rng(seed))


@pytest.mark.parametrize("shape", [(70, 90), (48, 48), (20, 300), (1, 1), (3, 2)])
def test_shape_and_type(shape):
    picture = np.full((*shape, 3), 90, np.uint8)
    for seed in range(20):
        crop = augmented(Augmentation(blur=1.0, recompress=1.0), seed, picture, 40)
        assert crop.shape == (40, 40, 3)
        assert crop.dtype == np.uint8


def test_the_seed_decides():
    recipe = Augmentation()
    assert np.array_equal(augmented(recipe, 1), augmented(recipe, 1))
    assert not np.array_equal(augmented(recipe, 1), augmented(recipe, 2))


@pytest.mark.parametrize("size", [32, 48, 200])
@pytest.mark.parametrize("shape", [(90, 70), (70, 90), (331, 117)])
def test_with_everything_off_it_is_the_plain_resize(shape, size):
    picture = draw("rose", *shape)
    expected, _ = to_input(picture, Geometry(size, "stretch"))
    assert np.array_equal(augmented(OFF, picture=picture, size=size), expected)


@pytest.mark.parametrize(
    "change",
    [
        {"scale": (0.3, 0.5)},
        {"aspect": (2.0, 3.0)},
        {"rotation": 30.0},
        {"flip": True},
        {"brightness": 0.5},
        {"contrast": 0.5},
        {"saturation": 0.5},
        {"blur": 1.0, "blur_radius": 2.0},
        {"noise": 1.0, "noise_deviation": 30.0},
        {"recompress": 1.0, "quality": (5, 10)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_change_alone_changes_the_picture(change):
    plain, recipe = augmented(OFF), dataclasses.replace(OFF, **change)
    changed = [augmented(recipe, seed) for seed in range(8)]
    different = [crop for crop in changed if not np.array_equal(crop, plain)]
    if "flip" in change:  # every other time
        assert 0 < len(different) < 8
        assert all(np.array_equal(crop, plain[:, ::-1]) for crop in different)
    else:
        assert len(different) == 8
        assert len({crop.tobytes() for crop in different}) == 8


sides = st.integers(1, 6000)
parts = st.floats(0.01, 1.0)
ratios = st.floats(0.2, 5.0)


@given(sides, sides, parts, parts, ratios, ratios, st.integers(0, 2**32))
def test_a_crop_lies_within_the_picture(width, height, part, other, ratio, another, seed):
    recipe = Augmentation(
        scale=(min(part, other), max(part, other)),
        aspect=(min(ratio, another), max(ratio, another)),
    )
    box = random_box(width, height, recipe, np.random.default_rng(seed))
    assert 0 <= box[0] < box[2] <= width
    assert 0 <= box[1] < box[3] <= height


def test_a_crop_lies_within_the_picture_when_it_just_fits():
    """Rounding made one crop in some thousands a hair larger than its picture, an error."""
    random = np.random.default_rng(0)
    for _ in range(30_000):
        width, height = (int(side) for side in random.integers(1, 3000, 2))
        box = random_box(width, height, Augmentation(), random)
        assert 0 <= box[0] < box[2] <= width
        assert 0 <= box[1] < box[3] <= height


def test_a_crop_has_the_area_it_is_told():
    recipe = dataclasses.replace(OFF, scale=(0.25, 0.25))
    left, top, right, bottom = random_box(400, 200, recipe, np.random.default_rng(5))
    assert (right - left) * (bottom - top) == pytest.approx(400 * 200 / 4)
    assert (right - left) / (bottom - top) == pytest.approx(2)


def test_rotation_fills_its_corners_with_the_mean_colour():
    picture = np.full((60, 60, 3), (10, 200, 90), np.uint8)
    crop = augmented(dataclasses.replace(OFF, rotation=45.0), picture=picture)
    assert np.array_equal(np.unique(crop.reshape(-1, 3), axis=0), [[10, 200, 90]])


def test_noise_is_as_strong_as_the_recipe_allows_at_most():
    grey = np.full((200, 200, 3), 128, np.uint8)
    recipe = dataclasses.replace(OFF, noise=1.0, noise_deviation=12.0)
    noises = [augmented(recipe, seed, grey, 200).astype(float) - 128 for seed in range(30)]
    deviations = [noise.std() for noise in noises]
    assert 0 <= min(deviations) < 4
    assert 8 < max(deviations) < 12.1
    assert all(abs(noise.mean()) < 0.3 for noise in noises)


def colours(count=24, size=20):
    """Pictures of one colour each, each of a class of its own."""
    images = np.repeat(np.arange(count, dtype=np.uint8), size * size * 3)
    return images.reshape(count, size, size, 3), np.eye(count, dtype=np.float32)


def test_cutmix_labels_say_what_share_of_the_picture_is_whose():
    images, labels = colours()
    mixed, shares = cutmix(images, labels, 1.0, np.random.default_rng(3))
    assert mixed.dtype == np.uint8
    assert shares.dtype == np.float32
    for picture, share in zip(mixed, shares, strict=True):
        seen = np.bincount(picture[..., 0].ravel(), minlength=24) / picture[..., 0].size
        assert share == pytest.approx(seen, abs=1e-6)
    own = shares.diagonal()
    assert own.min() < 0.5  # some are mostly another
    assert own.max() > 0.8


@pytest.mark.parametrize("part", [0.0, 0.5])
def test_cutmix_changes_the_part_it_is_told(part):
    images, labels = colours(count=200)
    mixed, shares = cutmix(images, labels, part, np.random.default_rng(1))
    changed = (mixed != images).any(axis=(1, 2, 3))
    assert changed.mean() == pytest.approx(part, abs=0.1)
    assert np.array_equal(shares.diagonal() < 1, changed)


def test_a_picture_alone_in_its_batch_stays_itself():
    images, labels = colours(count=1)
    mixed, shares = cutmix(images, labels, 1.0, np.random.default_rng(1))
    assert np.array_equal(mixed, images)
    assert shares == pytest.approx(labels)


def test_a_picture_is_not_changed_in_place():
    picture = np.asarray(Image.fromarray(PICTURE)).copy()
    augmented(Augmentation(blur=1.0, recompress=1.0), picture=picture)
    assert np.array_equal(picture, PICTURE)
