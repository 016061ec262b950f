"""The parts that picture files are made of, to put them together wrongly."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

HEIC = Path(__file__).parents[1] / "data/heic/orientation-1.heic"

_PNG = b"\x89PNG\r\n\x1a\n"


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file of these chunks, their checksums right."""
    return _PNG + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def png_header(width: int, height: int, colours: int = 2) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">2I5B", width, height, 8, colours, 0, 0, 0)


def zeros(count: int) -> bytes:
    """So many zeros, compressed. Every megabyte is the same few bytes, and so quickly made."""
    packer = zlib.compressobj(wbits=-15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(count % (1 << 20))) + packer.flush()
    checksum = struct.pack(">I", (count % 65_521) << 16 | 1)
    return b"\x78\x9c" + block * (count >> 20) + rest + checksum


def segment(marker: int, data: bytes) -> bytes:
    """A segment of a JPEG file."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def box(name: bytes, *parts: bytes) -> bytes:
    """A box of a HEIF or AVIF file."""
    data = b"".join(parts)
    return struct.pack(">I4s", len(data) + 8, name) + data


def directory(entries: Iterable[tuple[int, int, int, int]], following: int = 0) -> bytes:
    """A directory of a TIFF file: its entries are tag, type, count, value."""
    packed = [struct.pack("<HHII", *entry) for entry in entries]
    return struct.pack("<H", len(packed)) + b"".join(packed) + struct.pack("<I", following)


def saved_as(image: Image.Image, file_format: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


SMALL = png_header(8, 8), (b"IDAT", zlib.compress(bytes(8 * 25)))


def frame_header(kind: int, width: int, height: int) -> bytes:
    """A JPEG's frame header: three colours at full resolution."""
    return segment(kind, struct.pack(">BHHB", 8, height, width, 3) + b"\1\x11\0\2\x11\0\3\x11\0")


def jpeg_parts(image: Image.Image, **options: object) -> tuple[bytes, bytes, bytes]:
    """A JPEG file in three: tables, frame header, and the rest from the first scan on."""
    data = saved_as(image, "JPEG", subsampling=0, **options)
    frame = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    scan = frame + 2 + int.from_bytes(data[frame + 2 : frame + 4])
    return data[:frame], data[frame:scan], data[scan:]


def heic_grid(rows: int, columns: int, claimed: tuple[int, int] | None = None) -> bytes:
    """A HEIC of one tile, 64 x 64 pixels, laid out so many times; ``claimed`` is what it says."""
    tile = HEIC.read_bytes()
    config = tile[211:329]
    data = tile[474 + 8 :][:0xC4]
    width, height = claimed or (columns * 64, rows * 64)
    grid = struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, width, height)
    tiles = range(2, 2 + rows * columns)  # libheif wants each to be used once
    entries = [(1, b"grid"), *((number, b"hvc1") for number in tiles)]
    infos = [
        box(b"infe", struct.pack(">IHH4sB", 2 << 24, number, 0, kind, 0))
        for number, kind in entries
    ]
    properties = box(
        b"ipco",
        config,
        box(b"ispe", struct.pack(">3I", 0, 64, 64)),
        box(b"ispe", struct.pack(">3I", 0, width, height)),
    )
    uses = struct.pack(">HBB", 1, 1, 3)
    uses += b"".join(struct.pack(">HBBB", number, 2, 0x81, 2) for number in tiles)
    ipma = box(b"ipma", struct.pack(">II", 0, len(entries)), uses)
    refs = struct.pack(f">HH{len(tiles)}H", 1, len(tiles), *tiles)
    iref = box(b"iref", struct.pack(">I", 0), box(b"dimg", refs))
    hdlr = box(b"hdlr", struct.pack(">II4s12xB", 0, 0, b"pict", 0))
    pitm = box(b"pitm", struct.pack(">IH", 0, 1))
    iinf = box(b"iinf", struct.pack(">IH", 0, len(entries)), *infos)
    ftyp = box(b"ftyp", b"heic\0\0\0\0heicmif1")

    def meta(start: int) -> bytes:
        places = [(1, start, len(grid)), *((n, start + len(grid), len(data)) for n in tiles)]
        iloc = struct.pack(">IBBH", 0, 0x44, 0, len(places)) + b"".join(
            struct.pack(">HHHII", number, 0, 1, offset, length) for number, offset, length in places
        )
        parts = hdlr, box(b"iloc", iloc), iinf, pitm, box(b"iprp", properties, ipma), iref
        return box(b"meta", struct.pack(">I", 0), *parts)

    start = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(start) + box(b"mdat", grid, data)
