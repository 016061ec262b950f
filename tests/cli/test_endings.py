"""How a command ends when nobody listens any more, or it is told to end."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.hands import florapp

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and terminals of Linux")


def test_where_nobody_reads_what_failed_the_answers_are_written_all_the_same(
    tiny_model: Path, pictures: Path, tmp_path: Path
) -> None:
    answers = tmp_path / "answers.csv"
    command: list[str | Path] = [sys.executable, "-m", "florapp", "classify"]
    command += ["--model", tiny_model]
    command += ["--resume", answers, "--top", "1", tmp_path / "none.jpg", pictures]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(command, stderr=full, check=False, timeout=120)
    assert ended.returncode == 1  # one is not there
    assert len(answers.read_text().splitlines()) == 6
    assert florapp("--no-such-option").returncode == 2
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "florapp", "--no-such-option"]
        assert subprocess.run(command, stderr=full, check=False, timeout=120).returncode == 2


def test_what_a_job_ignores_does_not_end_it(tiny_model: Path, pictures: Path) -> None:
    command: list[str | Path] = ["env", "--ignore-signal=TERM", sys.executable, "-m", "florapp"]
    command += ["classify", "--csv", "--top", "1", "--model", tiny_model, *["."] * 100]
    ends = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=pictures, text=True)
    assert ends.stdout is not None
    ends.stdout.readline()
    ends.terminate()
    answers, _ = ends.communicate(timeout=60)
    assert (ends.returncode, len(answers.splitlines())) == (0, 500)


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_told_to_end_it_gives_the_cursor_back(
    tiny_model: Path, pictures: Path, sent: signal.Signals, status: int
) -> None:
    ours, theirs = pty.openpty()
    command: list[str | Path] = ["env", "--default-signal=INT"]  # which a job may well ignore
    command += [sys.executable, "-m", "florapp", "classify", "--csv"]
    command += ["--model", tiny_model, *["."] * 4000]
    ended = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        cwd=pictures,
        env=os.environ | {"TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    while b"\x1b[?25l" not in shown:  # the bar is there, and the cursor gone
        shown += os.read(ours, 4096)
    ended.send_signal(sent)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # all who wrote to it have ended
            break
    try:
        assert ended.wait(60) == status, shown[-600:]
    finally:
        ended.kill()
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")
    os.close(ours)
