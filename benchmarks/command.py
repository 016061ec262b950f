"""`florapp classify` on a folder as a process of its own: how much memory it takes, how it ends."""

from __future__ import annotations

import argparse
import csv
import io
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.peers.photographs import DISTINCT, distinct, linked, pixels, write
from benchmarks.peers.tables import line, table
from florapp.core.folders import pictures_under

TOP = 5  # rows of an answer
SMALL = 320, 240
STOPS = 5


def command(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Start ``florapp classify --csv``."""
    words = [sys.executable, "-m", "florapp", "classify", "--csv", *options, str(folder)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, encoding="utf-8")


def memory(given: argparse.Namespace, folder: Path) -> None:
    """Print the command's memory as the number of pictures grows."""
    photos = list(pictures_under(given.photographs))
    files = []
    for i in range(DISTINCT):
        files.append(folder / f"{i:02d}.jpg")
        write(pixels(photos[i % len(photos)]), SMALL, files[-1])
    print(table(["pictures in the folder", "answered", "resident MB", "peak MB"], []))
    for count in dict.fromkeys((min(2_000, given.many), given.many)):
        linked(files, folder / str(count), count)
        for row in watched(folder / str(count), count):
            print(line(row), flush=True)


def watched(folder: Path, count: int) -> Iterator[list[str]]:
    """Run the command; yield its memory at some numbers of answers."""
    marks = {100, 1_000, 2_000, *range(10_000, count, 10_000), count - count // 20} - {count}
    with command(folder, "--top", "1") as process:
        assert process.stdout is not None
        next(process.stdout)
        for answered, _ in enumerate(process.stdout, 1):
            if answered in marks:
                now, peak = resident(process.pid)
                yield [f"{count:,}", f"{answered:,}", f"{now:.0f}", f"{peak:.0f}"]


def resident(process: int) -> tuple[float, float]:
    """Return what a process holds in memory, and the most that it held, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    now, peak = (re.search(rf"{name}:\s+(\d+) kB", status) for name in ("VmRSS", "VmHWM"))
    assert now is not None
    assert peak is not None
    return int(now[1]) / 1024, int(peak[1]) / 1024


def stop(given: argparse.Namespace, folder: Path) -> None:
    """Press Ctrl-C after some answers; print how long it took to end, and what it left."""
    photos = list(pictures_under(given.photographs))
    every = folder / "all"
    linked(distinct(photos, folder / "distinct"), every, given.pictures)
    rows = []
    for turn in range(STOPS):
        wanted = 10 * turn + 1
        with command(every) as process:
            assert process.stdout is not None
            head = [process.stdout.readline() for _ in range(1 + TOP * wanted)]
            pressed = time.perf_counter()
            os.kill(process.pid, signal.SIGINT)
            rest = process.stdout.read()
            status = process.wait()
        took = time.perf_counter() - pressed
        whole = is_whole("".join(head) + rest)
        rows.append([str(wanted), f"{took:.2f}", str(status), "yes" if whole else "no"])
    print(table(["Ctrl-C after answers", "seconds to its end", "status", "all whole"], rows))


def is_whole(text: str) -> bool:
    """Say whether a CSV file has whole answers only."""
    head, *rows = csv.reader(io.StringIO(text))
    pictures = Counter(row[0] for row in rows)
    return (
        text.endswith("\n")
        and all(len(row) == len(head) for row in rows)
        and set(pictures.values()) == {TOP}
    )
