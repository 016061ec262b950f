"""From the paths that a user names to the pictures that are there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from florapp.core.errors import QT_TRANSLATE_NOOP, Sentence
from florapp.core.prediction import Failure
from florapp.core.source import Source

#: File-name endings that a folder is searched for; a file named outright is opened whatever its
#: ending is.
PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".avif", ".heic", ".heif"}
    | {".hif", ".tif", ".tiff", ".bmp", ".dib", ".gif"}
)


def pictures_under(folder: Path) -> Iterator[Path]:
    """Yield the picture files below ``folder``, folder by folder, each in the order of its names.

    Hidden files and folders are passed over, and so is a link to a folder, which could lead back.
    Raises OSError where a folder cannot be listed.
    """
    for found in _walk(folder):
        if isinstance(found, OSError):
            raise found
        yield found


def sources_in(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Source | Failure]:
    """Yield a source for each file named and each picture in each folder named.

    A folder that holds no picture, or cannot be listed, yields a Failure, and the rest goes on.
    """
    for given in paths:
        path, name = Path(given), os.fspath(given)
        if not _is_folder(path):
            yield Source(name, path)
            continue
        empty = True
        for found in _walk(path):
            empty = False
            if isinstance(found, OSError):
                where = str(found.filename or name)
                reason = Sentence(
                    QT_TRANSLATE_NOOP("core", "This folder cannot be listed: {0}."), found.strerror
                )
                yield Failure(Source(where, Path(where)), reason)
            else:
                yield Source(os.fspath(found), found)
        if empty:
            reason = Sentence(
                QT_TRANSLATE_NOOP("core", "This folder holds no pictures that FlorApp opens.")
            )
            yield Failure(Source(name, path), reason)


def _walk(folder: Path) -> Iterator[Path | OSError]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield error
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))
        elif Path(entry.name).suffix.lower() in PICTURE_SUFFIXES:
            yield Path(entry.path)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # inside a folder that may not be entered; opening it will say so
        return False
