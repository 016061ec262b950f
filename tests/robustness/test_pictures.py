"""Whatever is in a picture file, there is an answer or a sentence, in bounded memory and time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from florapp.core.readers import PATIENCE
from tests.robustness import jpeg_bombs, png_bombs
from tests.robustness.bombs import BOMBS, NO_PICTURE, RENAMED, webp
from tests.robustness.fuzz import fuzz
from tests.robustness.parts import saved_as
from tests.robustness.reader import MEGABYTES, Reader
from tests.robustness.run import classify
from tests.robustness.structures import PICTURES

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def one_reader(tiny_model: Path):
    """One process for all: what a bomb leaves behind harms the next."""
    with Reader(tiny_model) as made:
        yield made


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_answered_or_refused_for_what_it_is(one_reader: Reader, bomb: str) -> None:
    make, sentence = BOMBS[bomb]
    reading = one_reader.read(make())
    assert reading.sound, reading
    assert reading.seconds < PATIENCE, reading
    assert sentence in reading.sentence, reading
    assert bool(sentence) == bool(reading.sentence), reading


@pytest.mark.parametrize("other", RENAMED)
def test_what_is_called_a_picture_and_is_none_is_refused(
    one_reader: Reader, tmp_path: Path, other: str
) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(RENAMED[other])
    for reading in (one_reader.read(path), one_reader.read(path.read_bytes())):
        assert NO_PICTURE in reading.sentence
        assert reading.sound, reading


#: Large pictures of one colour, and how many of each.
LARGE: dict[str, tuple[Callable[[], bytes], int]] = {
    "a.png": (partial(png_bombs.large, 9_500), 4),
    "camera.png": (partial(png_bombs.large, 5_000), 16),  # 25 megapixels
    "parted.jpg": (partial(jpeg_bombs.parted, 10_000, 10_000), 8),
    "a.bmp": (lambda: saved_as(Image.new("RGB", (5_600, 5_600)), "BMP"), 8),  # 94 MB
    "a.webp": (webp(6_500, 6_500), 4),
}


@pytest.mark.parametrize("name", LARGE)
def test_many_large_pictures_at_once_take_no_more_than_one(tmp_path: Path, name: str) -> None:
    """In the program as it is, with its own model, by eight readers."""
    make, count = LARGE[name]
    (tmp_path / name).write_bytes(make())
    for number in range(1, count):
        (tmp_path / f"{number}{name}").hardlink_to(tmp_path / name)
    run = classify("--threads", 8, tmp_path)
    assert (run.status, len(run.answers), run.complaints) == (0, count, [])
    assert run.megabytes < MEGABYTES


def test_damaged_pictures(tiny_model: Path) -> None:
    report = fuzz(1000, seed=0, model=tiny_model)
    assert not report.failures
    assert report.answered.keys() == report.refused.keys()
    assert len(report.sentences) > 40


@settings(
    max_examples=200,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(content=PICTURES)
def test_sound_structures_with_anything_in_them(one_reader: Reader, content: bytes) -> None:
    reading = one_reader.read(content)
    assert reading.sound, reading
