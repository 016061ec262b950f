"""One training at a time in the folder of a run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from florapp.core.errors import DataError
from florapp.core.locks import is_ours


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from training in ``folder``, which is made; the system ends it with us.

    Raises DataError where another one trains there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        if not is_ours(file):
            raise DataError(
                f"Another process is training in {folder}. Wait until it has ended, or choose "
                "another folder with --out."
            )
        yield
