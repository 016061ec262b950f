"""A picture may come as a path, bytes, a file object, a Pillow image or an array of pixels."""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pytest
from PIL import Image

from florapp.core.errors import PictureError
from florapp.core.images import decode
from florapp.core.prediction import Failure
from florapp.core.source import Source

NAMES = ["a.png", "mit Leerzeichen.png", "Gänseblümchen.png", "牡丹.png", "-x%20 #1.png"]


@pytest.mark.parametrize("name", NAMES)
def test_a_path_of_any_name_opens(encode, quadrants, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(encode("png"))
    for given in (path, str(path)):
        source = Source.of(given)
        assert source.name == str(path)
        assert np.array_equal(decode(source).pixels, quadrants)


def test_bytes_file_objects_and_pillow_images_open(encode, quadrants, tmp_path):
    content = encode("png")
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with path.open("rb") as file, Image.open(path) as image:
        kinds: list[Any] = [content, bytearray(content), io.BytesIO(content), file, image]
        for given in kinds:
            assert np.array_equal(decode(Source.of(given)).pixels, quadrants)
        assert Source.of(image).name == str(path)


def test_a_file_object_that_was_looked_into_is_read_from_its_beginning(encode, quadrants):
    file = io.BytesIO(encode("png"))
    for ahead in (4, -1):
        file.read(ahead)
        assert np.array_equal(decode(Source.of(file)).pixels, quadrants)


def test_a_file_object_keeps_the_name_of_its_file(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    with (tmp_path / "a.png").open("rb") as file:
        assert Source.of(file).name == str(tmp_path / "a.png")
        assert Source.of(file, name="mine").name == "mine"


def test_arrays_are_rgb_bgr_if_said_or_grey(quadrants):
    bgr = quadrants[..., ::-1]
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    for given, wanted in [
        (Source.of(quadrants), quadrants),
        (Source.of(bgr, bgr=True), quadrants),
        (Source.of(bgr), bgr),
        (Source.of(grey), np.stack([grey] * 3, axis=2)),
        (Source.of(grey, bgr=True), np.stack([grey] * 3, axis=2)),
        (Source.of(quadrants[::2, 5:]), quadrants[::2, 5:]),
    ]:
        picture = decode(given)
        assert np.array_equal(picture.pixels, wanted)
        assert picture.size == (wanted.shape[1], wanted.shape[0])


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 3)),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 1), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4), bool),
    ],
    ids=lambda array: f"{array.shape} {array.dtype}",
)
def test_an_array_of_another_form_is_refused_with_its_form(array):
    with pytest.raises(PictureError, match=r"An array of shape .* is not a picture") as error:
        Source.of(array)
    assert str(array.shape) in str(error.value)
    assert str(array.dtype) in str(error.value)


@pytest.mark.parametrize("item", [None, 5, [1, 2], object()])
def test_what_is_no_picture_is_refused(item):
    with pytest.raises(PictureError, match=f"A {type(item).__name__} is not a picture"):
        Source.of(item)


def test_a_file_object_of_text_is_refused():
    with pytest.raises(PictureError, match="text, not bytes"):
        Source.of(io.StringIO("a"))  # type: ignore[arg-type]


def test_a_closed_or_unreadable_file_object_is_refused(tmp_path):
    closed = io.BytesIO(b"x")
    closed.close()
    with pytest.raises(PictureError, match=r"cannot be read: .*closed"):
        Source.of(closed)
    with Path(tmp_path / "a").open("wb") as file, pytest.raises(PictureError, match="be read"):
        Source.of(file)


def test_sources_and_failures_can_be_compared_and_hashed_whatever_they_hold(quadrants):
    one, other = Source.of(quadrants), Source.of(quadrants)
    assert one == one
    assert one != other
    assert len({one, other, Failure(one, "No."), Failure(one, "No."), Failure(other, "No.")}) == 4


def test_a_source_stays_what_it_is(encode):
    source = Source.of(encode("png"), name="mine")
    assert Source.of(source) is source


def test_a_file_object_without_a_name_is_a_picture():
    with tempfile.SpooledTemporaryFile() as upload:  # its name is None
        assert Source.of(cast("BinaryIO", upload)).name == "picture"


@pytest.mark.parametrize(("given", "words"), [(7, "int"), ("a", "text"), (None, "NoneType")])
def test_what_a_file_object_gives_is_called_what_it_is(given, words):
    class Odd:
        def read(self):
            return given

    with pytest.raises(PictureError, match=f"gives {words}, not bytes"):
        Source.of(cast("BinaryIO", Odd()))


def test_bytes_of_any_kind_and_paths_in_bytes_are_taken(tmp_path):
    class Odd:
        def read(self):
            return bytearray(b"picture")

    assert Source.of(cast("BinaryIO", Odd())).content == b"picture"
    (tmp_path / "a.png").touch()
    with os.scandir(bytes(tmp_path)) as listing:
        (entry,) = listing
        assert Source.of(cast("os.PathLike[str]", entry)).content == tmp_path / "a.png"


def test_a_pillow_image_that_cannot_be_read_is_refused(encode):
    with Image.open(io.BytesIO(encode("png")[:-40])) as image, pytest.raises(PictureError):
        Source.of(image)
