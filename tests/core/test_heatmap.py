"""What speaks for a class is found where it is in the picture, and only as far as it does."""

import numpy as np
import pytest

from florapp.core.geometry import FITS
from florapp.core.heatmap import SIDE, colours, strengths
from florapp.core.network import Network
from florapp.core.pipeline import classify, in_order
from florapp.core.prediction import Answer
from florapp.core.source import Source
from tests.core.mapped import BLOB, blob_picture, save_mapped_model


@pytest.fixture(scope="module", params=FITS)
def mapped(request, card, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mapped")
    return Network(save_mapped_model(folder / "mapped.onnx", card, request.param))


@pytest.mark.parametrize("size", [(300, 200), (200, 300)], ids=["wide", "tall"])
def test_the_map_lies_on_what_it_speaks_of(mapped, size):
    """In each of the eight orientations that a picture can be stored in."""
    sources = [Source(str(i), blob_picture(size[0], size[1], i)) for i in range(1, 9)]
    for answer in in_order(classify(mapped, sources)):
        assert isinstance(answer, Answer) and answer.class_maps is not None
        assert answer.size == size
        names = [candidate.label.id for candidate in answer.candidates]
        for name, (x, y) in (("red", BLOB), ("green", (1 - BLOB[0], 1 - BLOB[1]))):
            map_ = strengths(answer.class_maps, names.index(name))
            row, column = np.argwhere(map_ >= 0.9 * map_.max()).mean(axis=0)
            left, top, right, bottom = answer.placement.box
            assert left + (column + 0.5) / SIDE * (right - left) == pytest.approx(x, abs=0.07)
            assert top + (row + 0.5) / SIDE * (bottom - top) == pytest.approx(y, abs=0.07)


def test_the_maps_are_in_the_order_of_the_candidates(mapped):
    ((_, answer),) = classify(mapped, [Source.of(np.full((30, 40, 3), (60, 250, 140), np.uint8))])
    assert isinstance(answer, Answer) and answer.class_maps is not None
    assert [candidate.label.id for candidate in answer.candidates] == ["green", "blue", "red"]
    assert (np.diff(answer.class_maps.mean(axis=(0, 1))) < 0).all()


def maps(*values):
    """Class maps of 7 x 7 places that are the same all over, but for one each: its own."""
    made = np.zeros((7, 7, len(values)), np.float32)
    for i, value in enumerate(values):
        made[1, 2 * i, i] = value
    return made


def test_what_speaks_for_all_of_them_alike_speaks_for_none():
    alike = np.repeat(np.arange(49, dtype=np.float32).reshape(7, 7, 1), 5, axis=2)
    assert strengths(alike, 0).max() == 0
    np.testing.assert_allclose(strengths(maps(9, 5) + 30, 0), strengths(maps(9, 5), 0), atol=1e-5)


def test_the_maps_of_one_picture_compare():
    strong, weak = (strengths(maps(20, 5, 0), i).max() for i in (0, 1))
    assert strong == pytest.approx(1, abs=0.05)
    assert weak == pytest.approx(strong / 4, abs=0.05)
    assert strengths(maps(20, 5, 0), 2).max() == 0


def test_what_hardly_speaks_is_not_blown_up():
    assert strengths(maps(0.5, 0.2), 0).max() < 0.15


def test_what_speaks_against_it_is_not_shown():
    assert strengths(maps(-20, 0), 0).max() == 0
    assert strengths(maps(-20, 0), 1).max() == pytest.approx(1, abs=0.05)


def test_a_model_of_one_class_has_its_map():
    alone = strengths(maps(20), 0)
    assert alone.max() == pytest.approx(1, abs=0.05)
    row, column = np.unravel_index(alone.argmax(), alone.shape)
    assert (int(row) * 7 // SIDE, int(column) * 7 // SIDE) == (1, 0)


def test_it_is_smooth_and_stays_within_bounds():
    rough = 20 * np.random.default_rng(5).normal(size=(7, 7, 5)).astype(np.float32)
    made = np.stack([strengths(rough, i) for i in range(5)])
    assert made.shape == (5, SIDE, SIDE)
    assert made.min() == 0
    assert 0.95 < made.max() <= 1
    assert np.abs(np.diff(made, axis=1)).max() < 0.2


def test_more_is_lighter_and_never_hides_the_picture():
    shown = colours(np.linspace(0, 1, 101, dtype=np.float32)[None])
    assert shown.dtype == np.uint8
    red, green, blue, alpha = shown[0].astype(float).T
    assert alpha[0] == 0
    assert alpha[-1] <= 0.7 * 255 + 1
    assert (np.diff(alpha) >= 0).all()
    luminance = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    assert (np.diff(luminance) > 0).all()  # told apart without seeing colours
    assert blue[10] > red[10] and blue[100] < red[100]
