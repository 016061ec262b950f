"""A window that is open for days does not keep the memory of the pictures that it has shown."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

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
    settings = ("MALLOC_", "GLIBC_TUNABLES")  # of the C library, by the user
    environment = {k: v for k, v in os.environ.items() if not k.startswith(settings)}
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "tests.robustness.come_and_gone"),
            *(tiny_model, folder, "30"),
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    before, after = map(float, ended.stdout.split())
    # Each processor has a thread that decodes, and what it has freed last is kept for it.
    assert after < before + 15 + 16 * max(2, os.cpu_count() or 1)
