"""Figures as Markdown, and what they were measured on."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = (
    *("onnxruntime", "pillow", "numpy", "openvino", "opencv-python-headless", "tensorflow_cpu"),
    *("keras", "ai-edge-litert", "torch", "torchvision", "transformers"),
)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table."""
    return "\n".join(map(line, [head, ["---"] * len(head), *rows]))


def line(row: Sequence[str]) -> str:
    """Write a line of a Markdown table."""
    return f"| {' | '.join(row)} |"


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the lower quartile, the median and the upper quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def spread(values: Sequence[float], scale: float = 1, digits: int = 1) -> str:
    """Write the median, and the quartiles in brackets."""
    low, middle, high = (f"{scale * value:.{digits}f}" for value in quartiles(values))
    return f"{middle} ({low} to {high})"


def machine() -> str:
    """Say what was measured on, and with which versions."""
    info = Path("/proc/cpuinfo").read_text()
    lines = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in lines.items()}
    special = "amx_int8", "avx512_vnni", "avx_vnni", "avx512f", "avx2"
    fastest = next((flag for flag in special if flag in fields.get("flags", "").split()), "")
    name = f"{fields.get('model name', platform.machine())} (model {fields.get('model', '?')})"
    cores = f"{len(os.sched_getaffinity(0))} cores, {fastest}".rstrip(", ")
    found = [f"{library} {known}" for library in _LIBRARIES if (known := _version(library))]
    load = f"load average {os.getloadavg()[0]:.2f}"
    return f"{name}, {cores}; Python {platform.python_version()}, {', '.join(found)}; {load}."


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
