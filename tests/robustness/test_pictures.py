"""Whatever is in a picture file, there is an answer or a sentence, in bounded memory and time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.robustness.bombs import BOMBS
from tests.robustness.fuzz import fuzz
from tests.robustness.parts import png, png_header, zeros
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
def test_a_bomb_is_an_answer_or_a_sentence(one_reader: Reader, bomb: str) -> None:
    reading = one_reader.read(BOMBS[bomb]())
    assert reading.sound, reading
    assert "given up" not in reading.sentence


def test_many_large_pictures_at_once_take_no_more_than_one(tmp_path: Path) -> None:
    """In the program as it is, with its own model, as many readers as there are processors."""
    content = png(png_header(12_000, 12_000, 6), (b"IDAT", zeros(12_000 * 48_001)))
    for number in range(4):
        (tmp_path / f"{number}.png").write_bytes(content)
    run = classify(tmp_path)
    assert (run.status, len(run.answers), run.complaints) == (0, 4, [])
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
