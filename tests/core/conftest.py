"""A picture with four colours in every format and orientation, and sources for the tiny model."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from florapp.core.network import Network
from florapp.core.source import Source

HEIC = Path(__file__).parents[1] / "data/heic"  # the same picture, encoded by libheif and x265

#: Formats that say in which orientation they are stored, with how to write them.
TURNABLE: dict[str, tuple[str, dict[str, Any]]] = {
    "jpeg": ("JPEG", {"quality": 95, "subsampling": 0}),
    "png": ("PNG", {}),
    "webp": ("WEBP", {"quality": 95}),
    "webp-lossless": ("WEBP", {"lossless": True}),
    "avif": ("AVIF", {"quality": 95, "subsampling": "4:4:4"}),
    "tiff": ("TIFF", {}),
    "tiff-lzw": ("TIFF", {"compression": "tiff_lzw"}),
    "heic": ("HEIF", {}),
}
FIXED: dict[str, tuple[str, dict[str, Any]]] = {"bmp": ("BMP", {}), "gif": ("GIF", {})}


def turned(upright: np.ndarray, orientation: int) -> np.ndarray:
    """Store a picture as EXIF orientation 1 to 8 says: where its row 0 and column 0 lie."""
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.swapaxes(0, 1),
        6: upright[:, ::-1].swapaxes(0, 1),
        7: upright[::-1, ::-1].swapaxes(0, 1),
        8: upright[::-1].swapaxes(0, 1),
    }
    return np.ascontiguousarray(stored[orientation])


def encoded(pixels: np.ndarray, kind: str, orientation: int = 1) -> bytes:
    if kind == "heic":
        return (HEIC / f"orientation-{orientation}.heic").read_bytes()
    file_format, options = (TURNABLE | FIXED)[kind]
    if kind in TURNABLE:
        exif = Image.Exif()
        exif[0x0112] = orientation
        options = options | {"exif": exif}
    return written(Image.fromarray(turned(pixels, orientation)), file_format, **options)


def written(image: Image.Image, file_format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


@pytest.fixture(scope="session")
def quadrants() -> np.ndarray:
    """Red, green, blue and yellow corners, 64 x 48 pixels."""
    pixels = np.empty((48, 64, 3), np.uint8)
    pixels[:24, :32], pixels[:24, 32:] = (200, 30, 30), (30, 160, 60)
    pixels[24:, :32], pixels[24:, 32:] = (40, 60, 200), (240, 210, 80)
    return pixels


@pytest.fixture(scope="session")
def encode(quadrants: np.ndarray) -> Callable[..., bytes]:
    """Return a function that gives the quadrants as a file of a kind, stored in an orientation."""
    return lambda kind, orientation=1: encoded(quadrants, kind, orientation)


@pytest.fixture(params=[*TURNABLE, *FIXED])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of picture file in turn."""
    return str(request.param)


@pytest.fixture(params=TURNABLE)
def turnable(request: pytest.FixtureRequest) -> str:
    """Each kind of picture file that carries an orientation."""
    return str(request.param)


@pytest.fixture(
    params=[*itertools.product(TURNABLE, range(1, 9)), *((kind, 1) for kind in FIXED)],
    ids=lambda stored: "{}-{}".format(*stored),
)
def stored(request: pytest.FixtureRequest) -> tuple[str, int]:
    """Each kind of picture file in each orientation that it can be stored in."""
    kind, orientation = request.param
    return kind, orientation


@pytest.fixture(scope="session")
def files(encode: Callable[..., bytes]) -> dict[str, bytes]:
    """A valid file of each kind."""
    return {kind: encode(kind, 6 if kind in TURNABLE else 1) for kind in [*TURNABLE, *FIXED]}


@pytest.fixture(scope="session")
def saved() -> Callable[..., bytes]:
    """Return a function that gives the bytes of a file that Pillow writes of an image."""
    return written


@pytest.fixture(scope="session")
def assert_alike() -> Callable[..., None]:
    """Return a function that compares pictures away from the edges, where lossy formats ring."""

    def compare(pixels: np.ndarray, wanted: np.ndarray, tolerance: int = 6) -> None:
        assert pixels.shape == wanted.shape
        assert pixels.dtype == np.uint8
        assert np.abs(pixels.astype(int) - wanted)[4:-4:8, 4:-4:8].max() <= tolerance

    return compare


@pytest.fixture(scope="session")
def network(tiny_model: Path) -> Network:
    """The tiny model, opened."""
    return Network(tiny_model)


@pytest.fixture
def coloured(plain: Callable[..., np.ndarray]) -> Callable[[int], Source]:
    """Return a function that gives the source at a position: red, green, blue, red and so on."""
    return lambda number: Source.of(plain(("red", "green", "blue")[number % 3]), name=str(number))
