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
from tests.robustness.parts import heic_grid, saved_as
from tests.robustness.reader import Reader

pytestmark = pytest.mark.timeout(300)

#: Some of them decoders map into memory where they can: what is gone then ends the process.
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "plain.tif": ("TIFF", "L", {}),
    "packed.tif": ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    "grey.bmp": ("BMP", "L", {}),
    "colours.jpg": ("JPEG", "RGB", {}),
    "colours.png": ("PNG", "RGB", {"compress_level": 1}),
    "grey.gif": ("GIF", "L", {}),
    "colours.webp": ("WEBP", "RGB", {"method": 0}),
    "colours.avif": ("AVIF", "RGB", {"speed": 10}),
    "tiles.heic": ("HEIC", "RGB", {}),
}


def noise(name: str) -> bytes:
    file_format, mode, options = KINDS[name]
    if file_format == "HEIC":  # which cannot be written here
        return heic_grid(14, 18)
    return saved_as(Image.effect_noise((1200, 900), 80).convert(mode), file_format, **options)


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Cut, restore, replace and delete a file all the time."""
    content, ended, dice = path.read_bytes(), threading.Event(), random.Random(0)

    def change() -> None:
        while not ended.is_set():
            with path.open("r+b") as file:
                file.truncate(dice.choice((0, 9, 5000, len(content) // 2)))
            ended.wait(dice.random() * 0.005)
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
    (tmp_path / name).write_bytes(noise(name))
    with changing(tmp_path / name):
        readings = [reader.read(tmp_path / name) for _ in range(60)]
    assert all(reading.sound for reading in readings), readings
    assert {True, False} == {bool(reading.sentence) for reading in readings}  # it was disturbed
    assert not reader.read(tmp_path / name).sentence


def test_a_file_that_comes_and_goes_all_the_time(tmp_path: Path) -> None:
    path, ended = tmp_path / "a.jpg", threading.Event()
    content = saved_as(Image.new("RGB", (40, 30), "red"), "JPEG")

    def come_and_go() -> None:
        while not ended.is_set():
            path.write_bytes(content)
            path.unlink()

    thread = threading.Thread(target=come_and_go)
    thread.start()
    said = set()
    try:
        for _ in range(10_000):
            try:
                assert decode(Source.of(path)).size == (40, 30)
            except PictureError as error:
                said.add(str(error).partition(".")[0])
            else:
                said.add("answered")
    finally:
        ended.set()
        thread.join()
    assert {"answered", "There is no such file"} <= said
    assert said <= {"answered", "There is no such file", "The file is empty (zero bytes)"}
