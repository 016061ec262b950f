"""Why a picture cannot be opened, and what to do, in a sentence."""

from __future__ import annotations

from PIL import Image, UnidentifiedImageError

from florapp.core.errors import QT_TRANSLATE_NOOP, PictureError

#: Pictures with more pixels than this are refused (a file of a few kB can claim any size).
PIXEL_LIMIT = 2 * (Image.MAX_IMAGE_PIXELS or 89_478_485)


def refusal(error: Exception) -> PictureError:
    """Return what to tell of the ``error`` that opening a picture has ended in."""
    if isinstance(error, UnidentifiedImageError):
        return PictureError(
            QT_TRANSLATE_NOOP(
                "core",
                "This is not a picture in a format that FlorApp opens, or its beginning is "
                "damaged. Save it as JPEG or PNG and open that.",
            )
        )
    if isinstance(error, Image.DecompressionBombError):
        return too_many_pixels()
    if isinstance(error, MemoryError):
        return PictureError(
            QT_TRANSLATE_NOOP(
                "core",
                "There is not enough memory to open this picture. Close other programs, "
                "or save a smaller copy and open that.",
            )
        )
    if isinstance(error, OSError) and error.errno is not None:  # the system's word, not a decoder's
        return _not_readable(error)
    return PictureError(
        QT_TRANSLATE_NOOP(
            "core",
            "The picture is damaged or cut short and cannot be read ({0}). "
            "Copy it again from where it came from.",
        ),
        str(error).strip().rstrip(".") or type(error).__name__,
    )


def too_many_pixels(limit: int = PIXEL_LIMIT) -> PictureError:
    """Return the refusal of a picture of more than ``limit`` pixels."""
    return PictureError(
        QT_TRANSLATE_NOOP(
            "core",
            "The picture has more than {0} million pixels, FlorApp's limit. "
            "Save a smaller copy and open that.",
        ),
        f"{limit / 1e6:.0f}",
    )


def _not_readable(error: OSError) -> PictureError:
    if isinstance(error, FileNotFoundError):
        return PictureError(
            QT_TRANSLATE_NOOP("core", "There is no such file. Was it moved or renamed?")
        )
    if isinstance(error, PermissionError):
        return PictureError(
            QT_TRANSLATE_NOOP(
                "core",
                "You have no permission to read this file. Ask its owner, or open a copy of yours.",
            )
        )
    if isinstance(error, IsADirectoryError):
        return PictureError(
            QT_TRANSLATE_NOOP("core", "This is a folder, not a picture. Open the pictures in it.")
        )
    return PictureError(
        QT_TRANSLATE_NOOP(
            "core",
            "The file cannot be read: {0}. Is the disk or the network it lies on still there?",
        ),
        error.strerror,
    )
