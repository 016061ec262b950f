"""Whatever lies in a folder, or happens in it, each picture is answered and the rest is told."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from florapp.core.folders import patiently
from florapp.core.network import Network
from florapp.core.pipeline import classify as answers
from florapp.core.pipeline import in_order
from florapp.core.prediction import Answer, Failure
from florapp.core.source import Source
from tests.robustness.run import classify, start

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """A folder with two pictures, and all that may be called one."""
    folder = tmp_path / "strange"
    (folder / "folder.jpg").mkdir(parents=True)
    Image.new("RGB", (40, 30), "red").save(folder / "a.png")
    Image.new("RGB", (40, 30), "blue").save(folder / os.fsdecode(b"n\xe4me\n\x1b[31m.png"))
    os.mkfifo(folder / "fifo.jpg")
    (folder / "itself.jpg").symlink_to(folder / "itself.jpg")
    (folder / "round.jpg").symlink_to(folder / "about.jpg")
    (folder / "about.jpg").symlink_to(folder / "round.jpg")
    (folder / "loop").symlink_to(folder)
    (folder / "gone.jpg").symlink_to(folder / "nowhere")
    (folder / "zero.jpg").symlink_to("/dev/zero")
    (folder / "full.jpg").symlink_to("/dev/full")
    (folder / "terminal.jpg").symlink_to("/dev/tty")
    (folder / "memory.jpg").symlink_to("/proc/self/mem")
    (folder / "folder-link.jpg").symlink_to(folder)
    return folder


def test_what_is_no_file_is_told_and_not_opened(
    strange: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(strange)  # a socket's path may not be long
        listening.bind("socket.jpg")
        run = classify("--model", tiny_model, strange)
    assert run.status == 1
    assert [answer["predictions"][0]["id"] for answer in run.answers] == ["red", "blue"]
    told = {Path(line.split(": ")[0]).name: line.split(": ", 1)[1] for line in run.complaints}
    kinds = {
        "not a file but a device or a pipe": ["fifo", "socket", "zero", "full", "terminal"],
        "no such file": ["gone"],
        "Too many levels of symbolic links": ["itself", "round", "about"],
        "": ["memory"],
    }
    assert {f"{name}.jpg" for names in kinds.values() for name in names} == told.keys()
    for words, names in kinds.items():
        for name in names:
            assert words in told[f"{name}.jpg"]


def test_a_device_named_outright_is_not_read_either(tiny_model: Path) -> None:
    run = classify("--model", tiny_model, "/dev/zero", "/dev/stdin", "/proc/self/mem")
    assert run.status == 1
    assert len(run.complaints) == 3


def test_pictures_come_and_go_while_a_folder_is_read(tiny_model: Path, tmp_path: Path) -> None:
    """As where a sync program works: nobody is waited for, and what was there is answered."""
    content = Image.new("RGB", (400, 300), "green")
    for number in range(150):
        content.save(tmp_path / f"{number:03}.png")
    process = start("classify", "--json", "--model", tiny_model, tmp_path)
    ended, dice = threading.Event(), random.Random(0)

    def change() -> None:
        while not ended.is_set():
            path = tmp_path / f"{dice.randrange(100):03}.png"
            path.unlink(missing_ok=True)
            if dice.random() < 0.3:
                path.write_bytes(b"")

    thread = threading.Thread(target=change)
    thread.start()
    try:
        said, complaints = process.communicate(timeout=120)
    finally:
        ended.set()
        thread.join()
    assert process.returncode in (0, 1)
    assert "Traceback" not in complaints
    assert all(line.startswith(str(tmp_path)) for line in complaints.splitlines()), complaints
    assert all(f"{number:03}.png" in said for number in range(100, 150))


def test_a_folder_without_end_can_be_interrupted(tiny_model: Path, tmp_path: Path) -> None:
    """The first picture is answered at once, and Ctrl-C ends the search within two seconds."""
    for one in range(100):
        for two in range(50):
            (tmp_path / f"{one}/{two}").mkdir(parents=True)
    Image.new("RGB", (40, 30), "red").save(tmp_path / "first.png")
    folders = [tmp_path] * 800
    process = start("classify", "--model", tiny_model, tmp_path / "first.png", *folders)
    assert process.stdout is not None
    assert "first.png" in process.stdout.readline()
    process.send_signal(2)
    began = time.monotonic()
    _, complaints = process.communicate(timeout=60)
    assert time.monotonic() - began < 2
    assert process.returncode != 0
    assert "Traceback" not in complaints


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let the reading of files called "hang" wait as on a disk that is gone, until it is set."""
    released = threading.Event()
    opened = Path.open

    def hang(path: Path, *arguments, **options):
        if path.name == "hang":
            released.wait(60)
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", hang)
    return released


