"""Whatever colours a picture is stored in, they are seen as sRGB, on white."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin, TiffTags

from florapp.core.images import decode
from florapp.core.source import Source


def pixels_of(content):
    return decode(Source.of(content)).pixels


GREYS = np.arange(0, 256, 5, dtype=np.uint8).reshape(4, 13)  # 0 to 255 and between


def grey(values=GREYS):
    return np.repeat(np.asarray(values)[..., np.newaxis], 3, axis=2)


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(GREYS),
        Image.fromarray(GREYS.astype(np.uint16) * 257),
        Image.fromarray(GREYS.astype(np.int32)),
        Image.fromarray(GREYS.astype(np.int32) * 257),
        Image.fromarray(GREYS.astype(np.float32)),
        Image.fromarray(GREYS.astype(np.float32) / 255),
        Image.merge("LA", [Image.fromarray(GREYS), Image.new("L", (13, 4), 255)]),
    ],
    ids=["8 bit", "16 bit", "32 bit to 255", "32 bit to 65535", "float to 255", "float to 1", "LA"],
)
def test_grey_of_every_depth_keeps_its_range(image):
    assert np.array_equal(pixels_of(image), grey())


def test_grey_of_16_bits_in_files_keeps_its_range(saved):
    deep = Image.fromarray(GREYS.astype(np.uint16) * 257)
    for file_format in ("PNG", "TIFF"):
        assert np.array_equal(pixels_of(saved(deep, file_format)), grey())


def test_numbers_above_65535_are_white_and_do_not_begin_anew():
    values = np.array([[0, 50_000, 100_000]], np.int32)
    assert pixels_of(Image.fromarray(values))[0, :, 0].tolist() == [0, 128, 255]


def test_floats_that_are_no_numbers_are_black():
    values = np.array([[0.0, 1.0, np.nan, np.inf, -1.0]], np.float32)
    assert pixels_of(Image.fromarray(values))[0, :, 0].tolist() == [0, 255, 0, 0, 0]


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "P", "RGBX", "RGBA", "LAB"])
def test_colour_of_every_mode_is_the_same_colour(quadrants, mode, assert_alike):
    rgb = Image.fromarray(quadrants)
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        image = ImageCms.profileToProfile(rgb, srgb, lab, outputMode="LAB")
    else:
        image = rgb.quantize(4) if mode == "P" else rgb.convert(mode)
    assert_alike(pixels_of(image), quadrants, 8)  # LAB of 8 bits is coarse


def test_a_cmyk_jpeg_is_the_same_colour(quadrants, saved, assert_alike):
    assert_alike(pixels_of(saved(Image.fromarray(quadrants).convert("CMYK"), "JPEG")), quadrants)


def test_one_bit_is_black_and_white(saved):
    image = Image.fromarray(GREYS > 127)
    assert image.mode == "1"
    assert np.array_equal(pixels_of(saved(image, "PNG")), grey(np.where(GREYS > 127, 255, 0)))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_lies_on_white(mode, saved):
    colour = {"RGBA": (0, 0, 0), "LA": (0,)}[mode]
    image = Image.new(mode, (3, 1))
    for x, alpha in enumerate((0, 127, 255)):
        image.putpixel((x, 0), (*colour, alpha))
    seen = pixels_of(saved(image, "PNG"))[0]
    assert np.abs(seen.astype(int) - [[255] * 3, [128] * 3, [0] * 3]).max() <= 1


@pytest.mark.parametrize("file_format", ["PNG", "GIF"])
def test_the_transparent_colour_of_a_palette_is_white(quadrants, file_format, saved, assert_alike):
    image = Image.fromarray(quadrants).quantize(4)
    content = saved(image, file_format, transparency=image.getpixel((0, 0)))
    wanted = quadrants.copy()
    wanted[:24, :32] = 255
    assert_alike(pixels_of(content), wanted)


def rgb_profile(red, green, blue, name="test"):
    """Make the bytes of an ICC profile from the three colours as XYZ (D50); its gamma is 2.2."""

    def xyz(values):
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    colours = {b"rXYZ": xyz(red), b"gXYZ": xyz(green), b"bXYZ": xyz(blue)}
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve(2.2))
    return profile_of(b"RGB ", colours | curves, name)


def curve(gamma):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def profile_of(space, own, name="test"):
    text = name.encode() + b"\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(79),
        b"cprt": b"text\0\0\0\0" + text,
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061),
        **own,
    }
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">2I", 128 + 4 + 12 * len(tags) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4xI", 128 + len(table + body), 0x2400000) + b"mntr" + space + b"XYZ "
    head = head.ljust(36, b"\0") + b"acsp"
    head = head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


P3 = (0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)
DISPLAY_P3 = rgb_profile(*P3)


@pytest.mark.parametrize(
    ("name", "is_srgb"),
    [
        ("sRGB IEC61966-2.1", True),
        ("sRGB built-in", True),
        ("DCI-P3 D65 Gamut with sRGB Transfer", False),  # Samsung's telephones
        ("Display P3 Gamut with sRGB Transfer", False),
        ("sRGB EOTF with DCI-P3 Color Gamut", False),
    ],
)
def test_what_only_shares_something_with_srgb_is_converted(quadrants, saved, name, is_srgb):
    profile = rgb_profile(*P3, name=name)
    seen = pixels_of(saved(Image.fromarray(quadrants), "PNG", icc_profile=profile))
    assert (seen[4, 60, 0] == quadrants[4, 60, 0]) == is_srgb


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF", "WEBP", "AVIF"])
def test_wide_colours_become_srgb_as_littlecms_says(quadrants, file_format, saved, assert_alike):
    image = Image.fromarray(quadrants)
    profile = ImageCms.ImageCmsProfile(io.BytesIO(DISPLAY_P3))
    wanted = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"))
    seen = pixels_of(saved(image, file_format, quality=95, icc_profile=DISPLAY_P3))
    assert_alike(seen, np.asarray(wanted), 14)
    # Display P3's (30, 160, 60) is a stronger green than sRGB's: no red is left in it.
    assert seen[4, 60, 0] < 10
    assert seen[4, 60, 1] > 160


def test_wide_colours_become_srgb_where_something_is_transparent_too(quadrants, saved):
    plain = Image.fromarray(quadrants)
    clear = plain.copy()
    clear.putalpha(255)
    seen, wanted = (
        pixels_of(saved(image, "PNG", icc_profile=DISPLAY_P3)) for image in (clear, plain)
    )
    assert np.array_equal(seen, wanted)


@pytest.mark.parametrize("kind", ["LA", "16 bit", "16 bit, TIFF", "RGBA"])
def test_grey_with_a_profile_is_the_same_grey_however_it_is_stored(kind, saved):
    light = profile_of(b"GRAY", {b"kTRC": curve(1.0)})
    image = Image.fromarray(GREYS)
    wanted = pixels_of(saved(image, "PNG", icc_profile=light))
    assert wanted[1, 0, 0] > GREYS[1, 0] + 30  # it is brighter than the numbers say
    if kind in ("LA", "RGBA"):  # the latter is how Pillow reads grey of 16 bits with transparency
        image.putalpha(255)
        image = image.convert(kind)
    else:
        image = Image.fromarray(GREYS.astype(np.uint16) * 257)
    seen = pixels_of(saved(image, "TIFF" if "TIFF" in kind else "PNG", icc_profile=light))
    assert np.array_equal(seen, wanted)


def test_the_transparent_grey_of_16_bits_is_white(saved):
    deep = GREYS.astype(np.uint16) * 257
    seen = pixels_of(saved(Image.fromarray(deep), "PNG", transparency=int(deep[1, 2])))
    wanted = grey()
    wanted[1, 2] = 255
    assert np.array_equal(seen, wanted)


@pytest.mark.parametrize(
    "icc", [b"no profile", DISPLAY_P3[:200], b"\0" * 500], ids=["words", "cut", "zeros"]
)
def test_a_broken_profile_is_passed_over(quadrants, icc, saved, assert_alike):
    assert_alike(pixels_of(saved(Image.fromarray(quadrants), "PNG", icc_profile=icc)), quadrants)


def test_a_profile_for_another_kind_of_colour_is_passed_over(saved):
    content = saved(Image.fromarray(GREYS), "PNG", icc_profile=DISPLAY_P3)
    assert np.array_equal(pixels_of(content), grey())


def test_a_profile_that_is_not_even_bytes_is_passed_over(quadrants, saved, assert_alike):
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags.tagtype[34675] = TiffTags.SHORT
    tags[34675] = 5
    assert_alike(pixels_of(saved(Image.fromarray(quadrants), "TIFF", tiffinfo=tags)), quadrants)
