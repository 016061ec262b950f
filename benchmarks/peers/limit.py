"""What the arithmetic of a network would take at the fastest that this machine computes in int8."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

_SIDES = 1024, 2048  # of the square matrices that are multiplied
_TRIES = 20


def multiplications(path: Path) -> int:
    """Count the multiply-accumulates that a model file takes for one picture."""
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {
        value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*graph.input, *graph.value_info, *graph.output)
    }
    shapes |= {value.name: list(value.dims) for value in graph.initializer}
    return sum(
        math.prod(shapes[node.output[0]]) * math.prod(shapes[node.input[1]][1:])
        for node in graph.node
        if node.op_type == "Conv"
    )


def peaks(threads: int) -> dict[str, float]:
    """Return the most multiply-accumulates a second that each library reaches in int8."""
    found = {"ONNX Runtime": max(_rate(_with_onnxruntime(side, threads), side) for side in _SIDES)}
    with contextlib.suppress(ModuleNotFoundError):
        found["PyTorch"] = max(_rate(_with_torch(side, threads), side) for side in _SIDES)
    return found


def _rate(multiply: Callable[[], Any], side: int) -> float:
    """The best of some tries: interruptions make it slower, nothing makes it faster."""
    least = math.inf
    for _ in range(_TRIES):
        started = time.perf_counter()
        multiply()
        least = min(least, time.perf_counter() - started)
    return side**3 / least


def _with_onnxruntime(side: int, threads: int) -> Callable[[], Any]:
    make, kinds = onnx.helper, onnx.TensorProto
    left = make.make_tensor_value_info("a", kinds.UINT8, [side, side])
    product = make.make_tensor_value_info("c", kinds.INT32, [side, side])
    right = onnx.numpy_helper.from_array(_random(side), "b")
    node = make.make_node("MatMulInteger", ["a", "b"], ["c"])
    graph = make.make_graph([node], "peak", [left], [product], [right])
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    image = _random(side).view(np.uint8)
    return lambda: session.run(["c"], {"a": image})


def _with_torch(side: int, threads: int) -> Callable[[], Any]:
    import torch  # type: ignore[import-not-found]

    torch.set_num_threads(threads)
    left, right = torch.from_numpy(_random(side)), torch.from_numpy(_random(side))
    return lambda: torch._int_mm(left, right)


def _random(side: int) -> np.ndarray[Any, np.dtype[np.int8]]:
    return np.random.default_rng(1).integers(-64, 64, (side, side), dtype=np.int8)


def report(model: str = "") -> None:
    """Child: print the peaks, or what ``model`` takes."""
    if model:
        print(multiplications(Path(model)))
        return
    for name, rate in peaks(len(os.sched_getaffinity(0))).items():
        print(name, rate, sep="\t")


if __name__ == "__main__":
    report(*sys.argv[1:])
