"""PNGs that are made to harm whoever opens them; the other formats' are in bombs.py."""

from __future__ import annotations

import struct

from tests.robustness.parts import SMALL, png, png_header, zeros

_MUCH = 2_000_000_000


def claiming_65000() -> bytes:
    return png(png_header(65_000, 65_000), (b"IDAT", zeros(100_000_000)))


def large(side: int) -> bytes:
    return png(png_header(side, side, 6), (b"IDAT", zeros(side * (4 * side + 1))))


def of_long_rows(length: int, rows: int) -> bytes:
    return png(png_header(length, rows, 6), (b"IDAT", zeros(rows * (4 * length + 1))))


def palette() -> bytes:
    return png(
        png_header(13_000, 13_000, 3),
        (b"PLTE", bytes(6)),
        (b"tRNS", b"\0\x80"),
        (b"IDAT", zeros(13_000 * 13_001)),
    )


def compressed_profile() -> bytes:
    return png(SMALL[0], (b"iCCP", b"icc\0\0" + zeros(_MUCH)), SMALL[1])


def compressed_xmp() -> bytes:
    return png(
        SMALL[0],
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zeros(_MUCH)),
        (b"zTXt", b"Comment\0\0" + zeros(_MUCH)),
        SMALL[1],
    )


def of_many_texts() -> bytes:
    return png(SMALL[0], *[(b"zTXt", b"a\0\0" + zeros(1_000_000))] * 2000, SMALL[1])


def of_many_chunks() -> bytes:
    return png(SMALL[0], *[(b"abCd", b"")] * 300_000, SMALL[1])


def moving() -> bytes:
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
