"""PyTorch through the pipeline of Hugging Face: the same architecture with random weights."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import transformers  # type: ignore[import-not-found]
from transformers.utils import is_torchvision_available  # type: ignore[import-not-found]

from benchmarks.peers.task import BATCH, Many, One, Task

#: Whether it is the very network, or one of the same architecture.
SAME = False


def one(task: Task) -> dict[str, One]:
    """Answer with the image processor of each backend that is there."""
    return {
        f"Hugging Face pipeline, {name}": _runner(pipeline)
        for name, pipeline in _pipelines(task).items()
    }


def many(task: Task) -> dict[str, Many]:
    """Answer in batches, read by the pipeline itself, and by a worker for each core."""
    multiprocessing.set_start_method("fork", force=True)  # Linux' own; child.py has chosen another
    return {
        f"Hugging Face pipeline, {name}, {workers} workers": partial(_batched, pipeline, workers)
        for name, pipeline in _pipelines(task).items()
        for workers in (0, task.threads)
    }


def _pipelines(task: Task) -> dict[str, Any]:
    """Make them; ``downsample_in_bottleneck`` is how Keras' ResNet50 strides."""
    processors = {"Pillow": transformers.ConvNextImageProcessorPil}
    if is_torchvision_available():
        processors["torchvision"] = transformers.ConvNextImageProcessor
    config = transformers.ResNetConfig(num_labels=task.classes, downsample_in_bottleneck=True)
    model = transformers.ResNetForImageClassification(config).eval()  # as a loaded one is
    return {
        name: transformers.pipeline(
            "image-classification",
            model=model,
            image_processor=processor(size={"shortest_edge": task.size}, crop_pct=1.0),
            device="cpu",
            top_k=task.classes,
        )
        for name, processor in processors.items()
    }


def _runner(pipeline: Any) -> One:
    def run(path: str) -> list[float]:
        return _scores(pipeline(path))

    return run


def _batched(pipeline: Any, workers: int, paths: Sequence[str]) -> Iterator[list[float]]:
    yield from map(_scores, pipeline(list(paths), batch_size=BATCH, num_workers=workers))


def _scores(labels: list[dict[str, Any]]) -> list[float]:
    return [label["score"] for label in labels]
