"""OpenVINO on the same model files, with OpenCV, as its notebooks show it, and arranged better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import cv2  # type: ignore[import-not-found]
import openvino  # type: ignore[import-not-found]

from benchmarks.peers.task import Many, One, Task, with_pillow

#: Whether it is the very network, or one of the same architecture.
SAME = True

#: How ways begin that are not in the guides.
BEYOND = "Beyond the guides"

_HINTS = "LATENCY", "THROUGHPUT"


def one(task: Task) -> dict[str, One]:
    """Answer with both networks, each tuned for latency and for throughput.

    The whole picture is decoded by OpenCV. The fastest is also given pictures by Pillow, and by
    OpenCV at a quarter of their sides, as FlorApp decodes them, which no guide shows.
    """
    compiled = {
        f"OpenVINO {name}, {hint.lower()}": _compiled(path, hint)
        for (name, path), hint in product(_files(task).items(), _HINTS)
    }
    whole = partial(_with_opencv, size=task.size, flags=cv2.IMREAD_COLOR)
    quarter = partial(_with_opencv, size=task.size, flags=cv2.IMREAD_REDUCED_COLOR_4)
    ways = {f"{name}, OpenCV": _runner(model, whole) for name, model in compiled.items()}
    name = "OpenVINO int8, latency"
    ways[f"{name}, Pillow"] = _runner(compiled[name], partial(with_pillow, size=task.size))
    ways[f"{BEYOND}: {name}, OpenCV at a quarter"] = _runner(compiled[name], quarter)
    return ways


def many(task: Task) -> dict[str, Many]:
    """Answer many by its queue of requests, while pictures are decoded by one thread or by all."""
    whole = partial(_with_opencv, size=task.size, flags=cv2.IMREAD_COLOR)
    ways: dict[str, Many] = {}
    for (name, path), hint in product(_files(task).items(), _HINTS):
        compiled = _compiled(path, hint)
        for threads in (1, task.threads):
            way = f"OpenVINO {name}, {hint.lower()}, queue, OpenCV in {threads} threads"
            ways[way] = partial(_queued, compiled, whole, threads)
    return ways


def _files(task: Task) -> dict[str, Path]:
    return {"int8": task.int8, "fp32": task.fp32}


def _compiled(path: Path, hint: str) -> Any:
    core = openvino.Core()
    return core.compile_model(core.read_model(path), "CPU", {"PERFORMANCE_HINT": hint})


def _with_opencv(path: str, size: int, flags: int) -> Any:
    image = cv2.cvtColor(cv2.imread(path, flags), cv2.COLOR_BGR2RGB)
    return cv2.resize(image, (size, size))


def _runner(compiled: Any, read: One) -> One:
    request = compiled.create_infer_request()

    def run(path: str) -> Any:
        return request.infer({"image": read(path)[None]})["probabilities"][0]

    return run


def _queued(compiled: Any, read: One, threads: int, paths: Sequence[str]) -> Iterator[Any]:
    found: dict[int, Any] = {}

    def keep(request: Any, position: int) -> None:
        found[position] = request.get_tensor("probabilities").data[0].copy()

    queue = openvino.AsyncInferQueue(compiled)
    queue.set_callback(keep)
    with ThreadPoolExecutor(threads) as pool:
        for position, image in enumerate(pool.map(read, paths)):
            queue.start_async({"image": image[None]}, position)
    queue.wait_all()
    yield from (found[position] for position in range(len(paths)))
