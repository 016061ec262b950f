"""How fast does the workshop train, and what do the photographs cost it?

1. Training steps of one network, in turn: fed with one batch that lies in memory, and with
   photographs from the disk, decoded and augmented beside it.
2. How many photographs are decoded and augmented by 1, 2, ... threads.
3. The memory that finding and reading takes with 1,000 and with 100,000 photographs (links).

    python benchmarks/training_speed.py $DATA resnet50_imagenet_notop.h5 [rounds]
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

STEPS, BATCH, SIZE = 12, 32, 224


def main(data: str, weights: str, rounds: int = 5) -> None:
    """Measure, and print."""
    import keras

    from training.batches import TrainingBatches
    from training.config import Data, DataSource, FineTune, Recipe
    from training.dataset import find
    from training.network import build, freeze_before
    from training.optimize import compile_network

    recipe = Recipe(
        data=Data([DataSource("flowers102")]),
        fine_tune=FineTune(train_from="conv3_block1", batch=BATCH),
    )
    dataset = find(Path(data), recipe.data)
    network = build(recipe.model, len(dataset.classes), Path(weights))
    freeze_before(network, recipe.model, recipe.fine_tune.train_from)
    compile_network(network, recipe.fine_tune, len(dataset.train))

    def photographs(epoch: int) -> TrainingBatches:
        return TrainingBatches(dataset, recipe, size=SIZE, epoch=epoch)

    class Some(keras.utils.PyDataset):  # type: ignore[misc]  # keras is untyped
        """The first STEPS batches of ``batches``, or one of them again and again."""

        def __init__(self, batches: TrainingBatches, kept: object = None) -> None:
            super().__init__(workers=batches.workers if kept is None else 1, max_queue_size=6)
            self._batches, self._kept = batches, kept

        def __len__(self) -> int:
            return STEPS

        def __getitem__(self, step: int) -> object:
            return self._batches[step] if self._kept is None else self._kept

    in_memory = photographs(1)[0]
    rates: dict[str, list[float]] = {"memory": [], "photographs": []}
    for turn in range(rounds + 1):
        for what, kept in (("memory", in_memory), ("photographs", None)):
            batches = Some(photographs(turn), kept)
            started = time.perf_counter()
            network.fit(batches, shuffle=False, verbose=0)
            rates[what].append(STEPS * BATCH / (time.perf_counter() - started))
    middle = {what: statistics.median(found[1:]) for what, found in rates.items()}
    ratios = [p / m for p, m in zip(rates["photographs"], rates["memory"], strict=True)][1:]
    print(f"ResNet50 from conv3 on, {SIZE} px, batches of {BATCH}, {rounds} rounds in turn:")
    print(f"  fed from memory       {middle['memory']:6.2f} images a second")
    print(f"  fed with photographs  {middle['photographs']:6.2f} images a second")
    print(f"  ratio, pair by pair   {min(ratios):.3f} {statistics.median(ratios):.3f}", end=" ")
    print(f"{max(ratios):.3f} (least, median, most)")

    crops = photographs(1)
    for threads in range(1, (os.cpu_count() or 1) + 1):
        with ThreadPoolExecutor(threads) as pool:
            started = time.perf_counter()
            list(pool.map(crops.__getitem__, range(20)))
        rate = 20 * BATCH / (time.perf_counter() - started)
        print(f"decoded and augmented by {threads} threads: {rate:.0f} photographs a second")

    for count in (1_000, 100_000):
        said = subprocess.run(
            [sys.executable, __file__, "memory", data, str(count)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        print(said.stdout, end="")


def memory(data: str, count: str) -> None:
    """Child: find ``count`` links to photographs, read 200 batches, say what memory it took."""
    from training.batches import TrainingBatches
    from training.config import FineTune, Recipe
    from training.dataset import find

    photos = sorted((Path(data) / "flowers102" / "train").rglob("*.webp"))
    with tempfile.TemporaryDirectory() as folder:
        for label in ("a", "b"):
            (Path(folder) / label).mkdir()
        for i in range(int(count)):
            link = Path(folder) / "ab"[i % 2] / f"{i:06d}.webp"
            link.symlink_to(photos[i % len(photos)].resolve())
        before = _peak()
        started = time.perf_counter()
        recipe = Recipe(fine_tune=FineTune(batch=BATCH))
        dataset = find(Path(folder), recipe.data)
        found = time.perf_counter() - started
        batches = TrainingBatches(dataset, recipe, size=SIZE, epoch=1)
        for step in range(200):
            batches[step % len(batches)]
        print(
            f"{int(count):7} photographs: found in {found:.1f} s, memory {before:.0f} MB before, "
            f"{_peak():.0f} MB at the most"
        )


def _peak() -> float:
    # Not getrusage(): its maximum counts the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


if __name__ == "__main__":
    if sys.argv[1] == "memory":
        memory(*sys.argv[2:4])
    else:
        main(sys.argv[1], sys.argv[2], *(int(word) for word in sys.argv[3:4]))
