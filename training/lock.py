"""One training at a time in the folder of a run."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from florapp.core.errors import DataError


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from training in ``folder``, which is made; the system ends it with us.

    Raises DataError where another one trains there. On Windows nobody is kept from it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(
                f"Another process is training in {folder}. Wait until it has ended, or choose "
                "another folder with --out."
            ) from None
        except OSError:  # a disk of the network's that has no locks
            pass
        yield
