"""Which room may import what, where import-linter (pyproject.toml) does not look deep enough."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "florapp"


def imports(code: str) -> Iterator[str]:
    """Yield every name that ``code`` imports, dotted, wherever in it."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    "code",
    [
        "from PySide6.QtWidgets import QLabel",
        "from PySide6 import QtCore, QtWidgets",
        "def f():\n    import PySide6.QtWidgets as w",
    ],
)
def test_every_way_to_import_is_seen(code: str) -> None:
    assert any(name.startswith("PySide6.QtWidgets") for name in imports(code))


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("services/**/*.py")), ids=lambda p: p.stem)
def test_services_do_without_widgets(path: Path) -> None:
    names = imports(path.read_text(encoding="utf-8"))

    assert [name for name in names if name.startswith("PySide6.QtWidgets")] == []
