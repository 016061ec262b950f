"""Drawn photographs in which nothing is wrong, and a copy to plant faults in."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from florapp.core.drawing import FLOWERS, draw


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """Two classes of ten different pictures each, the same flowers in both, split."""
    root, random = tmp_path_factory.mktemp("healthy"), np.random.default_rng(5)
    for name in ("left", "right"):
        for number in range(10):
            folder = root / ("valid" if number < 2 else "train") / name
            folder.mkdir(parents=True, exist_ok=True)
            place, radius = tuple(random.uniform(0.3, 0.7, 2)), random.uniform(0.2, 0.45)
            pixels = draw(FLOWERS[number % len(FLOWERS)], 128, 96, centre=place, radius=radius)
            Image.fromarray(pixels).save(folder / f"{name}{number}.png")
    return root


@pytest.fixture
def data(healthy, tmp_path):
    """A copy of the healthy photographs, to be spoilt."""
    return Path(shutil.copytree(healthy, tmp_path / "data"))
