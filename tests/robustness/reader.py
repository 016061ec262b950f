"""A process that opens pictures as the program does, and can be measured, and may die.

    python -m tests.robustness.reader MODEL

It takes pictures on its standard input and says on its standard output what became of each.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
#: No picture may make the process larger than this.
MEGABYTES = 1000
#: Seconds after which a process that says nothing is taken for dead.
_SILENCE = 150.0
_PATIENCE = 120.0  # seconds with a picture: the machine may be busy


@dataclass(frozen=True)
class Reading:
    """What became of a picture; ``sentence`` is empty where it was answered."""

    sentence: str
    megabytes: float  # the most that the process held while it was read
    seconds: float

    @property
    def sound(self) -> bool:
        """Whether it is an answer or a sentence, and cost no more than it may."""
        said = not self.sentence or self.sentence.endswith((".", "?"))
        return said and self.megabytes < MEGABYTES and "could not be prepared" not in self.sentence


class DeathError(Exception):
    """The process ended over a picture."""


class Reader:
    """The process, seen from outside."""

    def __init__(self, model: Path) -> None:
        command = [sys.executable, "-m", "tests.robustness.reader", str(model)]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # decoders tell of damage there
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def read(self, content: bytes | Path) -> Reading:
        """Have it open a picture. Raises DeathError when that is its end."""
        head = {"path": str(content)} if isinstance(content, Path) else {"bytes": len(content)}
        body = b"" if isinstance(content, Path) else content
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        silence = threading.Timer(_SILENCE, process.kill)
        silence.start()
        try:
            process.stdin.write(json.dumps(head).encode() + b"\n" + body)
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            silence.cancel()
        if not line:
            status = process.wait()
            end = signal.Signals(-status).name if status < 0 else f"status {status}"
            raise DeathError(f"the process ended with {end}")
        return Reading(**json.loads(line))


def _most_memory() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _read(network: Any, content: Path | bytes) -> Reading:
    from florapp.core.pipeline import classify
    from florapp.core.prediction import Failure
    from florapp.core.source import Source

    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # begin to measure anew
    began = time.monotonic()
    ((_, result),) = classify(network, [Source("picture", content)], patience=_PATIENCE)
    sentence = result.reason if isinstance(result, Failure) else ""
    return Reading(sentence, _most_memory(), time.monotonic() - began)


def main() -> None:
    from florapp.core.allocator import keep_little
    from florapp.core.network import Network

    keep_little()
    network = Network(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a decoder prints is no answer
    while line := sys.stdin.buffer.readline():
        head = json.loads(line)
        content = Path(head["path"]) if "path" in head else sys.stdin.buffer.read(head["bytes"])
        print(json.dumps(vars(_read(network, content))), file=answers, flush=True)


if __name__ == "__main__":
    main()
