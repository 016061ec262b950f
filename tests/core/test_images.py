"""Whatever a picture is stored as, the user and the network see it upright, in full."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from florapp.core.errors import PictureError
from florapp.core.images import decode
from florapp.core.source import Source


def pixels_of(content):
    return decode(Source.of(content)).pixels


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_shown_upright(encode, quadrants, turnable, orientation, assert_alike):
    picture = decode(Source.of(encode(turnable, orientation)))
    assert_alike(picture.pixels, quadrants)
    assert picture.size == (64, 48)


def test_every_format_opens_from_a_file_whatever_its_name_ends_in(
    encode, quadrants, kind, tmp_path, assert_alike
):
    path = tmp_path / "picture.xyz"
    path.write_bytes(encode(kind))
    assert_alike(pixels_of(path), quadrants)


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG", "TIFF", "MPO"])
def test_of_an_animation_the_first_frame_is_seen(quadrants, file_format, saved, assert_alike):
    first, second = Image.fromarray(quadrants), Image.new("RGB", (64, 48))
    options = {"lossless": True} if file_format == "WEBP" else {}
    content = saved(first, file_format, save_all=True, append_images=[second], **options)
    assert_alike(pixels_of(content), quadrants)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif", "tiff"])
def test_a_turned_pillow_image_is_shown_upright_and_left_as_it_was(
    encode, quadrants, kind, assert_alike
):
    with Image.open(io.BytesIO(encode(kind, 6))) as image:
        assert_alike(pixels_of(image), quadrants)
        size = image.size
        assert_alike(pixels_of(image), quadrants)
        assert image.size == size


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\0\xff" + b"\x12" * 40,
    ],
)
def test_malformed_exif_is_passed_over(quadrants, exif, saved, assert_alike):
    assert_alike(pixels_of(saved(Image.fromarray(quadrants), "JPEG", exif=exif)), quadrants, 10)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_passed_over(
    quadrants, saved, assert_alike, orientation
):
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert_alike(pixels_of(saved(Image.fromarray(quadrants), "PNG", exif=exif)), quadrants)


@pytest.mark.parametrize(
    ("at_least", "scale"), [(None, 1), (150, 8), (151, 4), (600, 2), (601, 1), (5000, 1)]
)
def test_a_large_jpeg_is_read_at_the_smallest_scale_that_suffices(
    quadrants, saved, assert_alike, at_least, scale
):
    large = Image.fromarray(quadrants).resize((1600, 1200), Image.Resampling.NEAREST)
    picture = decode(Source.of(saved(large, "JPEG")), at_least)
    assert picture.size == (1600, 1200)
    assert picture.pixels.shape == (1200 // scale, 1600 // scale, 3)
    wanted = np.asarray(large.resize((1600 // scale, 1200 // scale), Image.Resampling.NEAREST))
    assert_alike(picture.pixels, wanted, 10)


def test_a_large_turned_jpeg_reports_its_upright_size(saved):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = decode(Source.of(saved(Image.new("RGB", (1605, 1203)), "JPEG", exif=exif)), 150)
    assert picture.size == (1203, 1605)
    assert picture.pixels.shape == (201, 151, 3)


def test_other_formats_are_read_whole(encode, kind):
    if kind != "jpeg":
        assert decode(Source.of(encode(kind)), 5).pixels.shape == (48, 64, 3)


def test_the_systems_own_word_is_passed_on(tmp_path):
    """A name that is too long for the file system, a folder that is a file, a broken disk."""
    with pytest.raises(PictureError, match="cannot be read: File name too long"):
        decode(Source.of(tmp_path / ("x" * 300)))
