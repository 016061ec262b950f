"""JPEGs that are made to harm whoever opens them; the other formats' are in bombs.py."""

from __future__ import annotations

import struct

from PIL import Image

from tests.robustness.parts import directory, frame_header, jpeg_parts, saved_as, segment


def as_large_as_can_be_said(*, progressive: bool) -> bytes:
    tables, _, scan = jpeg_parts(Image.new("RGB", (64, 64)), progressive=progressive)
    return tables + frame_header(0xC2 if progressive else 0xC0, 65_500, 65_500) + scan


def parted(width: int, height: int) -> bytes:
    """Each colour in a scan of its own, in a few bytes: what is missing is taken for zero.

    The decoder has to hold the whole picture, in two bytes for each pixel and colour.
    """
    tables, _, _ = jpeg_parts(Image.new("RGB", (64, 64)))
    scans = (segment(0xDA, b"\1%c\0\0\x3f\0" % colour) + bytes(8) for colour in (1, 2, 3))
    return tables + frame_header(0xC0, width, height) + b"".join(scans) + b"\xff\xd9"


def of_many_scans(width: int, height: int, scans: int, *, progressive: bool) -> bytes:
    """The first colour comes again and again, in a few bytes."""
    tables, _, scan = jpeg_parts(Image.new("RGB", (64, 64)), progressive=progressive)
    more = scan[: scan.find(b"\xff\xda")]  # tables of a progressive one
    again = segment(0xDA, b"\1\1\0\0\0\x10" if progressive else b"\1\1\0\0\x3f\0") + bytes(8)
    frame = frame_header(0xC2 if progressive else 0xC0, width, height)
    return tables + frame + more + again * scans + b"\xff\xd9"


def of_walks(width: int, height: int, scans: int) -> bytes:
    """Each scan walks through all coefficients of a colour, and changes none of them.

    A code of one bit, and a number of 14, say that this is so in 16,384 blocks.
    """
    tables, _, _ = jpeg_parts(Image.new("RGB", (64, 64)))
    code = segment(0xC4, b"\x10\1" + bytes(15) + b"\xe0")
    blocks = -(-width // 8) * -(-height // 8)
    walk = segment(0xDA, b"\1\1\0\1\x3f\x10") + bytes(2 * -(-blocks // 16_384))
    return tables + frame_header(0xC2, width, height) + code + walk * scans + b"\xff\xd9"


def of_profiles() -> bytes:
    data = saved_as(Image.new("RGB", (64, 64)), "JPEG")
    parts = [segment(0xE2, b"ICC_PROFILE\0" + bytes([n, 255]) + bytes(65_000)) for n in range(256)]
    return data[:2] + b"".join(parts * 20) + data[2:]


def whose_exif_leads_back() -> bytes:
    exif = b"Exif\0\0II*\0\x08\0\0\0" + directory(
        [(0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0x0112, 4, 0x3FFFFFFF, 8)], 8
    )
    data = saved_as(Image.new("RGB", (64, 64)), "JPEG")
    return data[:2] + segment(0xE1, exif) + data[2:]


def of_far_pictures() -> bytes:
    """Several pictures in one, whose index leads beyond the end."""
    entry = struct.pack("<LLLHH", 0, 0xFFFFFFFF, 0xFFFFFFFF, 0, 0)
    index = directory([(0xB000, 7, 4, 0x30303130), (0xB001, 4, 1, 4000), (0xB002, 7, 64000, 50)])
    mpf = b"MPF\0II*\0\x08\0\0\0" + index + entry * 4000
    data = saved_as(Image.new("RGB", (64, 64)), "JPEG")
    return data[:2] + segment(0xE2, mpf[:65_000]) + data[2:]
