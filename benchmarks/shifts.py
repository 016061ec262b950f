"""What is left of accuracy and honesty when photographs are worse than those of the training?

Each shift is applied to the decoded photograph, before the program's own shaping of it; all model
files answer the very same pixels. Held-out photographs as `training evaluate` chooses them.

    python benchmarks/shifts.py flowers103-fp32.onnx flowers103-int8.onnx $DATA
    python benchmarks/shifts.py assets/models/flowers103.onnx $DATA --limit 100

Prints a Markdown table: the share of right answers, the expected calibration error of their
probabilities (15 bins), and in brackets what the shift changed, in points.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks import changes
from florapp.core.errors import DataError
from florapp.core.images import decode
from florapp.core.network import Network
from florapp.core.source import Source
from florapp.core.square import to_input
from training.config import data_from
from training.dataset import Photo
from training.held_out import held_out
from training.measure import expected_calibration_error

SHIFTS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "none": changes.as_is,
    "JPEG of quality 30": partial(changes.compressed, quality=30),
    "blur of 1 % of the shorter side": partial(changes.out_of_focus, part=0.01),
    "blur of 2 % of the shorter side": partial(changes.out_of_focus, part=0.02),
    "three stops too dark": partial(changes.underexposed, stops=3),
    "noise, standard deviation 20": partial(changes.noisy, strength=20),
    "turned by 10 degrees": partial(changes.rotated, degrees=10),
    "the middle half of the area": partial(changes.cropped, area=0.5),
}
_BATCH = 16


def photographs(network: Network, data: Path, limit: int | None) -> tuple[str, tuple[Photo, ...]]:
    """The held-out photographs, or ``limit`` of them spread evenly; and in words which."""
    card = network.card
    classes, fingerprint = [label.id for label in card.labels], card.data.get("fingerprint", "")
    what, photos = held_out(data, data_from(card.recipe), classes, fingerprint)
    if limit is None or limit >= len(photos):
        return f"{what}, all {len(photos)}", photos
    chosen = np.linspace(0, len(photos) - 1, limit).round().astype(int)
    return f"{what}, {limit} of {len(photos)}", tuple(photos[i] for i in chosen)


def shifted(photos: Sequence[Photo], largest: int) -> Iterator[dict[str, list[NDArray[np.uint8]]]]:
    """Yield the photographs in batches, as pixels, once for each shift."""
    for start in range(0, len(photos), _BATCH):
        sources = [Source.of(photo.path) for photo in photos[start : start + _BATCH]]
        images = [decode(source, 2 * largest).image for source in sources]
        yield {
            name: [np.asarray(shift(image)) for image in images] for name, shift in SHIFTS.items()
        }


def answers(
    networks: Sequence[Network], photos: Sequence[Photo]
) -> dict[str, list[NDArray[np.float32]]]:
    """Probabilities ``[photos, classes]`` for each shift, in the order of ``networks``."""
    parts: dict[str, list[list[NDArray[np.float32]]]] = {
        name: [[] for _ in networks] for name in SHIFTS
    }
    for batch in shifted(photos, max(network.card.geometry.size for network in networks)):
        for name, pictures in batch.items():
            for network, found in zip(networks, parts[name], strict=True):
                inputs = np.stack([to_input(p, network.card.geometry)[0] for p in pictures])
                found.append(network.run(inputs).probabilities)
    return {name: [np.concatenate(found) for found in each] for name, each in parts.items()}


def table(
    names: Sequence[str],
    truth: NDArray[np.int_],
    answered: dict[str, list[NDArray[np.float32]]],
) -> Iterator[str]:
    """The lines of the Markdown table."""
    yield "| shift | " + " | ".join(f"top-1, {n} | ECE, {n}" for n in names) + " |"
    yield "|---|" + "---|" * 2 * len(names)
    plain: list[tuple[float, float]] = []
    for shift, each in answered.items():
        found = [
            (float((p.argmax(axis=1) == truth).mean()), expected_calibration_error(truth, p))
            for p in each
        ]
        plain = plain or found
        cells = [
            f"{value:.1%}" if found is plain else f"{value:.1%} ({100 * (value - before):+.1f})"
            for now, then in zip(found, plain, strict=True)
            for value, before in zip(now, then, strict=True)
        ]
        yield f"| {shift} | " + " | ".join(cells) + " |"


def main() -> None:
    """Measure the model files on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL.onnx")
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, help="photographs to take, spread evenly")
    given = parser.parse_args()
    networks = [Network(path) for path in given.models]
    labels = networks[0].card.labels
    if any(network.card.labels != labels for network in networks):
        raise DataError("These models name different flowers. Compare models of the same classes.")
    what, photos = photographs(networks[0], given.data, given.limit)
    print(f"{what[0].upper()}{what[1:]}:\n")
    truth = np.array([photo.label for photo in photos])
    for line in table([path.stem for path in given.models], truth, answers(networks, photos)):
        print(line)


if __name__ == "__main__":
    main()
