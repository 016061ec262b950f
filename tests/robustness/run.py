"""``florapp classify`` as a process, and what became of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PATIENCE = 250  # seconds; the machine may be busy


@dataclass(frozen=True)
class Run:
    """A run that has ended."""

    status: int
    answers: list[dict[str, Any]]  # its JSON lines
    complaints: list[str]  # the lines of its stderr
    megabytes: float  # the most that it held


def start(*arguments: object, module: str = "florapp", **options: Any) -> subprocess.Popen[str]:
    """Start ``florapp``, or another module, with these arguments."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    pipes["preexec_fn"] = _hear_ctrl_c
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.Popen(command, text=True, encoding="utf-8", **pipes | options)


def at_home(**variables: str) -> dict[str, str]:
    """Return the environment of a user with these variables, who has put no folder elsewhere."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    return kept | variables


def _hear_ctrl_c() -> None:
    """What a shell starts in the background, the tests for instance, is deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def classify(*arguments: object, environment: Mapping[str, str] | None = None) -> Run:
    """Run ``florapp classify --json`` to its end."""
    # From a process of its own, which starts nothing else and so can tell what its child took.
    program = "import resource, subprocess, sys\nstatus = subprocess.call(sys.argv[1:])\n"
    program += "print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    command = [sys.executable, "-m", "florapp", "classify", "--json", *map(str, arguments)]
    ended = subprocess.run(
        [sys.executable, "-c", program, *command],
        env=os.environ | (environment or {}),
        capture_output=True,
        encoding="utf-8",
        timeout=_PATIENCE,
        check=True,
    )
    *lines, last = ended.stdout.splitlines()
    status, kilobytes = map(int, last.split())
    return Run(status, list(map(json.loads, lines)), ended.stderr.splitlines(), kilobytes / 1024)
