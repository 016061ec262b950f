"""The modules of packaging/, which are scripts and no package."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"


@pytest.fixture
def script(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Return the module of packaging/ that the test names as its parameter."""
    monkeypatch.syspath_prepend(str(PACKAGING))
    yield importlib.import_module(request.param)
    sys.modules.pop(request.param)
