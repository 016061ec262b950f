"""Processes that open pictures, with the tiny model."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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
