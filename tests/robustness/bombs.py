"""Files that are made to harm whoever opens them: a few bytes that claim or become far more."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial

from PIL import Image

from tests.robustness import jpeg_bombs, png_bombs
from tests.robustness.parts import (
    box,
    directory,
    heic_grid,
    saved_as,
    zeros,
)


def _gif_of_ten_thousand_frames() -> bytes:
    frame = b"\x21\xf9\4\0\1\0\0\0\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + frame * 10_000 + b";"


def _gif_of_a_million_comments() -> bytes:
    head = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff"
    return head + b"\x21\xfe\1x\0" * 1_000_000 + b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0;"


def _gif_65535() -> bytes:
    head = b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff"
    return head + b"\x2c\0\0\0\0\xff\xff\xff\xff\0\2\2\x44\1\0;"


def _webp_of_ten_thousand_frames() -> bytes:
    still = saved_as(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    body = struct.pack("<6xHxHxI", 0, 0, 0)[:12] + b"\x64\0\0\0" + still
    frame = b"ANMF" + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    chunks = b"WEBPVP8X\x0a\0\0\0\2\0\0\0\0\0\0\0\0\0ANIM\6\0\0\0\0\0\0\0\0\0" + frame * 10_000
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def webp(width: int, height: int) -> Callable[[], bytes]:
    """A lossless WebP of one colour: five codes of one symbol each, and so no bits a pixel."""

    def make() -> bytes:
        bits, count = 0, 0

        def put(value: int, size: int) -> None:
            nonlocal bits, count
            bits, count = bits | value << count, count + size

        put(width - 1, 14)
        put(height - 1, 14)
        put(0, 1 + 3)  # no alpha, version
        put(0, 1 + 1 + 1)  # no transform, no cache of colours, one code for all
        for _ in range(5):
            put(0b0001, 4)  # a simple code, of one symbol, which has one bit: 0
        size = (count + 7) // 8 + 8
        data = b"\x2f" + bits.to_bytes(size, "little")
        data += b"\0" * (len(data) % 2)
        chunk = b"VP8L" + struct.pack("<I", len(data)) + data
        return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk

    return make


#: The tags of a small grey picture, whose pixels stand before its directory, from 8 to 72.
_GREY = [(256, 3, 1, 8), (257, 3, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
_GREY += [(273, 4, 1, 8), (278, 3, 1, 8), (279, 4, 1, 64)]


def _small_tiff(*tags: tuple[int, int, int, int], following: int = 0) -> bytes:
    start = b"II*\0" + struct.pack("<I", 72) + bytes(64)
    return start + directory(sorted([*_GREY, *tags]), following)


def _tiff_of_a_million_directories() -> bytes:
    at = len(_small_tiff())
    others = [struct.pack("<HI", 0, at + 6 * (n + 1)) for n in range(1_000_000)]
    return _small_tiff(following=at) + b"".join(others)


def _tiff(width: int, height: int, rows: int, compression: int = 8) -> bytes:
    """A TIFF whose strips, all the same, are compressed zeros."""
    strip, strips = zeros(width * rows * 3), -(-height // rows)
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, compression)]
    tags += [(262, 3, 1, 2), (277, 3, 1, 3), (278, 4, 1, rows)]
    end = 8 + 2 + 12 * (len(tags) + 2) + 4
    offsets, counts = end + len(strip), end + len(strip) + 4 * strips
    if strips == 1:
        tags += [(273, 4, 1, end), (279, 4, 1, len(strip))]
    else:
        tags += [(273, 4, strips, offsets), (279, 4, strips, counts)]
    tables = struct.pack(f"<{2 * strips}I", *[end] * strips, *[len(strip)] * strips)
    return b"II*\0" + struct.pack("<I", 8) + directory(sorted(tags)) + strip + tables


def _tiff_of_huge_values() -> bytes:
    return _small_tiff((34675, 7, 0xFFFFFFF0, 8), (700, 1, 0xFFFFFFF0, 8))


def _bmp_65535() -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, 65_535, -65_535, 1, 32, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + head


def _bmp_of_runs() -> bytes:
    """Runs of 255 pixels in two bytes each, and a palette that is said to be enormous."""
    head = struct.pack("<IiiHHIIiiII", 40, 13_000, 13_000, 1, 8, 1, 0, 0, 0, 256, 256)
    start = b"BM" + struct.pack("<IHHI", 0, 0, 0, 54 + 1024) + head + bytes(1024)
    row = b"\xff\0" * -(-13_000 // 255) + b"\0\0"
    return start + row * 13_000 + b"\0\1"


#: What becomes of a bomb: a part of the sentence that it is refused with.
ANSWERED = ""
NO_PICTURE = "not a picture in a format that FlorApp opens"
TOO_MANY_PIXELS = "million pixels, FlorApp's limit"
TOO_MUCH_MEMORY = "MB of memory, and FlorApp's limit"
TOO_MANY_SCANS = "layers, which would take too long"
TOO_LARGE_A_FILE = "The file is larger than 100 MB"
UNPACKS_TO_TOO_MUCH = "Decompressed data too large"
TOO_MANY_TEXTS = "Too much memory used in text chunks"
DAMAGED = "damaged or cut short"

#: What makes each bomb, and what becomes of it, by what it is.
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a PNG of 65,000 x 65,000": (png_bombs.claiming_65000, TOO_MANY_PIXELS),
    "a PNG as large as may be": (partial(png_bombs.large, 13_000), ANSWERED),
    "a PNG of long rows": (partial(png_bombs.of_long_rows, 40_000_000, 2), ANSWERED),
    "a PNG of longer rows": (partial(png_bombs.of_long_rows, 67_000_000, 2), TOO_MUCH_MEMORY),
    "a PNG of a longer row": (
        partial(png_bombs.of_long_rows, 170_000_000, 1),
        TOO_MUCH_MEMORY,
    ),
    "a PNG with a palette as large as may be": (png_bombs.palette, ANSWERED),
    "a PNG whose profile unpacks to 2 GB": (png_bombs.compressed_profile, UNPACKS_TO_TOO_MUCH),
    "a PNG whose XMP unpacks to 2 GB": (png_bombs.compressed_xmp, UNPACKS_TO_TOO_MUCH),
    "a PNG of 2,000 texts of 1 MB": (
        png_bombs.of_many_texts,
        TOO_MANY_TEXTS,
    ),
    "a PNG of 300,000 chunks": (png_bombs.of_many_chunks, ANSWERED),
    "an APNG of 10,000 frames": (png_bombs.moving, ANSWERED),
    "a GIF of 10,000 frames": (_gif_of_ten_thousand_frames, ANSWERED),
    "a GIF of a million comments": (_gif_of_a_million_comments, ANSWERED),
    "a GIF of 65,535 x 65,535": (_gif_65535, TOO_MANY_PIXELS),
    "a WebP of 10,000 frames": (_webp_of_ten_thousand_frames, ANSWERED),
    "a WebP of 16,383 x 16,383": (webp(16_383, 16_383), TOO_MANY_PIXELS),
    "a WebP of 13,000 x 13,000": (webp(13_000, 13_000), TOO_MUCH_MEMORY),
    "a WebP of 6,500 x 6,500": (webp(6_500, 6_500), ANSWERED),
    "a TIFF of a million directories": (_tiff_of_a_million_directories, ANSWERED),
    "a TIFF that follows itself": (partial(_small_tiff, following=72), ANSWERED),
    "a TIFF in one strip of 9,000 x 9,000": (
        partial(_tiff, 9_000, 9_000, 9_000),
        TOO_MUCH_MEMORY,
    ),
    "a TIFF in strips of 13,000 x 13,000": (partial(_tiff, 13_000, 13_000, 100), ANSWERED),
    "a TIFF of 100,000 x 100,000": (partial(_tiff, 100_000, 100_000, 10), TOO_MANY_PIXELS),
    "a TIFF with values of 4 GB": (_tiff_of_huge_values, ANSWERED),
    **{
        f"a {kind}JPEG of 65,500 x 65,500": (
            partial(jpeg_bombs.as_large_as_can_be_said, progressive=bool(kind)),
            TOO_MANY_PIXELS,
        )
        for kind in ("", "progressive ")
    },
    "a JPEG of 10,000 x 10,000 in parted scans": (
        partial(jpeg_bombs.parted, 10_000, 10_000),
        ANSWERED,
    ),
    "a JPEG of 23,000 x 23,000 in parted scans": (
        partial(jpeg_bombs.parted, 23_000, 23_000),
        TOO_MUCH_MEMORY,
    ),
    **{
        f"a {kind}JPEG of {side:,} x {side:,} in {scans:,} scans": (
            partial(jpeg_bombs.of_many_scans, side, side, scans, progressive=bool(kind)),
            outcome,
        )
        for kind in ("", "progressive ")
        for side, scans, outcome in (
            (5_400, 100, ANSWERED),  # as many as may be
            (5_400, 101, TOO_MANY_SCANS),
            (10_700, 26, ANSWERED),
            (10_700, 27, TOO_MANY_SCANS),
            (4_000, 50_000, TOO_MANY_SCANS),
        )
    },
    "a JPEG of 10,700 x 10,700 walked through 26 times": (
        partial(jpeg_bombs.of_walks, 10_700, 10_700, 26),
        ANSWERED,
    ),
    "a JPEG with 330 MB of profiles": (jpeg_bombs.of_profiles, TOO_LARGE_A_FILE),
    "a JPEG whose EXIF leads back": (jpeg_bombs.whose_exif_leads_back, ANSWERED),
    "a JPEG of far pictures": (jpeg_bombs.of_far_pictures, ANSWERED),
    "a HEIC grid of 65,280 tiles": (partial(heic_grid, 255, 256), "exceeds the security limit"),
    "a HEIC grid of 900 tiles": (partial(heic_grid, 30, 30), ANSWERED),
    "a HEIC grid larger than it says": (partial(heic_grid, 30, 30, (64, 64)), ANSWERED),
    **{
        f"a HEIC grid of 4 tiles that says it has {side:,} x {side:,}": (
            partial(heic_grid, 2, 2, (side, side)),
            outcome,
        )
        for side, outcome in (
            (7_000, DAMAGED),
            (13_000, TOO_MUCH_MEMORY),
            (16_384, TOO_MANY_PIXELS),
        )
    },
    "a BMP of 65,535 x 65,535": (_bmp_65535, TOO_MANY_PIXELS),
    "a BMP of 13,000 x 13,000 in runs": (_bmp_of_runs, ANSWERED),
}

_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
_FLAT = Image.new("RGB", (64, 64), "red")
#: What is no picture for FlorApp though it be called one; some of it other programs can draw.
RENAMED: dict[str, bytes] = {
    "an SVG": _SVG,
    "a PDF": saved_as(_FLAT, "PDF"),
    "a PostScript file": saved_as(_FLAT, "EPS"),
    "an archive": b"PK\3\4" + bytes(26),
    "a program": b"\x7fELF\2\1\1" + bytes(64),
    "an Adobe picture": b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 30_000, 30_000, 8, 3) + bytes(14),
    "a Targa picture": saved_as(_FLAT, "TGA"),
    "a film": box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41") + box(b"mdat", bytes(64)),
}
