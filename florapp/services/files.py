"""Writing files so that they are whole or not there."""

from __future__ import annotations

import secrets
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write ``content`` to a temporary file beside ``path``, then move it there. Raises OSError."""
    part = path.with_name(f".florapp-{secrets.token_hex(8)}")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
