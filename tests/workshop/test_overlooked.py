"""What lies among the photographs and is not looked at, or must not lie there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from florapp.core.errors import DataError
from tests.workshop.hands import folders
from training.__main__ import app
from training.config import Data, DataSource
from training.overlooked import check_outside, passed_over


def test_class_folders_alone_leave_nothing_to_tell(tmp_path: Path) -> None:
    folders(tmp_path, {"rose": 3, "rose/2023": 2, "tulip": 3})
    (tmp_path / "notes.txt").write_text("Seen in May.")
    assert list(passed_over(tmp_path, Data())) == []


def test_beside_a_folder_called_train_the_others_are_told(tmp_path: Path) -> None:
    folders(tmp_path, {"train/steam": 3, "train/electric": 3, "bus": 3, "car": 3})
    assert list(passed_over(tmp_path, Data())) == [
        f"Passed over in {tmp_path}, as a folder is called train there: bus, car."
    ]


def test_pictures_in_no_class_folder_and_linked_folders_are_told(tmp_path: Path) -> None:
    root = folders(tmp_path / "data", {"rose": 3, "tulip": 3})
    folders(tmp_path, {"2023": 4})
    for number in range(4):
        os.link(tmp_path / f"2023/2023{number}.png", root / f"{number}.png")
    (root / "rose" / "2023").symlink_to(tmp_path / "2023")
    (root / ".hidden").mkdir()
    (root / ".hidden" / "link").symlink_to(tmp_path / "2023")
    (root / "tulip.jpg").mkdir()  # a class
    assert list(passed_over(root, Data())) == [
        f"Passed over: 4 pictures in {root} itself, in no class folder.",
        f"Passed over: {root / 'rose' / '2023'}, a link to a folder.",
    ]
    (root / "tulip.jpg").rmdir()
    told = CliRunner().invoke(app, ["check", str(root), "--no-features"])
    assert "4 pictures in" in told.output.replace("\n", " ")


def test_nothing_is_written_where_it_would_be_a_class(tmp_path: Path) -> None:
    folders(tmp_path, {"plain/rose": 3, "parts/train/rose": 3})
    plain, parts = Data([DataSource("plain")]), Data([DataSource("parts")])
    gone = Data([DataSource("gone")])  # other photographs are measured with
    taken = (("plain/run", plain), ("plain/a/b", plain), ("parts/train/run", parts))
    for out, data in (*taken, ("pages/run", gone)):
        with pytest.raises(DataError, match="would be taken for a class"):
            check_outside(tmp_path / out, tmp_path, data)
    mapped = Data([DataSource("plain", {"rose": "Rose"})])
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for out, data in (
        ("run", plain),
        ("plain", plain),
        ("plain/.runs/a", plain),
        ("plain/run", mapped),
        ("parts/run", parts),
        ("loop", plain),
    ):
        check_outside(tmp_path / out, tmp_path, data)


def test_no_photograph_is_written_over(tmp_path: Path) -> None:
    root = folders(tmp_path / "data", {"train/rose": 3, "train/tulip": 3, "beside": 1})
    picture = root / "beside" / "beside0.png"
    before = picture.read_bytes()
    check = ["check", str(root), "--no-features"]
    done = CliRunner().invoke(app, [*check, "--html", str(picture)])
    assert "is a picture among the photographs" in str(done.exception)
    assert picture.read_bytes() == before


def test_two_results_are_not_written_to_one_file(tmp_path: Path) -> None:
    root = folders(tmp_path / "data", {"rose": 3, "tulip": 3})
    page, table = tmp_path / "page", tmp_path / "data" / ".." / "page"
    done = CliRunner().invoke(
        app, ["check", str(root), "--no-features", "--html", str(page), "--csv", str(table)]
    )
    assert "are one file" in str(done.exception)
    assert not page.exists()
