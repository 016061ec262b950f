"""What a user types, and what comes of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def florapp(
    *arguments: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "florapp", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
        env=os.environ | environment,
        timeout=120,
    )
