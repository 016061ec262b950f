"""`florapp classify --resume FILE`: a CSV that was stopped goes on."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from florapp.cli.resume import not_yet, resumed
from florapp.core.drawing import draw
from florapp.core.errors import FlorAppError
from florapp.core.source import Source
from florapp.core.writers import COLUMNS

ROWS = 3
#: Names that a CSV file has to quote, and one that is named twice.
NAMES = ["a.jpg", "b, c.jpg", 'say "rose".png', "two\nlines.jpg", "ünter/花.webp", "a.jpg"]
NAMES += ["\udce4.gif"]  # not in UTF-8


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "florapp", "classify", *map(str, arguments)]


def florapp(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, encoding="utf-8", check=False,
        timeout=120,
    )  # fmt: skip


def lines_of(name: str) -> str:
    text = io.StringIO(newline="")
    rows = [[name, rank, "rose", "Rose", "Rosa", 0.5, "sure"] for rank in range(1, ROWS + 1)]
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


HEAD = ",".join(COLUMNS) + "\n"
WHOLE = (HEAD + "".join(map(lines_of, NAMES))).encode("utf-8", "backslashreplace")
#: Where a cut leaves rows of the first answer alone: it may be one with fewer classes.
FEWER = range(len(HEAD) + len(lines_of("a.jpg")) // ROWS, len(HEAD) + len(lines_of("a.jpg")))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    flower = Image.fromarray(draw("tulip", 640, 480))
    for number in range(60):
        flower.save(folder / f"{number:02}.jpg")
    (folder / "30.jpg").write_bytes(b"")  # fails, and does not hold up the rest
    return folder


@given(st.integers(0, len(WHOLE)).filter(lambda cut: cut not in FEWER))
def test_wherever_it_was_cut_off_the_rest_makes_it_whole(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "answers.csv"
    path.write_bytes(WHOLE[:cut])
    file, answered = resumed(path, ROWS)
    with file:
        for source in not_yet([Source(name, b"") for name in NAMES], answered):
            assert isinstance(source, Source)
            file.write(lines_of(source.name))
    assert path.read_bytes() == WHOLE


def test_a_name_that_is_not_utf_8_is_known_as_either_command_has_written_it(
    tmp_path: Path,
) -> None:
    path, name = tmp_path / "answers.csv", NAMES[-1]
    for errors in ("backslashreplace", "surrogateescape"):  # the latter until November 2026
        path.write_bytes(HEAD.encode() + lines_of(name).encode("utf-8", errors))
        file, answered = resumed(path, ROWS)
        with file:
            assert list(not_yet([Source(name, b"")], answered)) == []


def test_a_killed_batch_goes_on_without_repeating_or_losing_a_line(
    tiny_model: Path, pictures: Path, tmp_path: Path
) -> None:
    expected = florapp("--csv", "--model", tiny_model, pictures)
    path = tmp_path / "answers.csv"
    arguments: list[str | Path] = ["--resume", path, "--model", tiny_model, pictures]

    killed = 0
    for _ in range(20):
        going = subprocess.Popen(
            command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        size = path.stat().st_size if path.exists() else 0
        while going.poll() is None and (not path.exists() or path.stat().st_size <= size + 500):
            time.sleep(0.002)
        if going.poll() is None:
            going.kill()
            killed += 1
        if going.wait() >= 0:
            break
    assert killed

    last = florapp(*arguments)
    assert last.stdout == ""
    assert "30.jpg: The file is empty" in last.stderr
    assert path.read_text(encoding="utf-8") == expected.stdout
    again = florapp(*arguments)
    assert again.returncode == 1  # the broken picture still is
    assert f"{path} has 59 answers" in again.stderr
    assert path.read_text(encoding="utf-8") == expected.stdout


@pytest.mark.parametrize("content", [b"name,price\nrose,3\n", b"\x89PNG\r\n\x1a\n", b"rose\n" * 99])
def test_a_file_that_is_something_else_stays_as_it_is(
    tiny_model: Path, pictures: Path, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(content)
    done = florapp("--resume", path, "--model", tiny_model, pictures)
    assert done.returncode == 1
    assert "is not a CSV file of florapp classify" in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_bytes() == content


def test_another_number_of_classes_is_told(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(WHOLE)
    with pytest.raises(FlorAppError, match="give the same --top as before"):
        resumed(path, 2)
    assert path.read_bytes() == WHOLE


@pytest.mark.parametrize("rows", [1, 2, 4, 5])
def test_the_only_answer_with_another_number_of_classes_is_not_lost(
    tmp_path: Path, rows: int
) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(HEAD + lines_of("a.jpg"), encoding="utf-8", newline="")
    with pytest.raises(FlorAppError, match="give the same --top as before"):
        resumed(path, rows)
    assert path.read_text(encoding="utf-8") == HEAD + lines_of("a.jpg")


def test_rows_that_may_be_an_answer_with_fewer_classes_are_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    for cut in FEWER:
        path.write_bytes(WHOLE[:cut])
        with pytest.raises(FlorAppError, match="give the same --top as before"):
            resumed(path, ROWS)
        assert path.read_bytes() == WHOLE[:cut]


def test_a_long_file_is_not_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(HEAD + 5000 * lines_of("a.jpg"), encoding="utf-8", newline="")
    tracemalloc.start()
    file, answered = resumed(path, ROWS)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    file.close()
    assert answered == {"a.jpg": 5000}
    assert most < path.stat().st_size / 2  # half a megabyte


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(FlorAppError, match="cannot be written"):
        resumed(tmp_path / "nowhere" / "answers.csv", 5)


def test_answers_of_pictures_that_are_gone_stay(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(WHOLE)
    file, answered = resumed(path, ROWS)
    file.close()
    assert answered == Counter(name.replace("\udce4", "\\udce4") for name in NAMES)
    new = Source("new.jpg", b"")
    assert list(not_yet([new], answered)) == [new]


def test_json_and_resume_exclude_each_other(tmp_path: Path) -> None:
    done = florapp("--json", "--resume", tmp_path / "a.csv", tmp_path)
    assert done.returncode == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="nobody is kept from it there")
def test_two_do_not_write_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    first, _ = resumed(path, ROWS)
    with first:
        first.write(lines_of("a.jpg"))
        first.flush()
        with pytest.raises(FlorAppError, match="Another florapp is writing to"):
            resumed(path, ROWS)
    second, answered = resumed(path, ROWS)
    second.close()
    assert answered == {"a.jpg": 1}
