"""The doctor's page, and the long work behind it."""

import os
import shutil
import time

import pytest

from tests.workshop.doctor.hands import checked
from training.config import Data
from training.dataset import find
from training.doctor.findings import Kind
from training.doctor.page import write_page
from training.doctor.proposals import read_exclusions, write_proposals
from training.threads import each


def test_the_page_holds_everything_itself(data, tmp_path):
    shutil.copy(data / "train" / "left" / "left4.png", data / "train" / "left" / "z.png")
    (data / "train" / "right" / "broken.png").write_bytes(b"\x89PNG")
    awkward = "<b>&.png" if os.name == "posix" else "b&.png"
    shutil.copy(data / "train" / "left" / "left5.png", data / "train" / "left" / awkward)
    before = {path: content(path) for path in data.rglob("*") if path.is_file()}
    found = checked(data)
    write_page(tmp_path / "page.html", found, tmp_path / "out.csv")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<img") == page.count('src="data:image/jpeg;base64,') == 4
    assert "http" not in page and "<script" not in page
    assert "<b>&" not in page and "&amp;.png" in page
    assert "prefers-color-scheme: dark" in page
    assert "fit --exclude out.csv" in page
    assert "broken.png" in page and "This is not a picture in a format" in page
    assert before == {path: content(path) for path in data.rglob("*") if path.is_file()}


def test_each_pair_is_shown_once_and_of_many_the_first(data, tmp_path, monkeypatch):
    monkeypatch.setattr("training.doctor.page.SHOWN", 2)
    train, page = data / "train", tmp_path / "page.html"
    shutil.copy(train / "left" / "left4.png", train / "right" / "torn.png")
    for number in (5, 6, 7):
        shutil.copy(train / "left" / f"left{number}.png", train / "left" / f"z{number}.png")
    found = checked(data)
    assert [len(found.of(kind)) for kind in (Kind.CONFLICT, Kind.REPEAT)] == [2, 3]
    write_page(page, found, tmp_path / "out.csv")
    text = page.read_text(encoding="utf-8").replace("<wbr>", "")
    assert text.count("<img") == 2 + 2 * 2
    assert text.count("And 1 more; the CSV file has all that are proposed") == 1
    assert "<b>left</b>" in text and "<b>right</b>" in text  # each under its own class
    assert "Two classes with" not in text
    assert clean(text).split(", ")[0] == "unreadable" and clean(text).endswith("giveaway")
    assert "label in doubt" not in clean(text)  # for want of a network it was not looked for
    shutil.rmtree(data / "train" / "right")
    shutil.copytree(data / "valid" / "right", data / "train" / "right")
    write_page(page, checked(data), None)
    text = page.read_text(encoding="utf-8")
    assert "Two classes with 5 different photographs" in text and "giveaway" not in clean(text)


def test_names_in_no_encoding_are_written_too(data, tmp_path):
    try:
        shutil.copy(data / "train/left/left4.png", os.fsencode(data / "train/left") + b"/\xff.png")
    except OSError:
        pytest.skip("this file system has only names that can be written")
    found = checked(data)
    write_page(tmp_path / "page.html", found, None)
    write_proposals(tmp_path / "out.csv", found.findings)
    (excluded,) = read_exclusions(tmp_path / "out.csv", find(data, Data()))
    assert (data / excluded).is_file()


def test_a_page_of_nothing_but_broken_files(tmp_path):
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        for number in range(3):
            (tmp_path / name / f"{number}.png").write_bytes(b"no picture")
    found = checked(tmp_path)
    assert {f.kind for f in found.findings} == {Kind.UNREADABLE}
    write_page(tmp_path / "page.html", found, None)
    assert "6" in (tmp_path / "page.html").read_text(encoding="utf-8")


def clean(text):
    """What the page says that it looked for in vain."""
    return text.split("Looked for and not found: ")[1].split(".</p>")[0]


def content(path):
    return path.stat().st_mtime_ns, path.stat().st_mode, path.read_bytes()


def test_an_interruption_drops_what_nobody_has_begun():
    begun = []

    def work(number):
        begun.append(number)
        if number == 3:
            raise KeyboardInterrupt
        if number > 3:
            time.sleep(0.001)  # else all may be done before anybody looks at what the third did
        return number

    with pytest.raises(KeyboardInterrupt):
        each(work, range(10_000), "counting")
    assert len(begun) < 10_000
    assert each(lambda number: -number, range(5), "counting") == [0, -1, -2, -3, -4]


def test_long_work_tells_how_long_it_takes(monkeypatch, capsys):
    monkeypatch.setattr("training.progress._TELL_EVERY", -1.0)
    each(str, range(4), "counting")
    lines = capsys.readouterr().err.splitlines()
    assert "counting: 1 of 4, " in lines[0] and lines[0].endswith(" left")
