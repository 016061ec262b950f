"""A file that is too large to be read at once is changed meanwhile: an answer or a sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.robustness.reader import ROOT
from tests.robustness.test_changing_files import changing

pytestmark = pytest.mark.timeout(300)

#: Those that are read part by part; decoders would map the first three into memory.
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "plain.tif": ("TIFF", "L", {}),
    "packed.tif": ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    "grey.bmp": ("BMP", "L", {}),
    "colours.png": ("PNG", "RGB", {"compress_level": 1}),
}

#: Any file of more than a kilobyte is taken for one of more than 100 MB.
_READ = """
import sys
from florapp.core import images
from florapp.core.errors import PictureError
from florapp.core.source import Source

images.FILE_LIMIT, damaged = 1000, 0
for _ in range(200):
    try:
        images.decode(Source.of(sys.argv[1]))
    except PictureError:
        damaged += 1
print(damaged)
"""


@pytest.mark.parametrize("name", KINDS)
def test_a_large_file_that_changes_while_it_is_read(tmp_path: Path, name: str) -> None:
    file_format, mode, options = KINDS[name]
    noise = Image.effect_noise((1200, 900), 80).convert(mode)
    noise.save(tmp_path / name, file_format, **options)
    command = [sys.executable, "-c", _READ, str(tmp_path / name)]
    with changing(tmp_path / name):
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout)
