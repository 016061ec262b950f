"""Every sentence of the services can be translated: lupdate finds what the code says."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import PySide6
import pytest

SERVICES = Path(__file__).parents[2] / "florapp/services"
LUPDATE = Path(PySide6.__path__[0], "lupdate").with_suffix(
    ".exe" if sys.platform == "win32" else ""
)


def said(code: str) -> set[str]:
    """Return the texts that ``code`` has translated; a call without a literal one is an error."""
    texts = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name.endswith(("tr", "translate")) and name.strip("_") in ("tr", "translate"):
                text = node.args[name.endswith("translate")]
                assert isinstance(text, ast.Constant)
                texts.add(str(text.value))
    return texts


@pytest.mark.skipif(not LUPDATE.exists(), reason="this PySide6 comes without lupdate")
def test_lupdate_finds_every_sentence(tmp_path: Path) -> None:
    files = sorted(SERVICES.glob("*.py"))
    found = tmp_path / "found.ts"
    subprocess.run([LUPDATE, *files, "-ts", found], check=True, capture_output=True, timeout=60)
    contexts = ElementTree.parse(found).iter("context")
    messages = [
        (c.findtext("name"), m.findtext("source")) for c in contexts for m in c.iter("message")
    ]
    assert all(context for context, _ in messages)
    expected = set().union(*(said(file.read_text(encoding="utf-8")) for file in files))
    assert {text for _, text in messages} == expected
