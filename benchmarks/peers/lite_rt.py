"""LiteRT with Pillow, on what its converter makes of the Keras network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-not-found]

from benchmarks.peers.task import Many, One, Task, loop, with_pillow

#: Whether it is the very network, or one of the same architecture.
SAME = False

_MEAN = np.array([103.939, 116.779, 123.68], dtype=np.float32)


def one(task: Task) -> dict[str, One]:
    """Answer with each of the files, on all cores."""
    arguments = [str(task.folder), str(task.size), str(task.classes)]
    command = [sys.executable, "-m", "benchmarks.peers.keras_predict", *arguments]
    root = Path(__file__).resolve().parents[2]
    subprocess.run(command, check=True, capture_output=True, cwd=root)
    files = sorted(task.folder.glob("*.tflite"))
    return {f"LiteRT {file.stem}, Pillow": _runner(file, task) for file in files}


def many(task: Task) -> dict[str, Many]:
    """Answer picture by picture."""
    return {name: loop(run) for name, run in one(task).items()}


def _runner(file: Path, task: Task) -> One:
    interpreter = Interpreter(str(file), num_threads=task.threads)
    interpreter.allocate_tensors()
    (given,), (wanted,) = interpreter.get_input_details(), interpreter.get_output_details()

    def run(path: str) -> Any:
        pixels = with_pillow(path, task.size)[..., ::-1].astype(np.float32) - _MEAN
        interpreter.set_tensor(given["index"], pixels[None])
        interpreter.invoke()
        return interpreter.get_tensor(wanted["index"])[0]

    return run
