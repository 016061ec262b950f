"""Files that change, shrink or vanish while they are read: an answer or a sentence."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from florapp.core.errors import PictureError
from florapp.core.images import decode
from florapp.core.source import Source
from tests.robustness.reader import Reader

pytestmark = pytest.mark.timeout(300)

#: Kinds that decoders map into memory where they can: what is gone then ends the process.
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "plain.tif": ("TIFF", "L", {}),
    "packed.tif": ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    "grey.bmp": ("BMP", "L", {}),
    "colours.jpg": ("JPEG", "RGB", {}),
    "colours.png": ("PNG", "RGB", {"compress_level": 1}),
}


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Cut, restore, replace and delete a file all the time."""
    content, ended, dice = path.read_bytes(), threading.Event(), random.Random(0)

    def change() -> None:
        while not ended.is_set():
            with path.open("r+b") as file:
                file.truncate(dice.choice((0, 9, 5000, len(content) // 2)))
            path.write_bytes(content)
            if dice.random() < 0.2:
                path.unlink()
                path.write_bytes(content)
            ended.wait(dice.random() * 0.005)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize("name", KINDS)
def test_a_file_that_changes_while_it_is_read(reader: Reader, tmp_path: Path, name: str) -> None:
    file_format, mode, options = KINDS[name]
    noise = Image.effect_noise((1200, 900), 80).convert(mode)
    noise.save(tmp_path / name, file_format, **options)
    with changing(tmp_path / name):
        readings = [reader.read(tmp_path / name) for _ in range(40)]
    assert all(reading.sound for reading in readings), readings
    assert not reader.read(tmp_path / name).sentence


def test_a_file_that_comes_and_goes_all_the_time(tmp_path: Path) -> None:
    path, ended = tmp_path / "a.jpg", threading.Event()

    def come_and_go() -> None:
        while not ended.is_set():
            path.write_bytes(b"no picture")
            path.unlink()

    thread = threading.Thread(target=come_and_go)
    thread.start()
    said = set()
    try:
        for _ in range(10_000):
            with pytest.raises(PictureError) as error:
                decode(Source.of(path))
            said.add(str(error.value).partition(".")[0].partition(",")[0])
    finally:
        ended.set()
        thread.join()
    assert said <= {
        "There is no such file",
        "The file is empty (zero bytes)",
        "This is not a picture in a format that FlorApp opens",
    }
