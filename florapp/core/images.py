"""From a source to upright sRGB pixels, the same for the terminal, the window and the workshop."""

from __future__ import annotations

import errno
import io
import os
import stat
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError, _imaging
from PIL.JpegImagePlugin import JpegImageFile

from florapp.core.errors import QT_TRANSLATE_NOOP, PictureError
from florapp.core.heif import is_heif, read_heif
from florapp.core.memory import DECODING, FILES, needed
from florapp.core.refusals import PIXEL_LIMIT, refusal, too_many_pixels
from florapp.core.shrinking import shrunk
from florapp.core.source import Source, Stamp, stamp

# Pillow warns from MAX_IMAGE_PIXELS on and refuses from twice that; the refusal is enough.
# Behind the filters that are there: whose process it is may want to hear of it.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning, append=True)
# Its formats are imported now, not with the first picture, when the machine has enough to do.
Image.preinit()
# What it finds odd in a file and reads all the same is nothing the user could act on.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.", append=True)

# glibc keeps what was freed for the thread that had it, but not in pieces above 32 MB.
_imaging.set_block_size(64 * 1024 * 1024)

#: A JPEG that is decoded at a reduced scale may have so many, as telephones take them with 200
#: million. A progressive one may not: all of it has to be in memory at once.
REDUCED_LIMIT = 3 * PIXEL_LIMIT
#: Larger files are refused where decoders would keep all of one in memory.
FILE_LIMIT = FILES.size

# libjpeg looks here how much it may take: a JPEG need not say that it has to be held as a whole.
os.environ.setdefault("JPEGMEM", f"{DECODING.size // 1_000_000}M")

# Only what PICTURE_SUFFIXES promises: Pillow hands an EPS file to Ghostscript, whatever its name.
_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "DIB", "GIF")
_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TURNED = 5  # from here on the orientations exchange width and height
_IN_PARTS = (b"\x89PNG", b"II", b"MM", b"BM")  # how files start that are read part by part
_START = 4  # bytes that tell it
_SCANS = 100  # of a JPEG; ten are usual, and each is one more walk through the whole picture
_WALKED = 3_000_000_000  # pixels, over all its scans: some two seconds, or ten on a slow machine


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An upright picture.

    ``image`` is in sRGB, mode RGB, perhaps at a reduced scale; ``size`` is the (width, height) of
    the whole picture, upright. ``written`` is its file's stamp before it was read (source.py).
    """

    source: Source
    image: Image.Image
    size: tuple[int, int]
    written: Stamp = ()

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The image copied to an array, uint8 ``[height, width, 3]``."""
        return np.asarray(self.image)


def decode(source: Source, at_least: int | None = None) -> Picture:
    """Read ``source`` as an upright sRGB picture.

    A large JPEG is decoded at the smallest of its scales (1, 1/2, 1/4, 1/8) whose both sides have
    ``at_least`` pixels, and what is large then is shrunk (shrinking.py); without ``at_least`` it
    has its full size.
    Raises PictureError with a sentence for the user, whatever is wrong with the picture.
    """
    content = source.content
    if isinstance(content, np.ndarray):
        height, width = content.shape[:2]
        return Picture(source, _from_array(content), (width, height))
    try:
        if isinstance(content, Path):
            return _from_file(source, content, at_least)
        if isinstance(content, Image.Image):
            return _upright(source, content.copy(), at_least)
        _look_at(content, len(content))
        with _open(io.BytesIO(content)) as image:
            return _upright(source, image, at_least)
    except PictureError:
        raise
    except Exception as error:  # decoders raise whatever they like on damaged files
        raise refusal(error) from error


def _from_file(source: Source, path: Path, at_least: int | None) -> Picture:
    written, size = stamp(path), _size(path)
    held = size if size <= FILE_LIMIT else 0
    with FILES.hold(held), _read(path, size) as file, _open(file) as image:
        return replace(_upright(source, image, at_least), written=written)


def _size(path: Path) -> int:
    found = path.stat()  # asked once: the file may vanish at any moment
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise PictureError(
            QT_TRANSLATE_NOOP("core", "This is not a file but a device or a pipe; it is not read.")
        )
    return found.st_size


class _Unmapped(io.FileIO):
    """A file that decoders cannot map into memory: cut short then, it would end the process."""

    def fileno(self) -> int:
        raise io.UnsupportedOperation


