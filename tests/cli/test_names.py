"""Names of files and classes in the terminal, whatever is in them."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from pathlib import Path

import pytest
from PIL import Image

from florapp.core.drawing import draw
from florapp.core.model_file import Label
from tests.cli.hands import florapp


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text elsewhere")
def test_control_characters_in_a_name_do_not_make_more_lines(
    tiny_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "a\nb\x1b[1m\r.png").write_bytes(b"not a picture")
    done = florapp("classify", "--model", tiny_model, tmp_path)

    assert done.stderr.startswith(f"{tmp_path}/a b [1m .png: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text elsewhere")
@pytest.mark.parametrize("form", ["--json", "--csv", None])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_any_file_name_can_be_written_whatever_the_terminal_speaks(
    tiny_model: Path, tmp_path: Path, form: str | None, encoding: str
) -> None:
    for name in (b"\xff 1.png", "花.png".encode()):
        Image.fromarray(draw("rose", 32, 32)).save(tmp_path / os.fsdecode(name))
        (tmp_path / os.fsdecode(b"broken " + name)).write_bytes(b"not a picture")
    options = [form] if form else []
    done = florapp("classify", *options, "--model", tiny_model, tmp_path, PYTHONIOENCODING=encoding)

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2
    for shown in (done.stdout, done.stderr):
        assert "花.png" in shown
        assert "\\udcff 1.png" in shown
    if form == "--json":
        paths = [json.loads(line)["path"] for line in done.stdout.splitlines()]
        assert {Path(path).name for path in paths} == {"\udcff 1.png", "花.png"}


def test_where_there_is_little_room_the_names_come_before_the_bars(
    tiny_model: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    done = florapp("classify", "--model", tiny_model, pictures / "a.png")
    assert "█" not in done.stdout
    assert re.search(r"% +Red", done.stdout)


def test_a_width_that_is_not_known_is_that_of_a_file(tiny_model: Path, pictures: Path) -> None:
    done = florapp("classify", "--model", tiny_model, pictures / "a.png", COLUMNS="0")
    assert re.search(r"% .* Red", done.stdout)


def test_no_name_of_a_class_is_computed_or_obeyed(
    make_model, changed_card, pictures: Path, tmp_path: Path
) -> None:
    labels = (Label("=1+1", "@A", "-B"), Label("\x1b[31m", "\x9b1m", ""), Label("\ud800", "c"))
    model = make_model(card=changed_card(labels=labels))
    answers = tmp_path / "answers.csv"
    done = florapp("classify", "--resume", answers, "--model", model, pictures / "a.png")
    assert done.returncode == 0, done.stderr
    read = csv.DictReader(io.StringIO(answers.read_text(encoding="utf-8")))
    rows = {row["id"]: row for row in read}
    assert set(rows) == {"'=1+1", " [31m", "\\ud800"}
    assert (rows["'=1+1"]["name"], rows["'=1+1"]["scientific_name"]) == ("'@A", "'-B")
    assert rows[" [31m"]["name"] == " 1m"
