"""Files are written whole, and stay what the user made of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from florapp.services.files import write_whole

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other links and permissions")


def test_what_a_link_leads_to_is_written(tmp_path: Path) -> None:
    """Settings may lie in a folder of their own, with links to them."""
    (tmp_path / "dotfiles").mkdir()
    real, link = tmp_path / "dotfiles/settings.json", tmp_path / "settings.json"
    real.write_bytes(b"{}")
    link.symlink_to(real)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert [path.name for path in real.parent.iterdir()] == ["settings.json"]


def test_whoever_reads_the_old_one_reads_it_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(b"the old one")
    with path.open("rb", buffering=0) as file:
        assert file.read(3) == b"the"
        write_whole(path, b"new")
        assert file.read() == b" old one"
    assert path.read_bytes() == b"new"


def test_whoever_could_not_read_a_file_still_cannot(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"{}")
    path.chmod(0o600)
    write_whole(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() == b"new"
