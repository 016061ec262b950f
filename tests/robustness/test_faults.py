"""What goes wrong around the program breaks nothing: disk, home, settings, clock, memory, kills."""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
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
from florapp.services.settings import ColourScheme, Settings
from tests.robustness import killing
from tests.robustness.reader import ROOT
from tests.robustness.run import start

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{colour}.png" for colour in ("red", "green", "blue")]
    for path in paths:
        Image.new("RGB", (40, 30), path.stem.replace("green", "lime")).save(path)
    return paths


def window(
    model: Path,
    pictures: list[Path],
    before: Callable[[], object] | None = None,
    **environment: str,
) -> str:
    """Start the program with pictures, let it close when they are answered; what it answered.

    It may not end otherwise than well, nor complain. ``before`` is called in its process.
    """
    command = [sys.executable, "-m", "tests.robustness.window", str(model)]
    ended = subprocess.run(
        [*command, *map(str, pictures)],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
        | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=before,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


ALL = "red.png red\ngreen.png green\nblue.png blue\n"


class TestHome:
    @pytest.mark.parametrize("home", ["/proc/nowhere", "relative", ""])
    def test_the_window_does_without_one(
        self, tiny_model: Path, pictures: list[Path], home: str
    ) -> None:
        """None in which anything could be made, not even by root."""
        assert window(tiny_model, pictures, HOME=home) == ALL

    def test_a_full_disk(self, tiny_model: Path, pictures: list[Path], tmp_path: Path) -> None:
        """Not a byte can be written, be it to settings, locks or reports."""
        home = tmp_path / "home"
        home.mkdir()

        def full() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

        assert window(tiny_model, pictures, full, HOME=str(home)) == ALL
        assert not [path for path in home.rglob("*") if path.is_file() and path.stat().st_size]

    def test_files_where_folders_should_be(
        self, tiny_model: Path, pictures: list[Path], tmp_path: Path
    ) -> None:
        home = tmp_path / "home"
        home.mkdir()
        for name in (".config", ".local", ".cache"):
            (home / name).write_text("not a folder")
        assert window(tiny_model, pictures, HOME=str(home)) == ALL
        assert {path.read_text() for path in home.iterdir()} == {"not a folder"}


class TestSettings:
    def test_a_disk_that_fills_up_leaves_the_old_ones(self, tmp_path: Path) -> None:
        file = tmp_path / "settings.json"
        before = Settings(file)
        before.colours = ColourScheme.DARK
        assert before.save()
        content = file.read_bytes()
        program = (
            "import resource, signal; from pathlib import Path\n"
            "from florapp.services.settings import Settings\n"
            f"settings = Settings(Path({str(file)!r}))\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "settings.model = 'x' * 10_000\n"
            "print(settings.save())"
        )
        said = subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True)
        assert said == "False\n"
        assert file.read_bytes() == content

    def test_those_of_a_later_version_are_kept(self, tmp_path: Path) -> None:
        file = tmp_path / "settings.json"
        later = {"answers/promise": 0.9, "answers/voice": "loud", "garden": {"plots": [1, 2]}}
        file.write_text(json.dumps(later))
        settings = Settings(file)
        assert settings.promise == 0.9
        settings.colours = ColourScheme.LIGHT
        assert settings.save()
        assert json.loads(file.read_text()) == later | {"window/colours": "light"}

    def test_two_windows_write_them_at_the_same_time(self, tmp_path: Path) -> None:
        """Each its own; the file is whole all the time, and has both in the end."""
        program = (
            "import sys; from pathlib import Path\n"
            "from florapp.services.settings import Settings\n"
            "settings = Settings(Path(sys.argv[1]))\n"
            "for number in range(100):\n"
            "    setattr(settings, sys.argv[2], f'{number} ' + 'x' * 5000)\n"
            "    assert settings.save()\n"
        )
        file = tmp_path / "settings.json"
        writers = [
            subprocess.Popen([sys.executable, "-c", program, str(file), name], cwd=ROOT)
            for name in ("folder", "model")
        ]
        seen = 0
        while any(writer.poll() is None for writer in writers):
            if file.exists():
                for value in json.loads(file.read_text()).values():
                    assert re.fullmatch(r"\d+ x{5000}", value)
                seen += 1
        assert [writer.wait() for writer in writers] == [0, 0]
        assert seen > 10
        settings = Settings(file)
        assert settings.folder.startswith("99 ") and settings.model.startswith("99 ")


class TestKilling:
    """At random moments; a longer run: python -m tests.robustness.killing --rounds 100."""

    def test_while_settings_and_answers_are_written(self, tmp_path: Path) -> None:
        killing.writing(4, random.Random(0), tmp_path)

    def test_in_a_batch(self, tmp_path: Path) -> None:
        killing.batch(2, random.Random(0), tmp_path)


def test_a_clock_that_goes_backwards(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures are answered, none is given up, and each run's reports are its own."""
    backwards = itertools.count(2_000_000_000, -86_400)
    monkeypatch.setattr(time, "time", lambda: float(next(backwards)))
    monkeypatch.setattr(time, "time_ns", lambda: next(backwards) * 10**9)
    sources = [Source(str(n), b"") for n in range(5)]
    assert len(list(answers(Network(tiny_model), sources))) == 5
    for _ in range(3):
        crash.install(tmp_path)()
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_breaks_is_told_of_and_the_next_picture_works(
    tiny_model: Path, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(source: Source, at_least: int | None = None) -> object:
        if source.name == "breaks":
            raise RuntimeError("out of petals")
        if source.name == "ends":
            raise SystemExit
        return images.decode(source, at_least)

    monkeypatch.setattr("florapp.core.pipeline.decode", breaks)
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


def test_the_program_ends_within_two_seconds_whatever_is_being_read(
    tiny_model: Path, tmp_path: Path
) -> None:
    """Ctrl-C in a batch of large pictures."""
    Image.effect_noise((4000, 3000), 50).save(tmp_path / "0.png", compress_level=1)
    for number in range(1, 20):
        shutil.copy(tmp_path / "0.png", tmp_path / f"{number}.png")
    process = start("classify", "--json", "--model", tiny_model, tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    began = time.monotonic()
    process.send_signal(2)
    _, complaints = process.communicate(timeout=60)
    assert time.monotonic() - began < 2
    assert process.returncode != 0
    assert "Traceback" not in complaints
