"""A window that is open for days does not keep the memory of the pictures and models it had."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from florapp.core.drawing import FLOWERS, draw
from florapp.core.paths import shipped_model
from tests.robustness.parts import png, png_header, zeros
from tests.robustness.reader import ROOT


@pytest.mark.timeout(300)
def test_what_pictures_took_is_given_back(tiny_model: Path, tmp_path: Path) -> None:
    dice = random.Random(1)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(24):
        width, height = dice.randrange(800, 3200), dice.randrange(600, 2400)
        rows = zeros(height * (3 * width + 1))
        picture = png(png_header(width, height), (b"IDAT", rows))
        (folder / f"{number}.png").write_bytes(picture)
    before, after = _held(tiny_model, folder, "30")
    # Each processor has a thread that decodes, and what it has freed last is kept for it.
    assert after < before + 15 + 16 * max(2, os.cpu_count() or 1)


@pytest.mark.timeout(300)
def test_what_models_took_is_given_back(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for flower in FLOWERS:
        Image.fromarray(draw(flower, 300, 300)).save(folder / f"{flower}.png")
    other = Path(shutil.copy(shipped_model(), tmp_path / "other.onnx"))
    before, after = _held(shipped_model(), folder, "12", other)
    assert after < before + 60  # two of them are there at the moment of the change


def _held(*arguments: str | Path) -> tuple[float, float]:
    """Let pictures and models come and go, and return the megabytes before and after."""
    settings = ("MALLOC_", "GLIBC_TUNABLES")  # of the C library, by the user
    environment = {k: v for k, v in os.environ.items() if not k.startswith(settings)}
    ended = subprocess.run(
        [sys.executable, "-m", "tests.robustness.come_and_gone", *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    before, after = map(float, ended.stdout.split())
    return before, after
