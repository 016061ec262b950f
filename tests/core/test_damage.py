"""Whatever is wrong with a picture, the user gets a sentence that says so, never a traceback."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from florapp.core.errors import PictureError
from florapp.core.images import decode
from florapp.core.refusals import PIXEL_LIMIT
from florapp.core.source import Source

STARTS = [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0", b"BM", b"RIFF"]


def refused(content) -> str:
    with pytest.raises(PictureError) as error:
        decode(Source.of(content), 64)
    sentence = str(error.value)
    assert sentence.endswith((".", "?", ").")), sentence
    return sentence


def huge_png(width, height):
    """Make a PNG of a few bytes that claims a size; only its header is there."""
    header = b"IHDR" + struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IDAT5\xaf\x06\x1e\0\0\0\0IEND\xaeB`\x82"


def test_a_missing_file(tmp_path):
    assert "no such file" in refused(tmp_path / "gone.jpg")


def test_a_folder(tmp_path):
    assert "folder" in refused(tmp_path)


def test_an_empty_file(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"")
    assert "empty (zero bytes)" in refused(tmp_path / "a.jpg")
    assert "empty (zero bytes)" in refused(b"")


def test_text_that_is_called_a_picture(tmp_path):
    (tmp_path / "a.jpg").write_text("Roses are red.")
    assert "not a picture in a format that FlorApp opens" in refused(tmp_path / "a.jpg")


def test_a_film(tmp_path):
    """It starts as a HEIF picture does, and says in its brand that it is none."""
    film = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41\0\0\0\x08free\0\0\0\x08mdat"
    (tmp_path / "a.heic").write_bytes(film)
    for content in (film, tmp_path / "a.heic"):
        assert "not a picture in a format that FlorApp opens" in refused(content)


def test_a_file_that_was_cut_short(files, quadrants, saved):
    large = Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8))
    for content in (saved(large, "JPEG"), saved(large, "PNG"), saved(large, "TIFF")):
        assert "damaged or cut short" in refused(content[: len(content) // 2])
    assert "beginning is damaged" in refused(files["jpeg"][1:])


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (PIXEL_LIMIT + 1, 1)])
def test_a_small_file_that_claims_to_be_huge(width, height):
    assert "more than 179 million pixels" in refused(huge_png(width, height))
    assert "smaller copy" in refused(huge_png(width, height))


def test_a_huge_jpeg_is_opened_at_a_reduced_scale(monkeypatch, saved, quadrants, assert_alike):
    """A telephone's 200 million pixels; here the limits are a thousandth of that."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 90_000)
    monkeypatch.setattr("florapp.core.images.PIXEL_LIMIT", 180_000)
    monkeypatch.setattr("florapp.core.images.REDUCED_LIMIT", 540_000)
    huge = Image.fromarray(quadrants).resize((512, 384), Image.Resampling.NEAREST)
    exif = Image.Exif()
    exif[0x0112] = 3
    turned = saved(huge.transpose(Image.Transpose.ROTATE_180), "JPEG", quality=95, exif=exif)
    picture = decode(Source.of(turned), 48)
    assert picture.size == (512, 384)
    assert_alike(picture.pixels, quadrants)
    refused_ones = (
        (turned, None),  # it would be decoded in full
        (saved(huge, "JPEG", progressive=True), 48),
        (saved(huge.resize((1024, 768)), "JPEG"), 48),
        (saved(huge, "PNG"), 48),
    )
    for content, at_least in refused_ones:
        with pytest.raises(PictureError, match="million pixels"):
            decode(Source.of(content), at_least)


def test_memory_running_out(monkeypatch, files):
    def load(self):
        raise MemoryError

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    assert "not enough memory" in refused(files["bmp"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
@pytest.mark.timeout(20)
def test_a_pipe_is_not_even_opened(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")  # opening it would wait for a writer for ever
    assert "device or a pipe" in refused(tmp_path / "a.jpg")
    assert "device or a pipe" in refused(os.devnull)


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch, files):
    path = tmp_path / "a.jpg"
    path.write_bytes(files["jpeg"])

    def refuse(*args: object, **kwargs: object):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("io.open", refuse)
    assert "no permission" in refused(path)


def test_a_file_in_a_folder_that_may_not_be_entered(tmp_path, monkeypatch):
    def refuse(*args: object, **kwargs: object):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    assert "no permission" in refused(tmp_path / "a.jpg")


def test_no_other_program_is_started_for_a_picture(tmp_path, monkeypatch, saved):
    """Pillow would hand an EPS file, whatever its name, to Ghostscript."""
    program, trace = tmp_path / "gs", tmp_path / "trace"
    program.write_text(f"#!/bin/sh\ntouch '{trace}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert "not a picture in a format" in refused(saved(Image.new("RGB", (8, 8)), "EPS"))
    assert not trace.exists()


def survives(content: bytes) -> None:
    try:
        picture = decode(Source.of(content), 16)
    except PictureError as error:
        assert str(error)
    else:
        assert picture.pixels.dtype == np.uint8
        assert picture.pixels.ndim == 3
        assert picture.pixels.shape[2] == 3


@pytest.mark.filterwarnings("ignore")  # as for the user: Pillow warns of some damage it can bear
class TestAnyBytes:
    @settings(max_examples=200)
    @given(start=st.sampled_from(STARTS), rest=st.binary())
    def test_are_a_picture_or_a_sentence(self, start, rest):
        survives(start + rest)

    @settings(max_examples=500)
    @given(data=st.data())
    def test_so_is_a_damaged_file(self, files, data):
        content = bytearray(files[data.draw(st.sampled_from(sorted(files)), label="kind")])
        places = st.integers(0, len(content) - 1)
        changes = st.lists(st.tuples(places, st.integers(0, 255)), max_size=8)
        for place, value in data.draw(changes, label="changes"):
            content[place] = value
        survives(bytes(content[: data.draw(st.none() | places, label="cut")]))


def test_damage_does_not_outlive_the_picture(files):
    """A decoder that fails on one file reads the next one all the same."""
    for kind, content in files.items():
        refused(io.BytesIO(content[: len(content) // 3]))
        assert decode(Source.of(content)).size == (64, 48), kind


def test_a_picture_without_pixels():
    assert "no pixels" in refused(Image.new("RGB", (0, 5)))
