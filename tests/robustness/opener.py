"""A process that opens models and runs each: what it says of them, and what that took.

    python -m tests.robustness.opener

It takes their paths on its standard input, as JSON texts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.robustness.reader import ROOT


def opened(*paths: Path) -> list[tuple[str, float]]:
    """Return what it says of models, "" of those that work, and the most megabytes it held."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.robustness.opener"],
        cwd=ROOT,
        input="".join(f"{json.dumps(str(path))}\n" for path in paths),
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    said = [tuple(json.loads(line)) for line in ended.stdout.splitlines()]
    assert ended.returncode == 0, f"{paths[len(said)]!r}: {ended.returncode} {ended.stderr[-2000:]}"
    return said


def _said(path: str) -> str:
    import numpy as np

    from florapp.core.errors import FlorAppError
    from florapp.core.network import Network

    try:
        network = Network(path)
        size = network.card.geometry.size
        network.run(np.zeros((1, size, size, 3), np.uint8))
    except FlorAppError as error:
        return str(error)
    return ""


def main() -> None:
    for line in sys.stdin:
        said = _said(json.loads(line))
        # Not ru_maxrss: what started this process, however much it held, counts there.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        megabytes = int(status.partition("VmHWM:")[2].split()[0]) / 1024
        print(json.dumps([said, megabytes]), flush=True)


if __name__ == "__main__":
    main()
