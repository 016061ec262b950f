"""The answers of a strip on the clipboard and in files, with the reasons for what has none."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from florapp.core.geometry import Placement
from florapp.core.model_file import Calibration, Label
from florapp.core.prediction import Answer, Candidate, Failure
from florapp.core.quality import Flaw
from florapp.core.source import Source
from florapp.core.verdict import judge
from florapp.core.writers import CsvWriter, JsonWriter
from florapp.services.answers import TOP, as_text, save_answers
from florapp.services.pictures import Entry

NAME = 'Grün\u2028 "花",\r1\udce4.jpg'  # the last is no UTF-8


def answer(name: str) -> Answer:
    labels = (Label(f"class-{i}", f"Class, {i}", f"Classis {i}") for i in range(7))
    shares = (0.6, 0.2, 0.1, 0.05, 0.03, 0.0123456789, 0.0076543211)
    candidates = tuple(map(Candidate, labels, shares))
    return Answer(Source(name, Path(name)), candidates, (40, 30), Placement((0, 0, 1, 1)))


ANSWERS = [answer(NAME), answer("b.jpg")]
FAILURE = Failure(Source("broken.jpg", b""), 'The file is empty, "zero bytes".')


@pytest.fixture
def entries() -> list[Entry]:
    waiting = Entry(3, Source("waiting", b""))
    results: list[Answer | Failure] = [ANSWERS[0], FAILURE, ANSWERS[1]]
    entries = [Entry(key, result.source, result=result) for key, result in enumerate(results)]
    return [*entries[:2], waiting, entries[2]]


def saved(entries: list[Entry], path: Path) -> str:
    save_answers(entries, path)
    assert [other.name for other in path.parent.iterdir()] == [path.name]
    return path.read_bytes().decode()


def test_json_is_an_array_of_answers_and_reasons(tmp_path: Path, entries: list[Entry]) -> None:
    records = json.loads(saved(entries, tmp_path / "flowers.JSON"))
    assert [record["path"] for record in records] == [NAME, "broken.jpg", "b.jpg"]
    assert records[1] == {"path": "broken.jpg", "error": FAILURE.reason}
    assert [p["id"] for p in records[2]["predictions"]] == [f"class-{i}" for i in range(TOP)]


def test_jsonl_is_as_florapp_classify_prints_it(tmp_path: Path, entries: list[Entry]) -> None:
    lines = saved(entries, tmp_path / "flowers.jsonl").split("\n")
    printed = io.StringIO()
    for each in ANSWERS:
        JsonWriter(printed, TOP).write(each)
    assert json.loads(lines.pop(1)) == {"path": "broken.jpg", "error": FAILURE.reason}
    assert list(map(json.loads, filter(None, lines))) == list(
        map(json.loads, printed.getvalue().split("\n")[:-1])
    )


@pytest.mark.parametrize("name", ["flowers.csv", "flowers", "flowers.txt"])
def test_csv_is_as_florapp_classify_prints_it_with_a_column_for_errors(
    tmp_path: Path, entries: list[Entry], name: str
) -> None:
    header, *rows = csv.reader(io.StringIO(saved(entries, tmp_path / name), newline=""))
    printed = io.StringIO()
    writer = CsvWriter(printed, TOP)
    for each in ANSWERS:
        writer.write(each)
    text = printed.getvalue().encode(errors="backslashreplace").decode()
    assert rows.pop(TOP) == ["broken.jpg", "", "", "", "", "", "", FAILURE.reason]
    assert header[-1] == "error" and all(row[-1] == "" for row in rows)
    assert [row[:-1] for row in [header, *rows]] == list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_the_file_may_be_read_by_whom_the_user_lets_read_files(tmp_path: Path) -> None:
    (tmp_path / "ordinary").touch()
    save_answers([], tmp_path / "flowers.csv")
    assert (tmp_path / "flowers.csv").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


def test_what_cannot_be_saved_leaves_everything_as_it_was(
    tmp_path: Path, entries: list[Entry]
) -> None:
    (tmp_path / "flowers.csv").mkdir()
    with pytest.raises(OSError):
        save_answers(entries, tmp_path / "flowers.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["flowers.csv"]
    with pytest.raises(OSError):
        save_answers(entries, tmp_path / "nowhere/flowers.csv")


def test_the_text_has_a_line_for_each_answer(entries: list[Entry]) -> None:
    assert as_text(entries[1:]) == "b.jpg\tClass, 0\tClassis 0\t60 %"


def test_of_a_picture_without_anything_the_text_names_nothing(learnt: Calibration) -> None:
    blank = replace(ANSWERS[1], calibration=learnt, flaw=Flaw.DARK)
    text = as_text([Entry(1, blank.source, result=blank)])
    assert text.startswith("b.jpg\t\t\t\t") and "almost black" in text


def test_what_is_copied_and_saved_keeps_to_the_promise_asked_for(
    tmp_path: Path, learnt: Calibration
) -> None:
    result = replace(ANSWERS[1], calibration=learnt)
    entries = [Entry(1, result.source, result=result)]
    for promise, count in ((0.95, 2), (0.99, 5)):
        verdict = judge(result, promise)
        assert verdict is not None and len(verdict.members) == count
        assert as_text(entries, promise).endswith(verdict.sentence)
        save_answers(entries, tmp_path / "a.json", promise)
        (record,) = json.loads((tmp_path / "a.json").read_bytes())
        assert record["verdict"]["text"] == verdict.sentence


def test_no_name_is_computed_by_a_spreadsheet(tmp_path: Path) -> None:
    label = Label("=1+1", "@SUM(A1)", "-2")
    odd = Answer(
        Source("=HYPERLINK(0).jpg", b""),
        (Candidate(label, 0.6),),
        (4, 3),
        Placement((0, 0, 1, 1)),
    )
    entry = Entry(0, odd.source, result=odd)
    assert as_text([entry]) == "'=HYPERLINK(0).jpg\t'@SUM(A1)\t'-2\t60 %"
    save_answers([entry], tmp_path / "flowers.csv")
    _, row = csv.reader((tmp_path / "flowers.csv").read_text().splitlines())
    assert row[:6] == ["'=HYPERLINK(0).jpg", "1", "'=1+1", "'@SUM(A1)", "'-2", "0.6"]
