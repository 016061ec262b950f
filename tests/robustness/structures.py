"""Pictures whose structure is sound and whose contents are anything, for Hypothesis."""

from __future__ import annotations

import struct
import zlib

from hypothesis import strategies as st

from tests.robustness.parts import box, directory, png, png_header, segment

Bytes = st.SearchStrategy[bytes]

_BYTE = st.integers(0, 0xFF)
_SHORT = st.integers(0, 0xFFFF)
_LONG = st.integers(0, 0xFFFFFFFF)
_SIDE = st.integers(0, 64) | _SHORT | _LONG
_ANY = st.binary(max_size=64)
_PACKED = st.binary(max_size=4096).map(zlib.compress)


def _packed(form: str, *fields: st.SearchStrategy[int]) -> Bytes:
    return st.tuples(*fields).map(lambda values: struct.pack(form, *values))


_PNG_NAMES = b"PLTE tRNS iCCP gAMA cHRM sRGB iTXt zTXt tEXt eXIf acTL fcTL fdAT pHYs IDAT IEND"
_PNG_CHUNK = st.tuples(
    st.sampled_from(_PNG_NAMES.split()),
    _ANY | _PACKED | _PACKED.map(lambda data: b"a\0\0" + data) | _packed(">4I", *[_SIDE] * 4),
)
_PNG_HEADER = st.builds(
    png_header, st.integers(0, 64) | _LONG, st.integers(0, 64) | _LONG, st.integers(0, 7)
) | _packed(">2I5B", _SIDE, _SIDE, *[_BYTE] * 5).map(lambda data: (b"IHDR", data))
_PNG = st.builds(
    lambda header, before, data, after: png(header, *before, (b"IDAT", data), *after),
    _PNG_HEADER,
    st.lists(_PNG_CHUNK, max_size=4),
    _PACKED,
    st.lists(_PNG_CHUNK, max_size=4),
)

_FRAME = st.builds(
    lambda height, width, parts: struct.pack(">BHHB", 8, height, width, len(parts) // 3) + parts,
    _SHORT,
    _SHORT,
    st.sampled_from([b"\1\x11\0", b"\1\x22\0\2\x11\0\3\x11\0", b"\1\x11\0\2\x11\0\3\x11\0\4\x11\0"])
    | _ANY,
)
_EXIF = st.binary(max_size=200).map(lambda data: b"Exif\0\0II*\0\x08\0\0\0" + data)
_TABLE = st.just(b"\0" + b"\1" * 64) | st.just(b"\x10" + b"\0" * 11 + b"\x05" + bytes(5)) | _ANY
_SCAN = st.sampled_from([b"\1\1\0\0\x3f\0", b"\3\1\0\2\0\3\0\0\x3f\0"])
_JPEG_SEGMENT = st.builds(
    segment,
    st.sampled_from(b"\xc0\xc2\xc4\xdb\xda\xdd\xe0\xe1\xe2\xed\xee\xfe") | _BYTE,
    st.one_of(_FRAME, _TABLE, _EXIF, _ANY, _SCAN),
)
_JPEG = st.builds(
    lambda parts, data: b"\xff\xd8" + b"".join(parts) + data + b"\xff\xd9",
    st.lists(_JPEG_SEGMENT, max_size=12),
    _ANY,
)

_TAGS = [254, 256, 257, 258, 259, 262, 266, 270, 273, 274, 277, 278, 279, 282, 284, 296, 317, 320]
_TAGS += [322, 323, 324, 325, 330, 338, 339, 347, 530, 700, 34665, 34675, 37724]
_TIFF_ENTRY = st.tuples(
    st.sampled_from(_TAGS),
    st.integers(0, 18),
    st.integers(0, 4) | _LONG,
    st.integers(0, 64) | _LONG,
)
_TIFF_SOUND = st.builds(
    lambda width, height, compression, kind: [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, compression),
        (262, 3, 1, kind),
        (273, 4, 1, 8),
        (278, 4, 1, height),
        (279, 4, 1, 4000),
    ],
    _SIDE,
    _SIDE,
    st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 34712, 34925, 50000, 50001]),
    st.integers(0, 8),
)
_TIFF = st.builds(
    lambda entries, more, data, following: (
        b"II*\0"
        + struct.pack("<I", 8 + len(data))
        + data
        + directory(
            sorted({tag: (tag, *rest) for tag, *rest in entries + more}.values()), following
        )
    ),
    _TIFF_SOUND,
    st.lists(_TIFF_ENTRY, max_size=6),
    st.binary(max_size=4096),
    st.integers(0, 64) | _LONG,
)

_GIF_BLOCK = (
    st.builds(lambda kind, data: b"\x21" + bytes([kind, len(data)]) + data + b"\0", _BYTE, _ANY)
    | _packed("<B4HB", st.just(0x2C), _SHORT, _SHORT, _SHORT, _SHORT, _BYTE)
    | st.builds(lambda size, data: bytes([size, len(data)]) + data + b"\0", _BYTE, _ANY)
)
_GIF = st.builds(
    lambda head, blocks: b"GIF89a" + head + b"".join(blocks) + b";",
    _packed("<HHBBB", _SHORT, _SHORT, _BYTE, _BYTE, _BYTE),
    st.lists(_GIF_BLOCK, max_size=8),
)

_BMP = st.builds(
    lambda width, height, bits, how, offset, rest: (
        b"BM"
        + struct.pack("<IHHI", 0, 0, 0, offset)
        + struct.pack("<IiiHHI", 40, width, height, 1, bits, how)
        + rest
    ),
    st.integers(-64, 64) | st.integers(-(2**31), 2**31 - 1),
    st.integers(-64, 64) | st.integers(-(2**31), 2**31 - 1),
    st.sampled_from([0, 1, 2, 4, 8, 16, 24, 32, 64]),
    st.integers(0, 6) | _LONG,
    st.integers(0, 200) | _LONG,
    st.binary(max_size=4096),
)

_WEBP_CHUNK = st.builds(
    lambda name, data, size: (
        name
        + struct.pack("<I", len(data) if size is None else size)
        + data
        + b"\0" * (len(data) % 2)
    ),
    st.sampled_from([b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF"]),
    _ANY | _ANY.map(lambda data: b"\x2f" + data) | st.binary(min_size=10, max_size=10),
    st.none() | _LONG,
)
_WEBP = st.lists(_WEBP_CHUNK, max_size=6).map(
    lambda parts: b"RIFF" + struct.pack("<I", 4 + sum(map(len, parts))) + b"WEBP" + b"".join(parts)
)

_BOX_NAMES = b"meta hdlr pitm iloc iinf infe iprp ipco ipma ispe pixi irot imir clap colr hvcC av1C"
_BOX_NAMES += b" iref dimg auxl grid iden iovl idat mdat free moov trak"
_BOX = st.recursive(
    st.builds(box, st.sampled_from(_BOX_NAMES.split()), _ANY, _ANY),
    lambda inner: st.builds(
        box,
        st.sampled_from([b"meta", b"iprp", b"ipco", b"iinf", b"iref"]),
        st.just(bytes(4)) | _ANY,
        inner,
        inner,
    ),
    max_leaves=8,
)
_HEIF = st.builds(
    lambda brand, boxes: box(b"ftyp", brand, bytes(4), brand) + b"".join(boxes),
    st.sampled_from([b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"]),
    st.lists(_BOX, max_size=4),
)

#: A file of any of the formats.
PICTURES = _PNG | _JPEG | _TIFF | _GIF | _BMP | _WEBP | _HEIF
