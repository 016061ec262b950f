"""What went wrong is in a report, for the next start to find; nothing private is in it."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer, Signal
from pytestqt.qtbot import QtBot

from florapp import __version__
from florapp.services import crash

Install = Callable[..., object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "crashes"


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install the hooks for the test's time. pytest's own crash handling is let alone."""
    monkeypatch.setattr(faulthandler, "enable", lambda *_: None)
    monkeypatch.setattr(faulthandler, "disable", lambda: None)
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)  # pytest-qt fails the test otherwise
    monkeypatch.setattr(threading, "excepthook", lambda *_: None)
    with contextlib.ExitStack() as stack:
        yield lambda *arguments: stack.callback(crash.install(*arguments))


def start(folder: Path, code: str, **environment: str) -> subprocess.Popen[str]:
    """Start a program with crash reports whose body is ``code``."""
    program = (
        "import os, sys, time; from pathlib import Path; from florapp.services import crash\n"
        f"end = crash.install(Path({str(folder)!r}))\n{code}"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )


def run(folder: Path, code: str, **environment: str) -> tuple[int, str]:
    with start(folder, code, **environment) as process:
        _, said = process.communicate(timeout=60)
    return process.returncode, said


def test_an_exception_in_a_slot_is_reported_and_the_program_goes_on(
    install: Install, folder: Path, qtbot: QtBot
) -> None:
    class Teller(QObject):
        happened = Signal(Path)

    told: list[Path] = []
    teller = Teller()
    teller.happened.connect(told.append)
    install(folder, teller.happened.emit)

    def slot() -> None:
        raise LookupError("no such petal")

    QTimer.singleShot(0, slot)
    qtbot.waitUntil(lambda: len(told) == 1)

    text = crash.read(told[0])
    assert text.startswith(f"FlorApp {__version__}\nPython 3.")
    assert "Qt 6." in text
    assert "onnxruntime" in text
    assert "In MainThread" in text
    assert text.endswith("LookupError: no such petal\n")


def test_an_exception_in_a_thread_is_reported(install: Install, folder: Path) -> None:
    told: list[Path] = []
    install(folder, told.append)
    thread = threading.Thread(target=lambda: 1 / 0, name="gardener")
    thread.start()
    thread.join()

    text = crash.read(told[0])
    assert "In gardener" in text
    assert "ZeroDivisionError" in text


def raise_and_hook(error: BaseException) -> None:
    try:
        raise error
    except type(error):
        kind, value, trace = sys.exc_info()
        assert kind and value
        sys.excepthook(kind, value, trace)


def test_the_same_error_is_told_once_and_never_more_than_a_few(
    install: Install, folder: Path
) -> None:
    told: list[Path] = []
    install(folder, told.append)
    for number in range(100):
        raise_and_hook(ValueError(number))
    assert len(told) == 1
    for number in range(100):
        raise_and_hook(type(f"Error{number}", (Exception,), {})())
    assert len(told) == crash.MOST_REPORTS


def test_interrupting_is_no_error(install: Install, folder: Path) -> None:
    told: list[Path] = []
    install(folder, told.append)
    raise_and_hook(KeyboardInterrupt())

    assert told == []


def test_pictures_and_the_home_folder_stay_out(
    install: Install, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    told: list[Path] = []
    install(folder, told.append)
    paths = f"{tmp_path}/rose.jpg, {str(tmp_path)!r}, {tmp_path}-2, /other{tmp_path}/x, {tmp_path}"
    raise_and_hook(ValueError(f"{paths}\n{bytes(range(256)) * 100!r}"))

    for text in (told[0].read_text(encoding="utf-8"), crash.read(told[0])):
        assert f"ValueError: ~/rose.jpg, '~', {tmp_path}-2, /other{tmp_path}/x, ~\n" in text
        assert len(text) < 5000


@pytest.mark.parametrize("home", ["/", ""])
def test_a_home_that_says_nothing_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("HOME", home)
    (tmp_path / "report.txt").write_text("/usr/lib/x.py")

    assert crash.read(tmp_path / "report.txt") == "/usr/lib/x.py"


def test_where_nothing_can_be_written_nothing_is_told_and_nothing_breaks(
    install: Install, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    told: list[Path] = []
    install(tmp_path / "file" / "crashes", told.append)
    raise_and_hook(ValueError())

    assert told == []
    assert crash.left(tmp_path / "file" / "crashes") == []


def test_a_callback_that_fails_makes_no_second_error(install: Install, folder: Path) -> None:
    install(folder, lambda _: 1 / 0)
    raise_and_hook(ValueError())


def test_a_clean_end_leaves_nothing(folder: Path) -> None:
    assert run(folder, "") == (0, "")
    assert run(folder, "end(); end()") == (0, "")

    assert list(folder.iterdir()) == []
    assert crash.left(folder) == []


def test_an_exception_at_the_start_is_found_at_the_next(folder: Path, tmp_path: Path) -> None:
    status, said = run(folder, "raise OSError('no ground')")
    assert status == 1
    assert "OSError: no ground" in said  # in the terminal as ever

    (report,) = crash.left(folder)
    assert crash.read(report).endswith("OSError: no ground\n")
    crash.forget([report])
    assert crash.left(folder) == []
    assert list(folder.iterdir()) == []


def test_a_native_crash_is_found_at_the_next_start(folder: Path) -> None:
    status, _ = run(folder, "import faulthandler; faulthandler._sigsegv()")
    assert status != 0

    (report,) = crash.left(folder)
    text = crash.read(report)
    assert text.startswith(f"FlorApp {__version__}\nPython 3.")
    assert "Segmentation fault" in text or "access violation" in text


def test_a_run_that_was_killed_is_no_crash(folder: Path) -> None:
    run(folder, "os._exit(9)")
    assert len(list(folder.iterdir())) == 2  # what waited for a crash, and its lock

    assert crash.left(folder) == []
    assert list(folder.iterdir()) == []


def test_what_belongs_to_a_running_program_is_let_alone(folder: Path) -> None:
    code = "sys.excepthook(ValueError, ValueError('mine'), None); print('up', flush=True); input()"
    with start(folder, code) as process:
        assert process.stdout and process.stdout.readline() == "up\n"
        there = sorted(folder.iterdir())
        assert crash.left(folder) == []
        assert sorted(folder.iterdir()) == there
        process.kill()

    (report,) = crash.left(folder)
    assert "mine" in crash.read(report)


def test_ones_own_reports_are_none_of_earlier_runs(install: Install, folder: Path) -> None:
    install(folder)
    raise_and_hook(ValueError())

    assert crash.left(folder) == []


def test_of_many_the_newest_are_kept(folder: Path) -> None:
    folder.mkdir()
    for number in range(crash.MOST_REPORTS + 5):
        (folder / f"2026-{number:02}-1.txt").write_text("a report")

    found = crash.left(folder)
    assert [path.name for path in found] == [
        f"2026-{n:02}-1.txt" for n in range(5, crash.MOST_REPORTS + 5)
    ]
    assert len(list(folder.iterdir())) == crash.MOST_REPORTS


def test_a_report_that_cannot_be_read_is_an_empty_text(folder: Path) -> None:
    assert crash.left(folder) == []
    assert crash.read(folder / "gone.txt") == ""