def _read(path: Path, size: int) -> io.BytesIO | io.BufferedReader:
    """Return all of a file, or what is read part by part where that would be too much."""
    at_once = size <= FILE_LIMIT
    with path.open("rb") as raw:
        data = raw.read(FILE_LIMIT if at_once else _START)
    _look_at(data, size)
    return io.BytesIO(data) if at_once else io.BufferedReader(_Unmapped(path))


def _look_at(start: bytes, size: int) -> None:
    if not start:
        raise PictureError(
            QT_TRANSLATE_NOOP(
                "core", "The file is empty (zero bytes). Copy it again from where it came from."
            )
        )
    if size > FILE_LIMIT and not start.startswith(_IN_PARTS):
        raise PictureError(
            QT_TRANSLATE_NOOP(
                "core",
                "The file is larger than {0} MB, the most that FlorApp reads of this kind. "
                "Save a smaller copy and open that.",
            ),
            FILE_LIMIT // 1_000_000,
        )


def _open(file: io.BytesIO | io.BufferedReader) -> Image.Image:
    try:
        image = Image.open(file, formats=_FORMATS)
        if image.format != "MPO":
            return image
        file.seek(0)  # the first of several pictures, all of whose scans would be counted as its
        return JpegImageFile(file)
    except Image.DecompressionBombError:  # before Pillow knows at which scale it is to be decoded
        file.seek(0)
        try:
            return JpegImageFile(file)
        except SyntaxError:
            raise too_many_pixels() from None
    except UnidentifiedImageError:
        if not isinstance(file, io.BytesIO) or not is_heif(file.getvalue()[:12]):
            raise
        return read_heif(file.getvalue(), PIXEL_LIMIT)


def _upright(source: Source, image: Image.Image, at_least: int | None) -> Picture:
    width, height = image.size
    if not width or not height:
        raise PictureError(QT_TRANSLATE_NOOP("core", "The picture has no pixels."))
    reduced = at_least is not None and image.draft("RGB", (at_least, at_least)) is not None
    most = PIXEL_LIMIT if "progressive" in image.info or not reduced else REDUCED_LIMIT
    if width * height > most:
        raise too_many_pixels(most)
    if image.width * image.height > PIXEL_LIMIT:  # as it will be decoded
        raise too_many_pixels()
    scans = _scans(image) if isinstance(image, JpegImageFile) else 1
    most_scans = min(_SCANS, _WALKED // (width * height))
    if scans > most_scans:
        raise PictureError(
            QT_TRANSLATE_NOOP(
                "core",
                "The picture consists of more than {0} layers, which would take too long to read. "
                "Save it again as an ordinary JPEG.",
            ),
            most_scans,
        )
    with DECODING.hold(needed(image, width, height, scans)):
        image.load()
        # Read after load(): decoders that turn the picture themselves (TIFF) remove the tag.
        orientation = _orientation(image)
        size = (width, height) if reduced else image.size
        rgb = shrunk(image, at_least)
        if rgb is not image:
            image.close()  # gives back what it holds
    if orientation != 1:
        rgb = rgb.transpose(_UPRIGHT[orientation])
    return Picture(source, rgb, size[::-1] if orientation >= _TURNED else size)


def _scans(image: JpegImageFile) -> int:
    """Count the beginnings of scans, which do not occur in the data of one.

    Most JPEGs have a single one, with all their colours in it, and are not searched: while bytes
    are counted no other thread does anything.
    """
    assert image.fp is not None  # it is not loaded yet
    place, colours = image.fp.tell(), image.layers  # it stands behind the header of the first scan
    header = b"\xff\xda" + (2 * colours + 6).to_bytes(2) + bytes([colours])
    image.fp.seek(max(0, place - 2 * colours - 8))
    count = 1
    if "progressive" in image.info or image.fp.read(len(header)) != header:
        image.fp.seek(0)
        count = image.fp.read().count(b"\xff\xda\0")
    image.fp.seek(place)
    return count


def _orientation(image: Image.Image) -> int:
    try:
        orientation = int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # malformed EXIF raises many kinds; the pixels are still good
        return 1
    return orientation if orientation in _UPRIGHT else 1


def _from_array(pixels: NDArray[np.uint8]) -> Image.Image:
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., np.newaxis], 3, axis=2)
    return Image.fromarray(np.ascontiguousarray(pixels))
