"""What is known of a photograph from looking at it alone."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cache, partial
from typing import BinaryIO

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from florapp.core.errors import PictureError
from florapp.core.folders import PICTURE_SUFFIXES
from florapp.core.geometry import Geometry
from florapp.core.heif import is_heif
from florapp.core.images import decode
from florapp.core.quality import Flaw, flaw
from florapp.core.sharpness import sharpness
from florapp.core.source import Source
from florapp.core.square import to_input
from training.dataset import Dataset, Photo, name_of
from training.threads import each

#: The square that is looked at: that of the program, for which flaws are defined.
SQUARE = Geometry(224, "stretch")
#: Side in pixels of the grey thumbnail that twins are compared by.
THUMB = 16
_SAME = {"MPO": "JPEG", "DIB": "BMP"}  # Pillow's names for variants of a format


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a photograph looks like.

    ``size`` is its (width, height), upright. The rest is of :data:`SQUARE`: what is wrong with it,
    how sharp it is, its pHash and dHash of 64 bits each (imagehash), and a grey uint8
    ``[THUMB, THUMB]``.
    """

    size: tuple[int, int]
    flaw: Flaw | None
    sharpness: float
    hashes: tuple[int, int]
    thumb: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """A photograph examined.

    ``name`` is its path below the data. ``sha256`` (hex), ``bytes`` and ``format`` (Pillow's name,
    "" if it is none) are of the file's content. ``look`` is None where the picture cannot be read,
    and ``problem`` then says why.
    """

    photo: Photo
    name: str
    split: str
    sha256: str
    bytes: int
    format: str
    problem: str
    look: Look | None


def examine(dataset: Dataset) -> list[Facts]:
    """Read every photograph, those to train on first."""
    parts = {"train": dataset.train, "valid": dataset.valid, "test": dataset.test}
    named = [
        (photo, name_of(photo.path, dataset.root), split)
        for split, photos in parts.items()
        for photo in photos
    ]
    return each(_facts, named, "examining the photographs")


def format_of(file: BinaryIO) -> str:
    """Say by its content what format a picture file is of: Pillow's name, "" if of none."""
    try:
        with Image.open(file, formats=_formats()) as image:
            found = image.format or ""
    except Exception:  # decoders raise whatever they like on damaged files
        file.seek(0)
        return "HEIF" if is_heif(file.read(12)) else ""
    return _SAME.get(found, found)


def format_named(suffix: str) -> str:
    """Say what format an ending such as ".jpg" promises: Pillow's name, "" if no picture's."""
    if suffix.lower() not in PICTURE_SUFFIXES:
        return ""
    found = Image.registered_extensions().get(suffix.lower(), "HEIF")
    return _SAME.get(found, found)


@cache
def _formats() -> tuple[str, ...]:
    known = Image.registered_extensions()
    return tuple(sorted({known[suffix] for suffix in PICTURE_SUFFIXES if suffix in known}))


def _facts(named: tuple[Photo, str, str]) -> Facts:
    photo, name, split = named
    try:  # once from the disk; a device is left to `decode`, which does not wait for it
        content = photo.path.read_bytes() if photo.path.is_file() else b""
    except OSError:
        content = b""
    made = partial(
        Facts,
        photo,
        name,
        split,
        hashlib.sha256(content).hexdigest(),
        len(content),
        format_of(io.BytesIO(content)),
    )
    try:
        picture = decode(Source(name, content or photo.path), SQUARE.at_least)
    except PictureError as error:
        return made(str(error), None)
    return made("", _look(to_input(picture.image, SQUARE)[0], picture.size))


def _look(square: NDArray[np.uint8], size: tuple[int, int]) -> Look:
    image = Image.fromarray(square)
    thumb = image.convert("L").resize((THUMB, THUMB), Image.Resampling.BOX)
    return Look(
        size,
        flaw(square),
        sharpness(square),
        (_number(imagehash.phash(image)), _number(imagehash.dhash(image))),
        np.asarray(thumb),
    )


def _number(found: imagehash.ImageHash) -> int:
    return int.from_bytes(np.packbits(found.hash).tobytes(), "big")
