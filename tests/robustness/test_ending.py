"""The program ends within two seconds, whatever is being read."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.robustness.parts import heic_grid, saved_as
from tests.robustness.reader import ROOT
from tests.robustness.run import at_home, start

pytestmark = pytest.mark.timeout(300)

Program = Callable[[Path, Path], subprocess.Popen[str]]

_SECONDS = 2
_COPIES = 40


def terminal(model: Path, folder: Path) -> subprocess.Popen[str]:
    command = ("classify", "--json", "--model", model, folder)
    return start(*command, module="tests.robustness.ending", cwd=ROOT)


def window(model: Path, folder: Path) -> subprocess.Popen[str]:
    return start(
        *("window", model, folder),
        module="tests.robustness.ending",
        cwd=ROOT,
        env=at_home(HOME=str(folder.parent)),
        stdin=subprocess.PIPE,
    )


def copies(content: bytes, name: str, folder: Path) -> Path:
    """Make a folder of pictures that are all the same."""
    folder.mkdir()
    (folder / name).write_bytes(content)
    for number in range(1, _COPIES):
        (folder / f"{Path(name).stem}-{number}{Path(name).suffix}").hardlink_to(folder / name)
    return folder


def ends(process: subprocess.Popen[str], readings: int) -> str:
    """End it when so many read: by Ctrl-C, or by closing the window. Return what it said since."""
    assert process.stdout is not None
    while readings:
        line = process.stdout.readline()
        assert line, process.communicate()
        readings -= line == "reading\n"
    began = time.monotonic()
    if process.stdin is None:
        process.send_signal(signal.SIGINT)
    else:
        process.stdin.write("close\n")
    said, complaints = process.communicate(timeout=60)
    seconds = time.monotonic() - began
    assert (process.returncode, complaints) == (130 if process.stdin is None else 0, "")
    assert seconds < _SECONDS
    return said


@pytest.mark.parametrize(("program", "readings"), [(terminal, 2), (window, 4)])
def test_while_every_reader_hangs(
    program: Program, readings: int, tiny_model: Path, tmp_path: Path
) -> None:
    """On a disk that is gone: in the window those of the picture looked at, and of the rest."""
    small = saved_as(Image.new("RGB", (40, 30), "red"), "PNG")
    ends(program(tiny_model, copies(small, "hang.png", tmp_path / "pictures")), readings)


def _flat(file_format: str, **options: object) -> bytes:
    """A picture of one colour, as large as may be: it is quickly made."""
    return saved_as(Image.new("RGB", (6500, 6500), "red"), file_format, **options)


PICTURES: dict[str, Callable[[], bytes]] = {
    "large.webp": lambda: _flat("WEBP", lossless=True, quality=0, method=0),
    "large.avif": lambda: _flat("AVIF", speed=10),
    "tiles.heic": lambda: heic_grid(30, 30),
    "noise.png": lambda: saved_as(Image.effect_noise((4000, 3000), 50), "PNG", compress_level=1),
}


@pytest.mark.parametrize("program", [terminal, window])
@pytest.mark.parametrize("name", PICTURES)
def test_while_a_decoder_is_at_work(
    program: Program, name: str, tiny_model: Path, tmp_path: Path
) -> None:
    """And many pictures wait."""
    process = program(tiny_model, copies(PICTURES[name](), name, tmp_path / "pictures"))
    assert ends(process, 1).splitlines().count("read") < _COPIES / 2


def test_when_nobody_reads_the_answers_any_more(tiny_model: Path, tmp_path: Path) -> None:
    """Nor does it crash for what is still being read, as it did more often than not."""
    folder = copies(PICTURES["tiles.heic"](), "tiles.heic", tmp_path / "pictures")
    for _ in range(3):
        with start("classify", "--json", "--model", tiny_model, folder, cwd=ROOT) as process:
            assert process.stdout is not None and process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            began = time.monotonic()
            assert (process.wait(60), process.stderr.read()) == (1, "")
            assert time.monotonic() - began < _SECONDS
