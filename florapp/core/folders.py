"""From the paths that a user names to the pictures that are there."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
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

#: Seconds after which a folder that is still being listed is given up.
PATIENCE = 30.0
_PAUSED = 5.0  # seconds in which nobody asks for anything
_AHEAD = 1000  # pictures that are found before they are asked for
_Found = queue.Queue[Source | Failure | Exception | None]


def pictures_under(folder: Path) -> Iterator[Path]:
    """Yield the picture files below ``folder``, folder by folder, each in the order of its names.

    Hidden files and folders are passed over, and so is a link to a folder, which could lead back.
    Raises OSError where a folder cannot be listed.
    """
    for found in _walk(folder, lambda _: None):
        if isinstance(found, OSError):
            raise found
        yield found


def sources_in(
    paths: Iterable[str | os.PathLike[str]], tell: Callable[[Path], None] = lambda _: None
) -> Iterator[Source | Failure]:
    """Yield a source for each file named and each picture in each folder named.

    A folder that holds no picture, or cannot be listed, yields a Failure, and the rest goes on.
    ``tell`` is called with the folder being listed, at each of its entries.
    """
    for given in paths:
        path, name = Path(given), os.fspath(given)
        if not _is_folder(path):
            yield Source(name, path)
            continue
        empty = True
        for found in _walk(path, tell):
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


def patiently(
    paths: Iterable[str | os.PathLike[str]], tick: float = 0.0, *, patience: float = PATIENCE
) -> Generator[Source | Failure | None]:
    """Yield what :func:`sources_in` does, and None whenever nothing has come for ``tick`` seconds.

    A folder of which nothing is heard for more than ``patience`` seconds, on a disk that is gone
    perhaps, yields a Failure, and it goes on with the next of ``paths``.
    """
    left = list(paths)[::-1]
    while left:
        found: _Found = queue.Queue(_AHEAD)
        given_up, heard = threading.Event(), _Heard(time.monotonic(), Path(left[-1]))
        arguments = (left[::-1], found, given_up, heard)
        threading.Thread(target=_list, args=arguments, daemon=True).start()
        looked = began = time.monotonic()
        try:
            while left:
                before, looked = looked, time.monotonic()
                if looked - before > _PAUSED:
                    began = looked  # the process was stopped, and who lists with it
                try:
                    source = found.get(timeout=tick) if tick else found.get_nowait()
                except queue.Empty:
                    now = time.monotonic()
                    if now - looked > _PAUSED + tick:
                        began = now
                    if now - max(heard.when, began) > patience:
                        yield _hangs(left.pop(), heard.folder, patience)
                        break  # and begin anew behind it
                    yield None
                    continue
                if source is None:
                    left.pop()
                elif isinstance(source, Exception):
                    raise source
                else:
                    yield source
        finally:
            given_up.set()


@dataclass
class _Heard:
    """When a folder has last said anything, and which."""

    when: float
    folder: Path


def _list(
    paths: Iterable[str | os.PathLike[str]],
    found: _Found,
    given_up: threading.Event,
    heard: _Heard,
) -> None:
    """Put what ``paths`` lead to into ``found``; after each None, or what has broken it off."""

    def tell(folder: Path) -> None:
        heard.when, heard.folder = time.monotonic(), folder

    def put(source: Source | Failure | Exception | None) -> None:
        while not given_up.is_set():
            try:
                return found.put(source, timeout=0.1)
            except queue.Full:
                continue

    try:
        for path in paths:
            tell(Path(path))
            for source in sources_in([path], tell):
                put(source)
                heard.when = time.monotonic()  # it may have waited for room
                if given_up.is_set():
                    return
            put(None)
    except Exception as error:  # told by who asked for the pictures
        put(error)


def _hangs(path: str | os.PathLike[str], folder: Path, patience: float) -> Failure:
    reason = Sentence(
        QT_TRANSLATE_NOOP(
            "core",
            "Nothing was heard from {0} for {1} seconds, so it was given up, and so was all that "
            "comes after it in here. Is the disk or the network it lies on still there?",
        ),
        folder,
        f"{patience:g}",
    )
    return Failure(Source(os.fspath(path), Path(path)), reason)


def _walk(folder: Path, tell: Callable[[Path], None]) -> Iterator[Path | OSError]:
    levels = [_listed(folder, tell)]  # not by calling itself: folders may lie in folders for ever
    while levels:
        found = next(levels[-1], None)
        if found is None:
            levels.pop()
        elif isinstance(found, _Folder):
            levels.append(_listed(found.path, tell))
        else:
            yield found


@dataclass(frozen=True)
class _Folder:
    path: Path


def _listed(folder: Path, tell: Callable[[Path], None]) -> Iterator[Path | _Folder | OSError]:
    names, folders = [], set()  # no more than that of what may be a hundred thousand
    tell(folder)
    try:
        with os.scandir(folder) as listing:
            for entry in listing:
                tell(folder)
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.add(entry.name)
                elif Path(entry.name).suffix.lower() not in PICTURE_SUFFIXES or (
                    entry.is_symlink() and os.path.isdir(entry.path)  # noqa: PTH112 - bears loops
                ):
                    continue
                names.append(entry.name)
    except OSError as error:
        yield error
        return
    for name in sorted(names):
        yield _Folder(folder / name) if name in folders else folder / name


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # inside a folder that may not be entered; opening it will say so
        return False
