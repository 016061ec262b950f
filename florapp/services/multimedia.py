"""What can be wrong with a camera; the first of it is that Qt cannot speak to cameras at all.

Nothing of QtMultimedia is loaded by this module alone.
"""

from __future__ import annotations

import enum

from PySide6.QtCore import QLoggingCategory

# Whatever is wrong is a Fault here, and told by the program; Qt need not print it as well.
QLoggingCategory.setFilterRules("qt.multimedia.*=false")


class Fault(enum.Enum):
    """Why there is no picture from the camera."""

    NO_BACKEND = enum.auto()  # a part of Qt is missing
    NO_CAMERA = enum.auto()
    NOT_ALLOWED = enum.auto()
    BUSY = enum.auto()
    UNUSABLE = enum.auto()  # it offers no format that Qt knows; Qt does not list it then
    UNREADABLE = enum.auto()  # its frames cannot be turned into pictures
    SILENT = enum.auto()  # it opened, and never delivered
    STOPPED = enum.auto()  # it delivered, and no longer does
    UNPLUGGED = enum.auto()


def has_backend() -> bool:
    """Say whether Qt has found the part of it that speaks to cameras. Needs a QCoreApplication."""
    try:
        from PySide6.QtMultimedia import QMediaFormat
    except ImportError:  # on Linux it needs libpulse0
        return False
    return bool(QMediaFormat().supportedFileFormats(QMediaFormat.ConversionMode.Encode))
