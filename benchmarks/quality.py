"""How often is a picture called blank, black, blurred or noise, rightly and wrongly?

    python benchmarks/quality.py $DATA $PHOTOS

$DATA holds flowers102, flowers5 and fruit, $PHOTOS any photographs. Prints two Markdown tables:
photographs, none of which is flawed, and pictures made of them or of nothing, most of which are;
all made square as for the shipped model.
The thresholds were chosen on others: every 10th of flowers102/train, every 20th of cats_dogs.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks import changes
from florapp.core.folders import pictures_under
from florapp.core.network import Network
from florapp.core.paths import shipped_model
from florapp.core.quality import Flaw, flaw
from training.dataset import shaped, split_by_name

Square = NDArray[np.uint8]
GEOMETRY = Network(shipped_model()).card.geometry
SHAPE = (GEOMETRY.size, GEOMETRY.size, 3)
MADE = 200  # pictures of each kind that are made


def photographs(data: Path, photos: Path) -> dict[str, list[Path]]:
    """The photographs that nothing was chosen on."""
    five = [
        split_by_name(found(folder), 0.2)[1] for folder in sorted((data / "flowers5").iterdir())
    ]
    return {
        "flowers102/valid": found(data / "flowers102" / "valid"),
        "a fifth of flowers5": [path for paths in five for path in paths],
        "every 5th of fruit": found(data / "fruit")[::5],
        "photographs of a camera": found(photos),
    }


def found(folder: Path) -> list[Path]:
    """All pictures below ``folder``, in order."""
    return sorted(pictures_under(folder))


def changed(
    change: Callable[[Image.Image], Image.Image], squares: Sequence[Square]
) -> list[Square]:
    """``squares``, each changed."""
    return [np.asarray(change(Image.fromarray(square))) for square in squares]


def darkened(image: Image.Image, brightest: int) -> Image.Image:
    """As if there had been so little light that white is ``brightest``, with a sensor's noise."""
    dark = image.point([round(value * brightest / 255) for value in range(256)] * 3)
    return changes.noisy(dark, 3)


def plain(random: np.random.Generator, noise: float) -> Square:
    """One colour, with noise."""
    colour = random.integers(0, 256, 3)
    return _pixels(random.normal(colour, noise, SHAPE))


def sloping(random: np.random.Generator) -> Square:
    """From one colour to another, in any direction."""
    first, last = random.integers(0, 256, (2, 3))
    across, down = np.meshgrid(*2 * [np.linspace(-0.5, 0.5, GEOMETRY.size)])
    angle = random.uniform(0, 2 * np.pi)
    share = 0.5 + (across * np.cos(angle) + down * np.sin(angle)) / 1.5
    return _pixels(first + (last - first) * share[..., None])


def random_pixels(random: np.random.Generator, side: int, channels: int) -> Square:
    """Squares of ``side`` pixels, each of a random colour or grey."""
    count = -(-GEOMETRY.size // side)
    small = random.integers(0, 256, (count, count, channels))
    large = small.repeat(side, axis=0).repeat(side, axis=1)[: GEOMETRY.size, : GEOMETRY.size]
    return _pixels(np.broadcast_to(large, SHAPE))


def salt_and_pepper(random: np.random.Generator) -> Square:
    """Black and white pixels."""
    return _pixels(np.broadcast_to(255 * random.integers(0, 2, (*SHAPE[:2], 1)), SHAPE))


def drowned(random: np.random.Generator, square: Square) -> Square:
    """A photograph taken in the dark and brightened: its noise is ten times what is left of it."""
    faint = 0.1 * (square - square.mean(axis=(0, 1)))
    return _pixels(60 + faint + random.normal(0, 50, SHAPE))


def made(squares: Sequence[Square]) -> Iterator[tuple[str, list[Square]]]:
    """Pictures of each kind, some of them made of the photographs ``squares``."""
    random = np.random.default_rng(0)
    for radius in (3, 5, 6, 8, 12, 20):
        blur = partial(changes.blurred, radius=radius)
        yield f"blurred by {radius} pixels of {GEOMETRY.size}", changed(blur, squares)
    for brightest in (60, 40, 20):
        dark = partial(darkened, brightest=brightest)
        yield f"darkened, white is {brightest} of 255", changed(dark, squares)
    kinds: dict[str, Callable[[], Square]] = {
        "black (8 of 255, noise of 3)": lambda: _pixels(random.normal(8, 3, SHAPE)),
        "one colour": lambda: plain(random, 0),
        "one colour, noise of 4": lambda: plain(random, 4),
        "from one colour to another": lambda: sloping(random),
        "random pixels": lambda: random_pixels(random, 1, 3),
        "random pixels, grey": lambda: random_pixels(random, 1, 1),
        "random squares of 2 pixels": lambda: random_pixels(random, 2, 3),
        "black and white pixels": lambda: salt_and_pepper(random),
        "one colour, noise of 40": lambda: plain(random, 40),
    }
    for name, make in kinds.items():
        yield name, [make() for _ in squares]
    yield "drowned in noise", [drowned(random, square) for square in squares]


def row(name: str, squares: Iterable[Square]) -> str:
    """A line of the table: how many, and the share that is called each flaw."""
    said = Counter(flaw(square) for square in squares)
    count = said.total()
    shares = [count - said[None], *(said[kind] for kind in Flaw)]
    return f"| {name} | {count} | " + " | ".join(f"{n / count:.1%}" for n in shares) + " |"


def main(data: str, photos: str) -> None:
    """Print both tables."""
    head = " | ".join(["n", "flagged", *(kind.value for kind in Flaw)])
    rule = "|---" * (3 + len(Flaw)) + "|"
    sets = photographs(Path(data), Path(photos))
    print(f"| photographs | {head} |\n{rule}")
    for name, paths in sets.items():
        print(row(name, (shaped(path, GEOMETRY) for path in paths)), flush=True)
    valid = sets["flowers102/valid"]
    some = [shaped(path, GEOMETRY) for path in valid[:: -(-len(valid) // MADE)]]
    print(f"\n| made pictures | {head} |\n{rule}")
    for name, squares in made(some):
        print(row(name, squares), flush=True)


def _pixels(values: NDArray[np.floating | np.integer]) -> Square:
    pixels: Square = np.rint(np.clip(values, 0, 255)).astype(np.uint8)
    return pixels


if __name__ == "__main__":
    main(*sys.argv[1:])
