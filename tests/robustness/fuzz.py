"""Damages real pictures in many ways and sees that each is answered, or refused in a sentence.

    python -m tests.robustness.fuzz --inputs 100000 --seed 1 --structures 10000

The same seed gives the same inputs. An input that leads to something new is damaged further. Then
it makes files of sound structure with anything in them (structures.py).
"""

from __future__ import annotations

import argparse
import io
import random
import re
import struct
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from PIL import Image, ImageCms

from florapp.core.drawing import draw
from tests.conftest import save_model
from tests.robustness.parts import HEIC, heic_grid
from tests.robustness.reader import DeathError, Reader
from tests.robustness.structures import PICTURES

#: Seconds that reading a small damaged picture may take.
_SLOW = 10.0
_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]
_MOST_KEPT = 200  # of each format
_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def seeds() -> dict[str, list[bytes]]:
    """Real encodings of a drawn flower, by format, in all the ways that we can write."""
    rose = Image.fromarray(draw("rose", 48, 40))
    clear = rose.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(rose.size))
    grey16 = Image.frombytes("I;16", (16, 16), bytes(range(256)) * 2)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "A rose"
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    told: dict[str, Any] = {"exif": exif, "icc_profile": lab}
    moving: dict[str, Any] = {"save_all": True, "append_images": [rose.rotate(90), clear]}
    ways: dict[str, list[tuple[Image.Image, dict[str, Any]]]] = {
        "JPEG": [
            (rose, told | {"comment": b"A rose"}),
            (rose, {"progressive": True, "xmp": b"<x:xmpmeta/>"}),
            (rose.convert("CMYK"), {"subsampling": 0, "restart_marker_rows": 1}),
            (rose.convert("L"), {"optimize": True}),
        ],
        "MPO": [(rose, {"save_all": True, "append_images": [rose]})],
        "PNG": [
            (rose, told),
            (clear, {"optimize": True}),
            (rose.quantize(16), {"transparency": 3}),
            (rose.convert("1"), {}),
            (grey16, {}),
            (rose, moving),
        ],
        "GIF": [(rose, {"transparency": 0}), (rose, {"comment": b"A rose"}), (rose, moving)],
        "WEBP": [(rose, told), (clear, {"lossless": True}), (clear, {}), (rose, moving)],
        "AVIF": [(rose, told), (clear, {"subsampling": "4:4:4"}), (rose, moving)],
        "TIFF": [
            (rose, told),
            *((rose, {"compression": f"tiff_{kind}"}) for kind in ("lzw", "adobe_deflate", "jpeg")),
            (rose.convert("1"), {"compression": "group4"}),
            (rose.convert("F"), {}),
            (rose.convert("LAB"), {"compression": "packbits"}),
            (grey16, {}),
            (rose, {"save_all": True, "append_images": [rose]}),
        ],
        "BMP": [(rose, {}), (rose.quantize(16), {}), (clear, {}), (rose.convert("1"), {})],
        "DIB": [(rose, {})],
    }
    found = {kind: [_saved(image, kind, how) for image, how in all_] for kind, all_ in ways.items()}
    found["HEIC"] = [file.read_bytes() for file in sorted(HEIC.parent.glob("*.heic"))]
    found["HEIC"].append(heic_grid(2, 3))
    return found


def _saved(image: Image.Image, kind: str, how: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **how)
    return stream.getvalue()


def damaged(content: bytes, other: bytes, dice: random.Random) -> bytes:
    """Damage ``content`` in one to six places, sometimes with parts of ``other``."""
    data = bytearray(content)
    for _ in range(dice.choice((1, 1, 1, 1, 2, 3, 6))):
        if not data:
            break
        place = dice.randrange(min(len(data), dice.choice((64, 256, len(data)))))
        length = dice.choice((1, 2, 4, 16, 64, 1000))
        match dice.randrange(8):
            case 0:
                data[place] ^= 1 << dice.randrange(8)
            case 1:
                data[place] = dice.randrange(256)
            case 2:
                size, end = dice.choice("BHI"), dice.choice("<>")
                number = dice.choice(_NUMBERS) & ((1 << 8 * struct.calcsize(size)) - 1)
                written = struct.pack(end + size, number)
                data[place : place + len(written)] = written
            case 3:
                del data[place : place + length]
            case 4:
                data[place:place] = data[place : place + length] * dice.choice((1, 2, 50))
            case 5:
                data[place:place] = dice.randbytes(length)
            case 6:
                start = dice.randrange(len(other))
                data[place : place + length] = other[start : start + length]
            case 7:
                del data[len(data) - dice.randrange(len(data)) :]
    return _checksums(data) if data.startswith(b"\x89PNG") and dice.random() < 0.8 else bytes(data)


