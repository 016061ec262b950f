"""What the C library keeps of memory that was freed: little, whatever threads have decoded."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

#: Bytes. A photograph of 24 megapixels, at the scale that the network wants, takes 6 MB; one piece
#: of as much is reused, and larger ones are given back to the system.
_KEPT = 8_388_608
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # <malloc.h>
_CHOSEN = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


def keep_little() -> None:
    """Have glibc give larger pieces back to the system, unless its settings say otherwise.

    By itself it raises both limits with the pieces that are freed, to 32 MB for one that it keeps
    and 64 MB for the end of each arena, of which there are up to eight for each processor
    (mallopt(3)); threads that decode come and go, and fill one after another. The first that is set
    ends that for both, so the other has to be set, too. Other C libraries are left alone.
    """
    mallopt = _of_glibc("mallopt")
    if mallopt is not None and not any(map(os.environ.get, _CHOSEN)):
        mallopt(_M_MMAP_THRESHOLD, _KEPT)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)


def give_back() -> None:
    """Have glibc give back all that was freed, also between what is in use (malloc_trim(3)).

    Opening a model leaves thousands of such pieces. It takes some ten milliseconds, and locks one
    arena at a time. Whatever the user has set, this takes nothing from it.
    """
    malloc_trim = _of_glibc("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


def _of_glibc(name: str) -> Any:
    """Return a function of the C library; None where that is another one (musl has neither)."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
