"""Room for pictures while they are decoded: together they take no more than so much memory.

What each format takes was measured with pictures made to be costly (tests/robustness/bombs.py).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from florapp.core.errors import QT_TRANSLATE_NOOP, PictureError

if TYPE_CHECKING:  # the window is painted before Pillow is there
    from PIL import Image

#: Bytes for all pictures that are being decoded: a gigabyte, less the program and its model.
ROOM = 700_000_000
#: For each pixel, by format, what a decoder and Pillow hold of a picture; 4 in the others.
BYTES = {"WEBP": 16, "AVIF": 12, "HEIF": 14}

_ROWS_TAG, _TILE_ROWS_TAG, _ORIENTATION_TAG = 278, 323, 274
_TURN = 20.0  # seconds; a reader is given up after 30

_taken = 0
_waiting: set[int] = set()  # threads, by their ids
_changed = threading.Condition()


def needed(image: Image.Image, width: int, height: int) -> int:
    """Estimate the bytes that loading ``image`` takes.

    A JPEG has been told at which scale; ``width`` and ``height`` are those of the whole picture.
    """
    pixels = image.width * image.height
    if image.mode in ("I", "F"):  # made into 8 bits by way of float64
        return 28 * pixels
    if image.format == "TIFF":
        return pixels * _tiff(image)
    if "progressive" in image.info:  # all of it is held until its last scan has come
        return 4 * pixels + 2 * len(image.getbands()) * width * height
    return BYTES.get(image.format or "", 4) * pixels


def _tiff(image: Image.Image) -> int:
    """Bytes for each pixel: more where one strip or tile holds much of the picture."""
    tags: dict[int, Any] = getattr(image, "tag_v2", {})
    rows: float = tags.get(_TILE_ROWS_TAG, tags.get(_ROWS_TAG, image.height))
    turned = tags.get(_ORIENTATION_TAG, 1) != 1
    return (8 if turned else 4) + round(8 * min(1.0, rows / image.height))


@contextmanager
def room(amount: int) -> Iterator[None]:
    """Hold ``amount`` bytes of the room, once they are free.

    When nobody gives back any for long, one of them hangs, on a disk say: then it is not waited.
    Raises PictureError where there is never so much.
    """
    global _taken  # noqa: PLW0603 - there is one memory
    if amount > ROOM:
        raise PictureError(
            QT_TRANSLATE_NOOP(
                "core",
                "Opening the picture would take {0} MB of memory, and FlorApp's limit is {1}. "
                "Save a smaller copy, or a JPEG, and open that.",
            ),
            amount // 1_000_000,
            ROOM // 1_000_000,
        )
    with _changed:
        _waiting.add(threading.get_ident())
        while _taken and _taken + amount > ROOM and _changed.wait(_TURN):
            pass
        _waiting.remove(threading.get_ident())
        _taken += amount
    try:
        yield
    finally:
        with _changed:
            _taken -= amount
            _changed.notify_all()


def waits(thread: int) -> bool:
    """Say whether the thread of that id waits for room: it is not slow, others are before it."""
    return thread in _waiting
