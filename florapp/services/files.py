"""Writing files so that they are whole or not there."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path


def still_there(*folders: str) -> str:
    """Return the first of ``folders`` that is there; "" when none is."""
    return next((folder for folder in folders if os.path.isdir(folder)), "")  # noqa: PTH112


def write_whole(path: Path, content: bytes) -> None:
    """Write ``content`` to a temporary file beside ``path``, then move it there. Raises OSError.

    What a link leads to is replaced, and not the link; the permissions of what was there are kept.
    A device or a pipe is not replaced either.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.EINVAL, "this is not a file", str(path))
    part = path.with_name(f".florapp-{secrets.token_hex(8)}")
    try:
        part.write_bytes(content)
        with contextlib.suppress(OSError):  # mostly there was nothing
            part.chmod(path.stat().st_mode & 0o777)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