def test_a_disk_that_hangs_holds_up_no_other_picture_however_large(
    hanging: threading.Event, tiny_model: Path, tmp_path: Path
) -> None:
    for name in ("hang", "1", "2", "3"):
        Image.new("RGB", (4000, 3000), "red").save(tmp_path / name, "PNG")
    sources = [Source(name, tmp_path / name) for name in ("hang", "hang", "1", "2", "3")]
    results = {}
    for position, result in answers(Network(tiny_model), sources, patience=5):
        results[position] = type(result)
    hanging.set()
    assert results == {0: Failure, 1: Failure, 2: Answer, 3: Answer, 4: Answer}


@pytest.fixture
def hanging_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the listing of folders called "hang" wait, as on a server that is gone."""
    released = threading.Event()
    scandir = os.scandir

    def hang(path):
        if Path(path).name == "hang":
            released.wait(60)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", hang)
    yield released
    released.set()


def test_a_folder_that_hangs_is_given_up_and_the_rest_is_answered(
    hanging_folder: threading.Event, tiny_model: Path, tmp_path: Path
) -> None:
    for name in ("hang/a.png", "b/1.png", "b/hang/2.png", "c/3.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 30), "red").save(tmp_path / name)
    began = time.monotonic()
    sources = patiently([tmp_path / "hang", tmp_path / "b", tmp_path / "c"], patience=1.0)
    results = list(in_order(answers(Network(tiny_model), sources)))
    assert time.monotonic() - began < 10
    failures = [result for result in results if isinstance(result, Failure)]
    assert [Path(failure.source.name).name for failure in failures] == ["hang", "b"]
    assert f"Nothing was heard from {tmp_path / 'hang'} for 1 seconds" in failures[0].reason
    assert f"Nothing was heard from {tmp_path / 'b/hang'} for 1 seconds" in failures[1].reason
    answered = [result.source.name for result in results if isinstance(result, Answer)]
    assert answered == [str(tmp_path / "b" / "1.png"), str(tmp_path / "c" / "3.png")]


def test_a_folder_that_takes_its_time_is_not_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as it says anything: a large one far away has no picture for minutes perhaps."""
    for number in range(40):
        (tmp_path / f"{number:02}").mkdir()
    Image.new("RGB", (40, 30), "red").save(tmp_path / "39" / "only.png")
    scandir = os.scandir

    def slow(path):
        time.sleep(0.05)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", slow)
    found = [source for source in patiently([tmp_path], 0.01, patience=0.6) if source is not None]
    assert [type(source) for source in found] == [Source]


@pytest.mark.parametrize("tick", [0.0, 0.1])
def test_a_search_that_was_stopped_for_a_while_is_not_given_up(
    hanging_folder: threading.Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tick: float
) -> None:
    """The whole process was: who lists had no more of that time than who asks."""
    (tmp_path / "hang").mkdir()
    Image.new("RGB", (40, 30), "red").save(tmp_path / "hang" / "only.png")
    stopped, real = [0.0], time.monotonic
    monkeypatch.setattr("florapp.core.folders.time.monotonic", lambda: real() + stopped[0])
    search = patiently([tmp_path / "hang"], tick, patience=20)
    assert next(search) is None
    stopped[0] = 100.0
    assert next(search) is None
    hanging_folder.set()
    assert [type(found) for found in search if found is not None] == [Source]


def test_a_search_that_nobody_asks_any_more_ends(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.png").touch()
    searches = patiently([tmp_path] * 10_000, 0.01)
    next(searches)
    before = threading.active_count()
    searches.close()
    until = time.monotonic() + 5
    while threading.active_count() >= before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() < before
