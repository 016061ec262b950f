"""Naming a folder means every picture in it; naming a file means that file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from florapp.core.folders import pictures_under, sources_in
from florapp.core.prediction import Failure
from florapp.core.source import Source


@pytest.fixture
def folder(tmp_path):
    """Return a function that makes empty files in a folder, which it returns."""

    def make(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return tmp_path

    return make


def found(*paths):
    """What is found, by name relative to the first folder; a failure as its sentence."""
    return [
        (Path(s.source.name).name, s.reason) if isinstance(s, Failure)
        else Path(s.name).relative_to(paths[0]).as_posix()
        for s in sources_in(paths)
    ]  # fmt: skip


def test_folders_are_searched_all_the_way_down_in_the_order_of_names(folder):
    root = folder("c.png", "b/z.jpg", "b/a/deep/1.gif", "a.jpg", "b.webp", "b/b.bmp")
    assert found(root) == ["a.jpg", "b/a/deep/1.gif", "b/b.bmp", "b/z.jpg", "b.webp", "c.png"]


def test_only_pictures_are_taken_whatever_the_case_of_their_ending(folder):
    names = ["A.JPG", "b.Jpeg", "c.HEIC", "d.avif", "e.tif", "f.jfif"]
    assert found(folder(*names, "notes.txt", "raw.jpg.part", "jpg", "g.mp4")) == names


def test_hidden_files_and_folders_are_passed_over(folder):
    assert found(folder("a.jpg", "._a.jpg", ".thumbnails/a.jpg", "b/.b.jpg")) == ["a.jpg"]


def test_a_hidden_folder_is_searched_when_it_is_named(folder):
    root = folder(".mine/a.jpg")
    assert found(root / ".mine") == ["a.jpg"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_to_folders_are_not_followed_and_links_to_files_are(folder, tmp_path_factory):
    root = folder("a.jpg", "b/c.jpg")
    (root / "b/back").symlink_to(root)
    (root / "b/itself").symlink_to(root / "b/itself")
    (root / "b/back.jpg").symlink_to(root)
    (root / "b/d.jpg").symlink_to(root / "a.jpg")
    assert found(root) == ["a.jpg", "b/c.jpg", "b/d.jpg"]


def test_an_empty_folder_is_told(folder):
    root = folder("empty/notes.txt", "full/a.jpg")
    assert found(root / "empty") == [("empty", "This folder holds no pictures that FlorApp opens.")]
    assert len(found(root, root / "empty")) == 2


def test_a_folder_that_cannot_be_listed_is_told_and_the_rest_goes_on(folder, monkeypatch):
    root = folder("a/1.jpg", "locked/2.jpg", "z/3.jpg")
    listing = os.scandir

    def scandir(path):
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)
    refusal = ("locked", "This folder cannot be listed: Permission denied.")
    assert found(root) == ["a/1.jpg", refusal, "z/3.jpg"]
    assert found(root / "locked") == [refusal]
    with pytest.raises(PermissionError):
        list(pictures_under(root))


def test_folders_in_folders_without_end_are_searched_as_deep_as_the_system_goes(tmp_path):
    """Each is made from within the one above: no path of all the names could be given."""
    Path(tmp_path, "z.jpg").touch()
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(2500):
        os.mkdir("a", dir_fd=here)
        above, here = here, os.open("a", os.O_RDONLY, dir_fd=here)
        os.close(above)
    os.close(here)
    try:
        (refusal, last) = found(tmp_path)
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "a"], check=True)
    assert "cannot be listed" in refusal[1]
    assert last == "z.jpg"


def test_a_file_in_a_folder_that_may_not_be_entered_is_left_to_its_reader(monkeypatch):
    def refuse(self, **kwargs):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "stat", refuse)
    (source,) = sources_in(["locked/a.jpg"])
    assert isinstance(source, Source)
    assert source.content == Path("locked/a.jpg")


def test_a_file_that_is_named_is_taken_whatever_it_is_called(folder):
    root = folder("a.jpg", "odd.suffix", ".hidden", "none")
    named = [root / "odd.suffix", root / ".hidden", root / "none", root / "missing.jpg"]
    assert [s.name for s in sources_in(named) if isinstance(s, Source)] == [str(p) for p in named]


def test_the_order_in_which_they_are_named_is_kept(folder):
    root = folder("b/1.jpg", "a/2.jpg", "c.jpg")
    assert found(root, root / "c.jpg", root / "a")[-2:] == ["c.jpg", "a/2.jpg"]


def test_names_may_be_in_any_script(folder):
    names = ["Gänseblümchen im Mai.jpg", "牡丹/花 1.jpg"]
    assert found(folder(*names)) == names
