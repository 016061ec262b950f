"""Writing files so that a stop at any moment leaves the old one or the new one, never a part.

Even one of the machine: what is in a file is on the disk before the file has its name.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

#: What reading a damaged .npz file ends in.
BROKEN_NPZ = (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile)


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then move it there.

    The temporary name keeps the endings of ``path``, by which some choose a format. An OSError
    names the file, which that of a full disk does not by itself.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".part-{os.getpid()}-{path.name}")
    try:
        write(part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        if error.errno and not error.filename:  # one that has its own words keeps them
            error.filename = str(path)
        raise
    finally:
        part.unlink(missing_ok=True)


class _InMemory(io.BytesIO):
    """A file in memory that Keras takes for one of weights, by the end of its name."""

    def __str__(self) -> str:
        return "in_memory.weights.h5"


def write_weights(path: Path, network: keras.Model) -> None:
    """Write the weights of ``network``, whole. On a full disk HDF5 itself would end the process."""
    file = _InMemory()
    network.save_weights(file)
    write_whole(path, lambda part: part.write_bytes(file.getbuffer()))


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_writable(*paths: Path | None) -> None:
    """Raise OSError where one of ``paths`` cannot be written: before the work, and not after it."""
    for path in filter(None, paths):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        write_whole(path.with_name(f".try-{os.getpid()}"), Path.touch)
        path.with_name(f".try-{os.getpid()}").unlink()


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as indented JSON, whole; names in no encoding stay what they are."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    write_whole(
        path, lambda part: part.write_text(text, encoding="utf-8", errors="surrogateescape")
    )
