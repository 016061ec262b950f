"""Processes that open pictures, with the tiny model, and pictures for them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.robustness.reader import Reader

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip these tests on other systems: memory is measured, and faults are made, as Linux does."""
    if sys.platform != "linux":
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="measures and breaks things as on Linux"))


@pytest.fixture
def reader(tiny_model: Path) -> Iterator[Reader]:
    """A process that opens pictures."""
    with Reader(tiny_model) as made:
        yield made


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Three pictures, red, green and blue."""
    paths = [tmp_path / f"{colour}.png" for colour in ("red", "green", "blue")]
    for path in paths:
        Image.new("RGB", (40, 30), path.stem.replace("green", "lime")).save(path)
    return paths
