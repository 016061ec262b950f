"""What is it worth to compute normalisations within convolutions (training/folding.py)?

Training steps of one network on one batch that lies in memory, in turn: as Keras builds it, and
folded; each in a process of its own, which also tells how much memory it took.

    python benchmarks/folding.py [rounds] [first layer that learns]
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from unittest import mock

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

STEPS, BATCH, SIZE = 6, 32, 224
KINDS = ("plain", "folded")


def main(rounds: str = "3", first: str = "") -> None:
    """Measure, and print."""
    print(f"ResNet50 from {first or 'its first layer'} on, {SIZE} px, batches of {BATCH}, ", end="")
    print(f"{rounds} rounds in turn:")
    for precision in ("float32", "mixed_bfloat16"):
        rates: dict[str, list[float]] = {"plain": [], "folded": []}
        memory: dict[str, list[float]] = {"plain": [], "folded": []}
        for _ in range(int(rounds)):
            for kind in KINDS:
                command = [sys.executable, __file__, "--child", kind, precision, first]
                said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                rate, megabytes = map(float, said.split())
                rates[kind].append(rate)
                memory[kind].append(megabytes)
        for kind, found in rates.items():
            print(
                f"  {precision:15}{kind:7}{statistics.median(found):6.2f} images a second,", end=""
            )
            print(f" {max(memory[kind]):6.0f} MB at the most")
        ratios = sorted(f / p for f, p in zip(rates["folded"], rates["plain"], strict=True))
        print(f"  {precision:15}ratio, pair by pair: {' '.join(f'{r:.2f}' for r in ratios)}")


def child(kind: str, precision: str, first: str) -> None:
    """Print how many images a second one network learns from at best, and the megabytes it took."""
    import keras
    import numpy as np

    from training.config import FineTune, Model
    from training.network import build, freeze_before
    from training.optimize import compile_network

    keras.mixed_precision.set_global_policy(precision)
    model, tune = Model(), FineTune(train_from=first, batch=BATCH)
    # As one that was trained before is used; random numbers take as long.
    as_it_is = mock.patch("training.network.folded", lambda body: body)
    with as_it_is if kind == "plain" else nullcontext():
        network = build(model, 102, None)
    freeze_before(network, model, first)
    compile_network(network, tune, 6540)
    images = np.random.default_rng(0).integers(0, 256, (BATCH, SIZE, SIZE, 3), dtype=np.uint8)
    labels = np.eye(102, dtype=np.float32)[np.arange(BATCH)]
    for _ in range(2):
        network.train_on_batch(images, labels)
    took = []
    for _ in range(STEPS):
        started = time.perf_counter()
        network.train_on_batch(images, labels)
        took.append(time.perf_counter() - started)
    most = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    print(BATCH / min(took), int(most[1]) / 1024 if most else 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
