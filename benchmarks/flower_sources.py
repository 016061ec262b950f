"""Did the model learn the flowers, or the two collections that they come from?

All tulips come from the five-class photographs, so a network could tell a tulip by that
collection's sharpness, size or compression. Three questions, asked of the model file itself:

1. Does any photograph stand in both collections? (difference hash, as they are and mirrored)
2. Are other flowers of the tulips' collection called tulips more often than those of the other?
3. Do answers survive a change of size, sharpness, compression or shape, by which a collection
   could be told?

    python benchmarks/flower_sources.py assets/models/flowers103.onnx $DATA
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks import changes
from florapp.core.images import decode
from florapp.core.network import Network, Outputs
from florapp.core.source import Source
from florapp.core.square import to_input
from training.config import stored_recipe
from training.dataset import Photo, find

Change = Callable[[Image.Image], Image.Image]

CHANGES: dict[str, Change] = {
    "as_is": changes.as_is,
    "small": changes.small,
    "blurred": partial(changes.blurred, radius=1.5),
    "sharpened": changes.sharpened,
    "compressed": partial(changes.compressed, quality=35),
    "square": changes.square,
}


def pixels_of(photo: Photo) -> NDArray[np.uint8]:
    """Upright pixels of a photograph."""
    return decode(Source.of(photo.path)).pixels


def run(network: Network, photos: Sequence[Photo], change: Change) -> Outputs:
    """Answer changed photographs, in batches."""
    parts = []
    for start in range(0, len(photos), 16):
        images = [
            to_input(np.asarray(change(Image.fromarray(pixels_of(photo)))), network.card.geometry)[
                0
            ]
            for photo in photos[start : start + 16]
        ]
        parts.append(network.run(np.stack(images)))
    embeddings = [part.embedding for part in parts if part.embedding is not None]
    return Outputs(
        np.concatenate([part.logits for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate(embeddings) if embeddings else None,
    )


def difference_hash(pixels: NDArray[np.uint8], mirrored: bool = False) -> NDArray[np.bool_]:
    """256 bits: whether each of 16 x 17 grey cells is darker than its neighbour."""
    image = Image.fromarray(pixels).convert("L").resize((17, 16), Image.Resampling.BOX)
    grey = np.asarray(image, dtype=np.int16)
    if mirrored:
        grey = grey[:, ::-1]
    return (grey[:, 1:] > grey[:, :-1]).ravel()


def nearest(
    ours: NDArray[np.bool_], others: NDArray[np.bool_]
) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """For each of ``ours`` the smallest number of differing bits to ``others``, and whose."""
    a, b = ours.astype(np.float32), others.astype(np.float32)
    distance = a.sum(1)[:, None] + b.sum(1)[None] - 2 * a @ b.T
    return distance.min(axis=1).astype(int), distance.argmin(axis=1)


def duplicates(five: Sequence[Photo], oxford: Sequence[Photo]) -> None:
    """Print how near the nearest photographs of the two collections are."""
    theirs = np.stack([difference_hash(pixels_of(p)) for p in oxford])
    for mirrored in (False, True):
        ours = np.stack([difference_hash(pixels_of(p), mirrored) for p in five])
        distance, index = nearest(ours, theirs)
        order = np.argsort(distance)[:5]
        kind = "mirrored" if mirrored else "as is"
        print(f"nearest pairs, {kind} (bits of 256 that differ; copies differ by 0 to about 25):")
        for i in order:
            print(f"  {distance[i]:3d}  {five[i].path.name}  {oxford[index[i]].path.name}")


def main(model: str, data: str) -> None:
    """Answer the three questions."""
    network = Network(model)
    classes = [label.id for label in network.card.labels]
    tulip = classes.index("tulip")
    recipe = stored_recipe(network.card.recipe)
    sets = {}
    for source in recipe.data.sources:
        found = find(Path(data), replace(recipe.data, sources=[source]))
        index = [classes.index(name) for name in found.classes]
        sets[source.folder] = tuple(
            [Photo(p.path, index[p.label]) for p in photos] for photos in (found.train, found.valid)
        )
    (five_train, five), (oxford_train, oxford) = sets["flowers5"], sets["flowers102"]

    print("1. the same photograph in both?")
    duplicates(five_train + five, oxford_train + oxford)

    tulips = [p for p in five if p.label == tulip]
    others = [p for p in five if p.label != tulip]
    print(
        f"\n2 and 3. held-out photographs: {len(tulips)} tulips, {len(others)} other flowers of "
        f"their collection, {len(oxford)} of the other collection"
    )
    print(
        f"{'change':12} {'tulips':>8} | {'others':>8} {'called':>8} | {'Oxford':>8} {'called':>8}"
    )
    print(f"{'':12} {'right':>8} | {'right':>8} {'tulip':>8} | {'right':>8} {'tulip':>8}")
    for name, change in CHANGES.items():
        row = [name.ljust(12)]
        for photos in (tulips, others, oxford):
            answers = run(network, photos, change).logits.argmax(axis=1)
            truth = np.array([p.label for p in photos])
            row.append(f"{(answers == truth).mean():8.2%}")
            if photos is not tulips:
                row.append(f"{(answers == tulip).mean():8.2%}")
        print(f"{row[0]} {row[1]} | {row[2]} {row[3]} | {row[4]} {row[5]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
