"""Files that are made to harm whoever opens them: a few bytes that claim or become far more."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import partial

from PIL import Image

from tests.robustness.parts import (
    SMALL,
    box,
    directory,
    frame_header,
    heic_grid,
    jpeg_parts,
    png,
    png_header,
    saved_as,
    segment,
    zeros,
)

_MUCH = 2_000_000_000


def _png_65000() -> bytes:
    return png(png_header(65_000, 65_000), (b"IDAT", zeros(100_000_000)))


def _png_as_large_as_may_be() -> bytes:
    return png(png_header(13_000, 13_000, 6), (b"IDAT", zeros(13_000 * 52_001)))


def _png_as_long_as_may_be() -> bytes:
    return png(png_header(170_000_000, 1, 6), (b"IDAT", zeros(4 * 170_000_000 + 1)))


def _png_palette() -> bytes:
    return png(
        png_header(13_000, 13_000, 3),
        (b"PLTE", bytes(6)),
        (b"tRNS", b"\0\x80"),
        (b"IDAT", zeros(13_000 * 13_001)),
    )


def _png_compressed_profile() -> bytes:
    return png(SMALL[0], (b"iCCP", b"icc\0\0" + zeros(_MUCH)), SMALL[1])


def _png_compressed_xmp() -> bytes:
    return png(
        SMALL[0],
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zeros(_MUCH)),
        (b"zTXt", b"Comment\0\0" + zeros(_MUCH)),
        SMALL[1],
    )


def _png_of_many_texts() -> bytes:
    return png(SMALL[0], *[(b"zTXt", b"a\0\0" + zeros(1_000_000))] * 2000, SMALL[1])


def _png_of_many_chunks() -> bytes:
    return png(SMALL[0], *[(b"abCd", b"")] * 300_000, SMALL[1])


def _apng() -> bytes:
    control = struct.pack(">4IHHBB", 8, 8, 0, 0, 1, 100, 0, 0)
    frames = [
        chunk
        for number in range(10_000)
        for chunk in (
            (b"fcTL", struct.pack(">I", 2 * number + 1) + control),
            (b"fdAT", struct.pack(">I", 2 * number + 2) + SMALL[1][1]),
        )
    ]
    return png(SMALL[0], (b"acTL", struct.pack(">2I", 10_000, 0)), SMALL[1], *frames)


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


def _webp_of(width: int, height: int) -> Callable[[], bytes]:
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


def _tiff_of_a_million_directories() -> bytes:
    tags = [(256, 3, 1, 8), (257, 3, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    tags += [(273, 4, 1, 8), (278, 3, 1, 8), (279, 4, 1, 64)]
    first = directory(tags, 72 + 6 + 12 * len(tags))
    at = 72 + len(first)
    others = [struct.pack("<HI", 0, at + 6 * (n + 1)) for n in range(1_000_000)]
    return b"II*\0" + struct.pack("<I", 72) + bytes(64) + first + b"".join(others)


def _tiff_that_follows_itself() -> bytes:
    return b"II*\0" + struct.pack("<I", 8) + directory([(256, 3, 1, 8), (257, 3, 1, 8)], 8)


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


def _tiff_of_a_huge_value() -> bytes:
    tags = [(256, 3, 1, 8), (257, 3, 1, 8), (34675, 7, 0xFFFFFFF0, 8), (700, 1, 0xFFFFFFF0, 8)]
    return b"II*\0" + struct.pack("<I", 8) + directory(tags)


def _jpeg_65500() -> bytes:
    tables, _, scan = jpeg_parts(Image.new("RGB", (64, 64)))
    return tables + frame_header(0xC0, 65_500, 65_500) + scan


def _jpeg_progressive_65500() -> bytes:
    tables, _, scan = jpeg_parts(Image.new("RGB", (64, 64)), progressive=True)
    return tables + frame_header(0xC2, 65_500, 65_500) + scan


def _jpeg_of_parted_scans() -> bytes:
    """Each colour in a scan of its own: the decoder has to hold the whole picture."""
    tables, _, scan = jpeg_parts(Image.new("RGB", (64, 64)))
    body = scan[2 + int.from_bytes(scan[2:4]) : -2]
    first = segment(0xDA, b"\1\1\0\0\x3f\0")
    empty = b"\0" * 12_000_000 if len(body) else b""
    return tables + frame_header(0xC0, 23_000, 23_000) + first + empty + b"\xff\xd9"


def _jpeg_of_many_scans(width: int, height: int, scans: int, *, progressive: bool) -> bytes:
    """The first colour comes again and again, in a few bytes: what is missing is taken for zero."""
    tables, _, scan = jpeg_parts(Image.new("RGB", (64, 64)), progressive=progressive)
    first = scan[: scan.find(b"\xff\xda", 2)] if progressive else b""
    again = segment(0xDA, b"\1\1\0\0\0\x10" if progressive else b"\1\1\0\0\x3f\0") + bytes(8)
    frame = frame_header(0xC2 if progressive else 0xC0, width, height)
    return tables + frame + first + again * scans + b"\xff\xd9"


def _jpeg_of_profiles() -> bytes:
    data = saved_as(Image.new("RGB", (64, 64)), "JPEG")
    parts = [segment(0xE2, b"ICC_PROFILE\0" + bytes([n, 255]) + bytes(65_000)) for n in range(256)]
    return data[:2] + b"".join(parts * 20) + data[2:]


def _jpeg_whose_exif_leads_back() -> bytes:
    exif = b"Exif\0\0II*\0\x08\0\0\0" + directory(
        [(0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0x0112, 4, 0x3FFFFFFF, 8)], 8
    )
    data = saved_as(Image.new("RGB", (64, 64)), "JPEG")
    return data[:2] + segment(0xE1, exif) + data[2:]


def _jpeg_of_far_pictures() -> bytes:
    """Several pictures in one, whose index leads beyond the end."""
    entry = struct.pack("<LLLHH", 0, 0xFFFFFFFF, 0xFFFFFFFF, 0, 0)
    index = directory([(0xB000, 7, 4, 0x30303130), (0xB001, 4, 1, 4000), (0xB002, 7, 64000, 50)])
    mpf = b"MPF\0II*\0\x08\0\0\0" + index + entry * 4000
    data = saved_as(Image.new("RGB", (64, 64)), "JPEG")
    return data[:2] + segment(0xE2, mpf[:65_000]) + data[2:]


def _bmp_65535() -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, 65_535, -65_535, 1, 32, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + head


def _bmp_of_runs() -> bytes:
    """Runs of 255 pixels in two bytes each, and a palette that is said to be enormous."""
    head = struct.pack("<IiiHHIIiiII", 40, 13_000, 13_000, 1, 8, 1, 0, 0, 0, 256, 256)
    start = b"BM" + struct.pack("<IHHI", 0, 0, 0, 54 + 1024) + head + bytes(1024)
    return start + b"\xff\0" * 700_000


def _renamed() -> Iterator[tuple[str, bytes]]:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    yield "an SVG", svg
    yield "a PDF", b"%PDF-1.7\n1 0 obj <</Type/Catalog/OpenAction 2 0 R>> endobj\n"
    yield "a PostScript file", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n"
    yield "an archive", b"PK\3\4" + bytes(26)
    yield "a program", b"\x7fELF\2\1\1" + bytes(64)
    yield "an Adobe picture", b"8BPS\0\1" + bytes(6) + b"\0\3\0\0\x75\x30\0\0\x75\x30\0\x08\0\3"
    yield "a film", box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41") + box(b"mdat", bytes(64))


#: What makes each bomb, by what it is.
BOMBS: dict[str, Callable[[], bytes]] = {
    "a PNG of 65,000 x 65,000": _png_65000,
    "a PNG as large as may be": _png_as_large_as_may_be,
    "a PNG as long as may be": _png_as_long_as_may_be,
    "a PNG with a palette as large as may be": _png_palette,
    "a PNG whose profile unpacks to 2 GB": _png_compressed_profile,
    "a PNG whose XMP unpacks to 2 GB": _png_compressed_xmp,
    "a PNG of 2,000 texts of 1 MB": _png_of_many_texts,
    "a PNG of 300,000 chunks": _png_of_many_chunks,
    "an APNG of 10,000 frames": _apng,
    "a GIF of 10,000 frames": _gif_of_ten_thousand_frames,
    "a GIF of a million comments": _gif_of_a_million_comments,
    "a GIF of 65,535 x 65,535": _gif_65535,
    "a WebP of 10,000 frames": _webp_of_ten_thousand_frames,
    "a WebP of 16,383 x 16,383": _webp_of(16_383, 16_383),
    "a WebP of 13,000 x 13,000": _webp_of(13_000, 13_000),
    "a WebP of 6,500 x 6,500": _webp_of(6_500, 6_500),
    "a TIFF of a million directories": _tiff_of_a_million_directories,
    "a TIFF that follows itself": _tiff_that_follows_itself,
    "a TIFF in one strip of 9,000 x 9,000": lambda: _tiff(9_000, 9_000, 9_000),
    "a TIFF in strips of 13,000 x 13,000": lambda: _tiff(13_000, 13_000, 100),
    "a TIFF of 100,000 x 100,000": lambda: _tiff(100_000, 100_000, 10),
    "a TIFF with a value of 4 GB": _tiff_of_a_huge_value,
    "a JPEG of 65,500 x 65,500": _jpeg_65500,
    "a progressive JPEG of 65,500 x 65,500": _jpeg_progressive_65500,
    "a JPEG of 23,000 x 23,000 in parted scans": _jpeg_of_parted_scans,
    **{
        f"{what} of {scans:,} scans": partial(
            _jpeg_of_many_scans, side, side, scans, progressive=what.startswith("a prog")
        )
        for what in ("a JPEG", "a progressive JPEG")
        for side, scans in ((4_000, 50_000), (10_000, 3_000))
    },
    "a JPEG with 330 MB of profiles": _jpeg_of_profiles,
    "a JPEG whose EXIF leads back": _jpeg_whose_exif_leads_back,
    "a JPEG of far pictures": _jpeg_of_far_pictures,
    "a HEIC grid of 16,384 x 16,320": lambda: heic_grid(255, 256),
    "a HEIC grid of 900 tiles": lambda: heic_grid(30, 30),
    "a HEIC grid larger than it says": lambda: heic_grid(30, 30, (64, 64)),
    "a HEIC grid smaller than it says": lambda: heic_grid(2, 2, (13_000, 13_000)),
    "a BMP of 65,535 x 65,535": _bmp_65535,
    "a BMP of 13,000 x 13,000 in runs": _bmp_of_runs,
    **{f"{what} renamed": partial(bytes, data) for what, data in _renamed()},
}
