"""Files that one process at a time writes to."""

from __future__ import annotations

import sys
from typing import IO, Any


def is_ours(file: IO[Any]) -> bool:
    """Take the open ``file`` for this process, until it is closed; False where another one has it.

    On Windows, and on a disk of the network's that has no locks, nobody is kept from it.
    """
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True
