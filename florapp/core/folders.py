"""From the paths that a user names to the pictures that are there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

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
    with os.scandir(folder) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from pictures_under(Path(entry.path))
        elif Path(entry.name).suffix.lower() in PICTURE_SUFFIXES:
            yield Path(entry.path)


def sources_in(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Source | Failure]:
    """Yield a source for each file named and each picture in each folder named.

    A folder that holds no picture, or cannot be listed, yields a Failure.
    """
    for given in paths:
        path, name = Path(given), os.fspath(given)
        if not path.is_dir():
            yield Source(name, path)
            continue
        empty = True
        try:
            for picture in pictures_under(path):
                empty = False
                yield Source(os.fspath(picture), picture)
        except OSError as error:
            empty = False
            where = str(error.filename or name)
            yield Failure(
                Source(where, Path(where)), f"This folder cannot be listed: {error.strerror}."
            )
        if empty:
            yield Failure(Source(name, path), "This folder holds no pictures that FlorApp opens.")
