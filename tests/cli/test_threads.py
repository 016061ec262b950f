"""On how many threads, and on what else, a folder is answered; and what is said of it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from florapp.cli import run
from florapp.core import network, readers
from florapp.core.images import decode
from florapp.core.processors import Unsuitable, session


@pytest.mark.parametrize(("asked", "wanted"), [(["--threads", "5"], 5), ([], 3)])
def test_so_many_threads_read_and_so_many_compute(
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    asked: list[str],
    wanted: int,
) -> None:
    """As asked; else as many as there are cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    computing: list[int] = []
    begun, reading, most, counting = 0, 0, 0, threading.Lock()
    together = threading.Barrier(wanted)

    def opened(path: Path, provider: str, threads: int, *, eager: bool) -> Any:
        computing.append(threads)
        return session(path, provider, threads, eager=eager)

    def decoded(*arguments: Any) -> Any:
        nonlocal begun, reading, most
        with counting:
            begun, reading = begun + 1, reading + 1
            most, first = max(most, reading), begun <= wanted
        if first:
            together.wait(20)
        time.sleep(0.01)
        with counting:
            reading -= 1
        return decode(*arguments)

    monkeypatch.setattr(network, "session", opened)
    monkeypatch.setattr(readers, "decode", decoded)
    for number in range(30):
        Image.new("RGB", (40, 30), "red").save(tmp_path / f"{number}.png")
    command = ["classify", "--csv", "--top", "1", "--model", str(tiny_model)]
    assert run([*command, *asked, str(tmp_path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 31
    assert (computing, most) == ([wanted], wanted)


def test_why_the_processor_is_used_is_one_line_beside_the_answers(
    tiny_model: Path,
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def faster(*_: object, **__: object) -> None:
        raise Unsuitable("CUDA lacks its libraries here: the processor is used.")

    monkeypatch.setattr(network, "faster", faster)
    assert run(["classify", "--csv", "--top", "1", "--model", str(tiny_model), str(pictures)]) == 0
    out, err = capsys.readouterr()
    assert err == "CUDA lacks its libraries here: the processor is used.\n"
    assert len(out.splitlines()) == 6
