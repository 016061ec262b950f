"""What part of a picture should the network see, and how large?

Answers the validation photographs of a run with each fit and several sizes, before anything is
exported: the choice is made here and on these photographs only.

    python benchmarks/geometries.py RUN $DATA 160 192 224
"""

from __future__ import annotations

import sys
from pathlib import Path

from florapp.core.geometry import FITS, Geometry
from training.batches import PlainBatches
from training.dataset import find
from training.run import load


def main(folder: str, data: str, *sizes: str) -> None:
    """Print top-1 for each geometry."""
    run = load(Path(folder))
    run.network.compile(metrics=["accuracy"], loss="categorical_crossentropy")
    valid = find(Path(data), run.recipe.data).valid
    print(f"{len(valid)} validation photographs")
    for size in sizes:
        for fit in FITS:
            batches = PlainBatches(valid, len(run.classes), Geometry(int(size), fit))
            accuracy = run.network.evaluate(batches, verbose=0)[1]
            print(f"{fit:8} {size:>4}  {accuracy:.2%}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
