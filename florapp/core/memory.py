"""Room for pictures while they are read: together they take no more than so much memory.

What each format takes was measured with pictures made to be costly (tests/robustness/bombs.py).
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from florapp.core.errors import QT_TRANSLATE_NOOP, PictureError
from florapp.core.shrinking import at_once

if TYPE_CHECKING:  # the window is painted before Pillow is there
    from PIL import Image

#: For each pixel, by format, what a decoder and Pillow hold of a picture; 4 in the others.
BYTES = {"WEBP": 16, "AVIF": 12, "HEIF": 14}

_ROWS_TAG, _TILE_ROWS_TAG, _ORIENTATION_TAG = 278, 323, 274
_TURN = 20.0  # seconds; a reader is given up after 30

_waiting: set[int] = set()  # threads, by their ids


def needed(image: Image.Image, width: int, height: int, scans: int = 1) -> int:
    """Estimate the bytes that loading ``image``, and making it small and sRGB, takes.

    A JPEG, of so many ``scans``, has been told at which scale; ``width`` and ``height`` are those
    of the whole picture.
    """
    return (
        _decoded(image, width, height, scans)
        + (4 if image.mode == "RGB" else 16) * at_once(image.width * image.height)
        + _rows(image)
    )


def _decoded(image: Image.Image, width: int, height: int, scans: int) -> int:
    pixels = image.width * image.height
    if image.mode in ("I", "F"):  # made into 8 bits by way of float64
        return 28 * pixels
    if image.format == "TIFF":
        return pixels * _tiff(image) + _read_at_once(image)
    if scans > 1 or "progressive" in image.info:  # all of it is held until its last scan has come
        return 4 * pixels + 2 * len(image.getbands()) * width * height
    return BYTES.get(image.format or "", 4) * pixels


def _rows(image: Any) -> int:
    """Bytes of the two rows that a PNG's decoder holds beside the picture."""
    if image.format != "PNG":
        return 0
    return (16 if "16" in str(image.tile[0].args) else 8) * int(image.width)


def _tiff(image: Image.Image) -> int:
    """Bytes for each pixel: more where one strip or tile holds much of the picture."""
    tags: dict[int, Any] = getattr(image, "tag_v2", {})
    rows: float = tags.get(_TILE_ROWS_TAG, tags.get(_ROWS_TAG, image.height))
    turned = tags.get(_ORIENTATION_TAG, 1) != 1
    return (8 if turned else 4) + round(8 * min(1.0, rows / image.height))


def _read_at_once(image: Any) -> int:
    """Bytes of a large file where libtiff unpacks it, which is given all of it at once."""
    if image.tile[0].codec_name != "libtiff" or isinstance(image.fp, io.BytesIO):
        return 0
    return int(image.fp.seek(0, io.SEEK_END))


class Room:
    """Bytes that all threads share. Who needs more than are free waits until others give back."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._held: dict[object, int] = {}  # the earliest first
        self._changed = threading.Condition()
        self._moved = time.monotonic()  # when somebody came or went last

    @contextmanager
    def hold(self, amount: int) -> Iterator[None]:
        """Hold ``amount`` bytes, once they are free.

        When nobody comes or goes for long, the earliest hangs, on a disk say: it is forgotten.
        Raises PictureError where there is never so much.
        """
        if amount > self.size:
            raise PictureError(
                QT_TRANSLATE_NOOP(
                    "core",
                    "Opening the picture would take {0} MB of memory, and FlorApp's limit is {1}. "
                    "Save a smaller copy, or a JPEG, and open that.",
                ),
                amount // 1_000_000,
                self.size // 1_000_000,
            )
        one = object()
        with self._changed:
            _waiting.add(threading.get_ident())
            try:
                self._wait(amount)
            finally:
                _waiting.remove(threading.get_ident())
            self._held[one] = amount
            self._moved = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                self._let_go(one)

    def _wait(self, amount: int) -> None:
        while sum(self._held.values()) + amount > self.size:
            left = self._moved + _TURN - time.monotonic()
            if left > 0:
                self._changed.wait(left)
            else:
                self._let_go(next(iter(self._held)))

    def _let_go(self, one: object) -> None:
        self._held.pop(one, None)
        self._moved = time.monotonic()
        self._changed.notify_all()


#: For the files of pictures, until they are decoded: as much as the largest has.
FILES = Room(100_000_000)
#: For pictures that are being decoded: a gigabyte, less those, the program and its model.
DECODING = Room(750_000_000)


def waits(thread: int) -> bool:
    """Say whether the thread of that id waits for room: it is not slow, others are before it."""
    return thread in _waiting
