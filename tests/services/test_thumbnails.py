"""What the strip keeps of a picture."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from florapp.core.drawing import draw
from florapp.services.qimages import from_thumbnail, to_pixels, to_thumbnail


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((800, 600), (144, 108)),
        ((600, 800), (108, 144)),
        ((3000, 8), (144, 1)),
        ((40, 30), (40, 30)),
    ],
)
@pytest.mark.parametrize("flower", ["sunflower", "oxeye_daisy"])
def test_a_thumbnail_looks_as_its_picture(
    flower: str, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    picture = Image.fromarray(draw(flower, *size))
    found = to_pixels(from_thumbnail(to_thumbnail(picture))).astype(float)
    assert np.abs(found - np.asarray(picture.resize(shown))).mean() < 4


def test_thousands_of_thumbnails_take_little_memory() -> None:
    thumbnail = to_thumbnail(Image.fromarray(draw("sunflower", 800, 600)))
    assert len(thumbnail) < 144 * 108 * 3 / 4
