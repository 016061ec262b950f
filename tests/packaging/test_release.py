"""The version is told once; the release workflow and the spec say what they must."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from florapp import __version__

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github/workflows/release.yml"


def workflow() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml")
    loaded: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    return loaded


def test_the_version_stands_in_one_place() -> None:
    places = [ROOT / "pyproject.toml", ROOT / "Makefile", ROOT / "README.md", WORKFLOW]
    places += [*(ROOT / "packaging").rglob("*.*"), *(ROOT / "florapp").rglob("*.py")]
    told = [
        path.relative_to(ROOT).as_posix()
        for path in places
        if path.suffix in (".py", ".toml", ".md", ".nsi", ".sh", ".spec", ".xml", ".desktop", ".1")
        and re.search(rf"(?<![\d.]){re.escape(__version__)}(?![\d.])", path.read_text("utf-8"))
    ]
    examples = {"packaging/windows/florapp.nsi", "packaging/macos/dmg.sh"}
    assert set(told) - examples == {"florapp/__init__.py"}


def test_the_changelog_is_in_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## (.*)$", text, re.M)
    assert heads[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", head) for head in heads[1:])
    kinds = set(re.findall(r"^### (.*)$", text, re.M))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.mark.parametrize("system", ["linux", "windows", "macos"])
def test_each_system_builds_and_tries_what_is_installed(system: str) -> None:
    steps = workflow()["jobs"][system]["steps"]
    commands = "\n".join(step.get("run", "") for step in steps)
    if system == "linux":  # which does all of it
        assert "make test-package" in commands
    else:
        assert "packaging/package.py" in commands
        assert "--require-hashes -r packaging/requirements/package.txt" in commands
        assert "self-test" in commands
        assert re.search(r"\$place\\florapp.exe|/Applications/FlorApp.app", commands)
    (kept,) = [step for step in steps if "upload-artifact" in step.get("uses", "")]
    assert kept["with"]["path"] == "dist/"


def test_a_release_needs_all_of_them_and_a_tag() -> None:
    release = workflow()["jobs"]["release"]
    assert set(release["needs"]) == {"linux", "windows", "macos"}
    assert "tag" in release["if"]
    assert any("SHA256SUMS" in step.get("run", "") for step in release["steps"])
    # PyYAML takes the key `on` for a truth, as YAML 1.1 has it.
    assert workflow()[True]["push"] == {"tags": ["v*"]}  # type: ignore[index]


def test_the_spec_says_why_macos_is_asked_for_the_camera() -> None:
    spec = ROOT / "packaging/florapp.spec"
    ast.parse(spec.read_text(encoding="utf-8"))
    text = spec.read_text(encoding="utf-8")
    assert "NSCameraUsageDescription" in text
    assert "CFBundleDocumentTypes" in text
