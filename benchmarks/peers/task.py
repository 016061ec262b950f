"""What every library is given to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from PIL import Image

from florapp.core.network import Network
from training.dequantize import dequantize

#: From the path of a picture to the probabilities of its classes.
One = Callable[[str], Any]
#: From the paths of pictures to the probabilities of each, one after the other.
Many = Callable[[Sequence[str]], Iterator[Any]]

#: The network that libraries which cannot read the model file build for themselves.
BACKBONE = "resnet50"
#: So many pictures are answered together where a library is to be told.
BATCH = 8


@dataclass(frozen=True)
class Task:
    """The network to run: as files, and as the numbers that its like is built from."""

    int8: Path
    fp32: Path  # the same network without the rounding of what is computed
    size: int
    classes: int
    threads: int
    folder: Path  # for what a library writes

    @classmethod
    def of(cls, int8: Path, folder: Path) -> Task:
        """Read the numbers from the model file; raise ValueError where it cannot be compared.

        Its fp32 twin is written into ``folder``.
        """
        card = Network(int8).card
        if (backbone := card.recipe["model"]["backbone"]) != BACKBONE:
            raise ValueError(f"the model is a {backbone}, and the peers can build a {BACKBONE}")
        fp32 = folder / "fp32.onnx"
        onnx.save(dequantize(onnx.load(str(int8))), str(fp32))
        threads = len(os.sched_getaffinity(0))
        return cls(int8, fp32, card.geometry.size, len(card.labels), threads, folder)


def with_pillow(path: str, size: int) -> NDArray[np.uint8]:
    """Decode the whole picture and make it small, as most guides show it."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").resize((size, size)))


def loop(one: One) -> Many:
    """Answer many pictures one by one."""
    return lambda paths: map(one, paths)
