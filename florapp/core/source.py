"""Where a picture comes from: a path, bytes, a file object, a Pillow image or an array."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, cast

from florapp.core.errors import QT_TRANSLATE_NOOP, PictureError

if TYPE_CHECKING:  # the window is painted before numpy and Pillow are there
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

#: What tells one content of a file from the next.
Stamp = tuple[int, ...]

#: Everything :meth:`Source.of` takes.
PictureLike: TypeAlias = (
    "str | os.PathLike[str] | bytes | bytearray | memoryview"
    "| BinaryIO | Image.Image | NDArray[np.uint8]"
)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One picture still to be read.

    ``name`` is what the user sees; ``content`` is a path, the bytes of a picture file, a Pillow
    image, or pixels as uint8 ``[height, width, 3]`` in RGB (``[height, width]`` for grey). A source
    equals itself alone, as arrays can be neither compared nor hashed.
    """

    name: str
    content: Path | bytes | Image.Image | NDArray[np.uint8] = field(repr=False)

    @classmethod
    def of(
        cls, item: Source | PictureLike, *, name: str | None = None, bgr: bool = False
    ) -> Source:
        """Make a source of anything that holds a picture, as it is now: what may change is copied.

        ``bgr`` says that an array has its channels in OpenCV's order.
        Raises PictureError when ``item`` is none of the kinds above, a file object or a Pillow
        image that cannot be read, or an array of another shape.
        """
        if isinstance(item, Source):
            return item
        if isinstance(item, str | os.PathLike):
            path = os.fsdecode(item)
            return cls(name or path, Path(path))
        if isinstance(item, bytes | bytearray | memoryview):
            return cls(name or "picture", bytes(item))
        import numpy as np
        from PIL import Image

        if isinstance(item, Image.Image):
            return cls(name or str(getattr(item, "filename", "") or "picture"), _copied(item))
        if isinstance(item, np.ndarray):
            return cls(name or "picture", _pixels(np.asarray(item), bgr=bgr).copy())
        if hasattr(item, "read"):
            return cls(name or str(getattr(item, "name", None) or "picture"), _read(item))
        raise PictureError(
            QT_TRANSLATE_NOOP(
                "core",
                "A {0} is not a picture. Give a path, bytes, a file object, "
                "a Pillow image or an array of pixels.",
            ),
            type(item).__name__,
        )


def stamp(path: Path) -> Stamp:
    """Return what changes when a file is written anew; () where it is not there."""
    try:
        there = path.stat()
    except OSError:  # whoever opens it says so
        return ()
    return there.st_mtime_ns, there.st_size


def _read(file: BinaryIO) -> bytes:
    try:
        if (seekable := getattr(file, "seekable", None)) and seekable():
            file.seek(0)  # as Pillow does: somebody may have looked what it is
        content = file.read()
    except Exception as error:  # what is in an archive, or comes from the web, raises its own kinds
        raise PictureError(
            QT_TRANSLATE_NOOP("core", "The file object cannot be read: {0}."), error
        ) from error
    if isinstance(content, bytes | bytearray | memoryview):
        return bytes(content)
    raise PictureError(
        QT_TRANSLATE_NOOP(
            "core", "The file object gives {0}, not bytes. Open it in binary mode ('rb')."
        ),
        "text" if isinstance(content, str) else type(content).__name__,
    )


def _copied(image: Image.Image) -> Image.Image:
    from florapp.core.refusals import refusal

    try:
        return image.copy()
    except Exception as error:  # it was opened, and is read only now
        raise refusal(error) from error


def _pixels(array: NDArray[np.generic], *, bgr: bool) -> NDArray[np.uint8]:
    import numpy as np

    colour = array.ndim == 3 and array.shape[2] == 3
    if array.dtype != np.uint8 or not (colour or array.ndim == 2) or 0 in array.shape:
        raise PictureError(
            QT_TRANSLATE_NOOP(
                "core",
                "An array of shape {0} and type {1} is not a picture. "
                "Give uint8 [height, width, 3] or [height, width].",
            ),
            array.shape,
            array.dtype,
        )
    pixels = cast("NDArray[np.uint8]", array)
    return pixels[..., ::-1] if bgr and colour else pixels
