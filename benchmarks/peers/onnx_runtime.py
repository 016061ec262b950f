"""ONNX Runtime with Pillow, as its guide shows it: everything at its default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime

from benchmarks.peers.task import Many, One, Task, loop, with_pillow

#: Whether it is the very network, or one of the same architecture.
SAME = True


def one(task: Task) -> dict[str, One]:
    """Answer with the fp32 network, and with the int8 one, which shows what the rest is worth."""
    files = {"fp32": task.fp32, "int8": task.int8}
    return {
        f"ONNX Runtime {name}, Pillow": _runner(path, task.size) for name, path in files.items()
    }


def many(task: Task) -> dict[str, Many]:
    """Answer picture by picture."""
    return {name: loop(run) for name, run in one(task).items()}


def _runner(path: Path, size: int) -> One:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def run(picture: str) -> Any:
        return session.run(["probabilities"], {"image": with_pillow(picture, size)[None]})[0][0]

    return run