def _checksums(data: bytearray) -> bytes:
    """Make a PNG's checksums right: else nothing behind them is ever reached."""
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 8 + length
        if end + 4 > len(data):
            break
        data[end : end + 4] = struct.pack(">I", zlib.crc32(data[at + 4 : end]))
        at = end + 4
    return bytes(data)


@dataclass
class Report:
    """What a run found."""

    answered: Counter[str] = field(default_factory=Counter)  # by format
    refused: Counter[str] = field(default_factory=Counter)
    sentences: set[str] = field(default_factory=set)
    failures: list[tuple[bytes, str]] = field(default_factory=list)
    megabytes: float = 0.0
    seconds: float = 0.0  # the longest


def fuzz(inputs: int, seed: int, model: Path) -> Report:
    """Damage so many pictures."""
    report, reader = Report(), Reader(model)
    try:
        for kind, content in _inputs(inputs, seed, report):
            try:
                reading = reader.read(content)
            except DeathError as death:
                report.failures.append((content, f"{kind}: {death}"))
                reader = Reader(model)
                continue
            report.megabytes = max(report.megabytes, reading.megabytes)
            report.seconds = max(report.seconds, reading.seconds)
            report.sentences.add(_gist(kind, reading.sentence))
            (report.refused if reading.sentence else report.answered)[kind] += 1
            if not reading.sound or reading.seconds > _SLOW:
                report.failures.append((content, f"{kind}: {reading}"))
    finally:
        reader.__exit__()
    return report


def _inputs(count: int, seed: int, report: Report) -> Iterator[tuple[str, bytes]]:
    """Yield damaged pictures; those that have led to a sentence of a new kind are kept."""
    dice, real = random.Random(seed), seeds()
    everything = [content for contents in real.values() for content in contents]
    kinds, kept = sorted(real), {kind: list[bytes]() for kind in real}
    for number in range(count):
        kind = kinds[number % len(kinds)]
        begun = kept[kind] if kept[kind] and dice.random() < 0.3 else real[kind]
        others = real[kind] if dice.random() < 0.7 else everything
        content = damaged(dice.choice(begun), dice.choice(others), dice)
        known = len(report.sentences)
        yield kind, content
        if content and len(report.sentences) > known and len(kept[kind]) < _MOST_KEPT:
            kept[kind].append(content)


def _gist(kind: str, sentence: str) -> str:
    """What a sentence says but for its numbers and quotations."""
    return kind + re.sub(r"""\d+|0x\w+|b?'.*?'|b?".*?\"""", "#", sentence)


def search_structures(count: int, model: Path) -> None:
    """Open so many files of sound structure; Hypothesis tells of the smallest that fails."""
    with Reader(model) as reader:

        @settings(
            max_examples=count, deadline=None, database=None, suppress_health_check=_SLOW_IS_FINE
        )
        @given(content=PICTURES)
        def search(content: bytes) -> None:
            reading = reader.read(content)
            assert reading.sound and reading.seconds < _SLOW, reading

        search()


def main() -> int:
    parser = argparse.ArgumentParser(description="Damage pictures, and see what comes of it.")
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--structures", type=int, default=10_000)
    arguments = parser.parse_args()
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="florapp-fuzz-"))
    model = save_model(folder / "tiny.onnx")
    report = fuzz(arguments.inputs, arguments.seed, model)
    for kind in sorted(report.answered | report.refused):
        print(f"{kind:5} {report.answered[kind]:7} answered {report.refused[kind]:7} refused")
    print(
        f"{arguments.inputs} inputs in {time.monotonic() - began:.0f} s, "
        f"{len(report.sentences)} kinds of outcome; at most {report.megabytes:.0f} MB "
        f"and {report.seconds:.1f} s for one; {len(report.failures)} failures"
    )
    for number, (content, what) in enumerate(report.failures):
        (folder / str(number)).write_bytes(content)
        print(f"{folder / str(number)}: {what}")
    search_structures(arguments.structures, model)
    print(f"{arguments.structures} structures, no failure")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
