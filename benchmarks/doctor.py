"""Does the data doctor find what is wrong? Faults are planted in a copy of real photographs.

    python benchmarks/doctor.py $DATA [--weights FILE] [--strangers FOLDER] [--photographs N]

Examines an untouched copy and a spoilt one of $DATA, and prints a Markdown table: of each fault how
many were planted, found and missed; how many photographs without any were accused in the spoilt
copy and not in the untouched one (falsely: nothing is wrong with them that was not before; a twin
of one that was put into another class is under two classes now, and not counted); and how many were
in the untouched one, rightly or not, for eyes to judge. FILE is resnet50_imagenet_notop.h5; without
it nothing that needs the network is planted, and without a folder of strangers no outliers are.
"""

from __future__ import annotations

import argparse
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from florapp.core.folders import pictures_under
from florapp.core.images import decode
from florapp.core.source import Source
from training.config import Data, Recipe
from training.dataset import Dataset, Photo, find, name_of
from training.doctor.checkup import Checkup, check_up
from training.doctor.findings import Kind

EACH = 20  # faults of a kind, where there are photographs enough
SWAPPED = 0.03  # labels
STRANGERS = 0.01


class Spoiler:
    """Plants faults in the photographs of ``dataset``, no two in one, and remembers which where."""

    def __init__(self, dataset: Dataset) -> None:
        self.root, self.classes = dataset.root, dataset.classes
        self.planted: dict[Kind, set[str]] = {}
        self.random = np.random.default_rng(1)
        self._train, self._valid = (
            [photos[int(i)] for i in self.random.permutation(len(photos))]
            for photos in (dataset.train, dataset.valid)
        )
        self._each = min(EACH, len(dataset.train) // 20, len(dataset.valid) // 2)
        self._swapped = round(SWAPPED * len(dataset.train))

    def files(self) -> None:
        """Plant what is wrong with files and pictures by themselves, and twins."""
        alone: dict[Kind, Callable[[Path], Path]] = {
            Kind.UNREADABLE: cut_short,
            Kind.EMPTY: self.plain,
            Kind.BLURRED: blurred,
            Kind.TINY: tiny,
            Kind.ENDING: renamed,
        }
        for kind, spoil in alone.items():
            self._note(kind, [spoil(self._train.pop().path) for _ in range(self._each)])
        for _ in range(self._each):
            self.conflict(self._train.pop())
            photo = self._valid.pop()
            copy = self.root / "train" / self.classes[photo.label] / f"anew_{photo.path.stem}.jpg"
            saved_anew(photo.path, copy, self.random)
            self._note(Kind.LEAK, [copy])
            photo = self._train.pop()
            copy = photo.path.with_name(f"zz_{photo.path.name}")
            self._note(Kind.REPEAT, [Path(shutil.copy(photo.path, copy))])

    def labels(self) -> None:
        """Move some photographs to another class."""
        for _ in range(self._swapped):
            photo = self._train.pop()
            self._note(Kind.MISLABEL, [photo.path.rename(self._elsewhere(photo))])

    def strangers(self, folder: Path) -> None:
        """Put pictures of other things among the photographs."""
        found = list(pictures_under(folder))
        some = self.random.permutation(len(found))[: round(STRANGERS * len(self._train))]
        for i in some:
            name = self.classes[int(self.random.integers(len(self.classes)))]
            copy = self.root / "train" / name / f"stranger_{found[i].name}"
            self._note(Kind.OUTLIER, [Path(shutil.copy(found[i], copy))])

    def conflict(self, photo: Photo) -> None:
        """Copy a photograph into another class."""
        copy = Path(shutil.copy(photo.path, self._elsewhere(photo)))
        self._note(Kind.CONFLICT, [photo.path, copy])

    def plain(self, path: Path) -> Path:
        """Paint over it."""
        colour = tuple(int(value) for value in self.random.integers(0, 256, 3))
        size = Image.open(path).size
        return _save(Image.new("RGB", size, colour), path)

    def _elsewhere(self, photo: Photo) -> Path:
        step = 1 + int(self.random.integers(len(self.classes) - 1))
        name = self.classes[(photo.label + step) % len(self.classes)]
        return self.root / "train" / name / f"moved_{photo.path.name}"

    def _note(self, kind: Kind, paths: list[Path]) -> None:
        self.planted.setdefault(kind, set()).update(name_of(path, self.root) for path in paths)


def cut_short(path: Path) -> Path:
    """Keep the first half of the file."""
    path.write_bytes((content := path.read_bytes())[: len(content) // 2])
    return path


def blurred(path: Path) -> Path:
    """Blur it by 8 of 224 pixels."""
    image = _image(path)
    return _save(image.filter(ImageFilter.GaussianBlur(min(image.size) * 8 / 224)), path)


def tiny(path: Path) -> Path:
    """Make a thumbnail of it."""
    image = _image(path)
    image.thumbnail((48, 48))
    return _save(image, path)


def renamed(path: Path) -> Path:
    """Give it the ending of another format."""
    return path.rename(path.with_suffix(".png" if path.suffix != ".png" else ".jpg"))


def saved_anew(path: Path, to: Path, random: np.random.Generator) -> None:
    """Cut up to 4 % off each side, make it smaller, save it as a poor JPEG."""
    image = _image(path)
    left, top, right, bottom = random.uniform(0, 0.04, 4)
    width, height = image.size
    image = image.crop(
        (round(left * width), round(top * height), width - round(right * width),
         height - round(bottom * height))
    )  # fmt: skip
    scale = random.uniform(0.6, 0.9)
    image = image.resize((round(image.width * scale), round(image.height * scale)))
    image.save(to, quality=60)


def copied(dataset: Dataset, to: Path, most: int) -> Dataset:
    """Copy the photographs, ``most`` at most, into train/ and valid/ folders; find them there."""
    step = max(1, -(-(len(dataset.train) + len(dataset.valid)) // most))
    for split, photos in (("train", dataset.train), ("valid", dataset.valid)):
        for photo in photos[::step]:
            folder = to / split / dataset.classes[photo.label]
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(photo.path, folder)
    return find(to, Data())


def rows(planted: dict[Kind, set[str]], before: Checkup, after: Checkup) -> Iterator[str]:
    """Yield the lines of the table."""
    spoilt: set[str] = set().union(*planted.values())
    moved = planted.get(Kind.CONFLICT, set()) | planted.get(Kind.MISLABEL, set())
    yield "| fault | planted | found | missed | falsely accused | accused in the untouched copy |"
    yield "|---|---|---|---|---|---|"
    for kind in Kind:
        if kind in planted:
            was, told = ({f.path for f in checkup.of(kind)} for checkup in (before, after))
            hidden = planted[kind]
            twins = {f.path for f in after.of(kind) if f.partner in moved}
            falsely = told - spoilt - was - (twins if kind is Kind.CONFLICT else set())
            cells = len(hidden), len(hidden & told), len(hidden - told), len(falsely)
            yield f"| {kind.value} | {' | '.join(map(str, cells))} | {len(was)} |"


def giveaway(dataset: Dataset) -> str:
    """Halve the pictures of every second class; say what is told of it."""
    for photo in (*dataset.train, *dataset.valid):
        if photo.label % 2:
            image = _image(photo.path)
            _save(image.resize((max(1, image.width // 2), max(1, image.height // 2))), photo.path)
    return "; ".join(finding.detail for finding in _checked(dataset, None).of(Kind.GIVEAWAY))


def _checked(dataset: Dataset, weights: Path | None) -> Checkup:
    return check_up(find(dataset.root, Data()), Recipe(), weights)


def _image(path: Path) -> Image.Image:
    return decode(Source.of(path)).image


def _save(image: Image.Image, path: Path) -> Path:
    buffer = io.BytesIO()
    image.save(buffer, Image.registered_extensions()[path.suffix.lower()])
    path.write_bytes(buffer.getvalue())
    return path


def main() -> None:
    """Plant, examine, count."""
    options = argparse.ArgumentParser()
    options.add_argument("data", type=Path)
    options.add_argument("--weights", type=Path)
    options.add_argument("--strangers", type=Path)
    options.add_argument("--photographs", type=int, default=10_000)
    given = options.parse_args()
    whole = find(given.data, Data())
    with tempfile.TemporaryDirectory() as folder:
        healthy, spoilt, halved = (
            copied(whole, Path(folder) / name, given.photographs) for name in ("a", "b", "c")
        )
        spoiler = Spoiler(spoilt)
        spoiler.files()
        if given.weights:
            spoiler.labels()
        if given.weights and given.strangers:
            spoiler.strangers(given.strangers)
        before, after = _checked(healthy, given.weights), _checked(spoilt, given.weights)
        count = len(healthy.train) + len(healthy.valid)
        print(f"\n{count} photographs of {len(healthy.classes)} classes\n")
        print("\n".join(rows(spoiler.planted, before, after)))
        told = "; ".join(finding.detail for finding in before.of(Kind.GIVEAWAY))
        print(f"\nGiveaways in the untouched copy: {told or 'none'}")
        print(f"Every second class halved in size: {giveaway(halved) or 'none'}")


if __name__ == "__main__":
    main()
