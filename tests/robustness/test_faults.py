"""What goes wrong around the program breaks nothing: clock, memory, readers, kills."""

from __future__ import annotations

import itertools
import random
import resource
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from florapp.core import images
from florapp.core.network import Network
from florapp.core.pipeline import classify as answers
from florapp.core.pipeline import in_order
from florapp.core.prediction import Answer, Failure
from florapp.core.source import Source
from florapp.services import crash
from tests.robustness import killing
from tests.robustness.run import start

pytestmark = pytest.mark.timeout(300)


class TestKilling:
    """At random moments; a longer run: python -m tests.robustness.killing --rounds 100."""

    def test_while_settings_and_answers_are_written(self, tmp_path: Path) -> None:
        killing.writing(4, random.Random(0), tmp_path)

    def test_in_a_batch(self, tmp_path: Path) -> None:
        killing.batch(2, random.Random(0), tmp_path)


def test_a_clock_that_goes_backwards(
    tiny_model: Path, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures are answered, only one that hangs is given up, each run's reports are its own."""
    released = threading.Event()

    def hangs(source: Source, at_least: int | None = None) -> object:
        return released.wait() if source.name == "hangs" else images.decode(source, at_least)

    monkeypatch.setattr("florapp.core.readers.decode", hangs)
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    backwards = itertools.count(2_000_000_000, -86_400)
    monkeypatch.setattr(time, "time", lambda: float(next(backwards)))
    monkeypatch.setattr(time, "time_ns", lambda: next(backwards) * 10**9)
    late = threading.Timer(60, released.set)
    late.start()
    sources = [Source("hangs", b""), *(Source(path.stem, path) for path in pictures)]
    hung, *others = in_order(answers(Network(tiny_model), sources, patience=5))
    assert not released.is_set() and "given up" in getattr(hung, "reason", "")
    late.cancel()
    released.set()
    found = [result.best.label.id for result in others if isinstance(result, Answer)]
    assert found == ["red", "green", "blue"]

    folder = tmp_path / "crashes"
    for run in ("first", "second", "third"):
        end = crash.install(folder)
        sys.excepthook(RuntimeError, RuntimeError(run), None)
        end()
    told = [crash.read(report).splitlines()[-1] for report in crash.left(folder)]
    assert sorted(told) == [f"RuntimeError: {run}" for run in ("first", "second", "third")]


def test_a_reader_that_breaks_is_told_of_and_the_next_picture_works(
    tiny_model: Path, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(source: Source, at_least: int | None = None) -> object:
        if source.name == "breaks":
            raise RuntimeError("out of petals")
        if source.name == "ends":
            raise SystemExit
        return images.decode(source, at_least)

    monkeypatch.setattr("florapp.core.readers.decode", breaks)
    names = ["breaks", "red", "ends", "green", "ends", "ends", "breaks", "blue"]
    sources = [Source(name, pictures[0]) for name in names]
    results = list(in_order(answers(Network(tiny_model), sources, patience=5)))
    for name, result in zip(names, results, strict=True):
        if name in ("breaks", "ends"):
            assert isinstance(result, Failure)
            assert "could not be prepared" in result.reason
        else:
            assert isinstance(result, Answer)


@pytest.mark.parametrize("megabytes", [250, 400, 600])
def test_little_memory_is_told_in_sentences(
    tiny_model: Path, tmp_path: Path, megabytes: int
) -> None:
    """Down to what Python needs to load its libraries."""
    for number, side in enumerate((100, 3000, 5000)):
        Image.new("RGB", (side, side), "red").save(tmp_path / f"{number}.png")

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    process = start("classify", "--json", "--model", tiny_model, tmp_path, preexec_fn=little)
    said, complaints = process.communicate(timeout=100)
    assert process.returncode in (0, 1)
    assert "Traceback" not in complaints
    assert len(said.splitlines()) + len(complaints.splitlines()) in (1, 3)  # 1: no model
