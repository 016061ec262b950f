"""What is wrong with one photograph by itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from florapp.core.folders import PICTURE_SUFFIXES
from florapp.core.quality import Flaw
from training.dataset import Dataset, name_of
from training.doctor.examine import Facts, format_named, format_of
from training.doctor.findings import Finding, Kind

#: A picture is tiny whose shorter side has fewer pixels than this, and fewer than half of what is
#: usual: where all are small, that is the kind of the data.
TINY = 64
#: A picture is blurred, too, whose square is less sharp than this and than a tenth of what is usual
#: (enlarged to the square, all small pictures are soft). 150 photographs as they are had 38 and
#: more; blurred by 5 of 224 pixels and saved as JPEG or WebP 3 to 17, by 8 pixels 2 to 9. Of the
#: latter quality.py, made for what nobody can name, misses those to which saving gave edges.
SOFT = 10.0
_EMPTY = {
    Flaw.BLANK: "The picture is plain: one colour, or one passing into another.",
    Flaw.DARK: "The picture is almost black.",
    Flaw.NOISE: "The picture is nothing but noise.",
}


def has_subject(facts: Facts) -> bool:
    """Say whether something may be seen in the photograph."""
    return facts.look is not None and facts.look.flaw not in _EMPTY


def faults(dataset: Dataset, examined: Sequence[Facts]) -> Iterator[Finding]:
    """Yield what is wrong with single photographs, and with files that are taken for none."""
    looks = [facts.look for facts in examined if facts.look]
    sides, sharp = [min(look.size) for look in looks], [look.sharpness for look in looks]
    least = min(TINY, float(np.median(sides)) / 2) if looks else 0.0
    soft = min(SOFT, float(np.median(sharp)) / 10) if looks else 0.0
    for facts in examined:
        for kind, detail in _faults(facts, least, soft):
            yield Finding(kind, facts.name, dataset.classes[facts.photo.label], detail)
    yield from _overlooked(dataset, examined)


def _faults(facts: Facts, least: float, soft: float) -> Iterator[tuple[Kind, str]]:
    if facts.look is None:
        yield Kind.UNREADABLE, facts.problem
        return
    width, height = facts.look.size
    if facts.look.flaw in _EMPTY:
        yield Kind.EMPTY, _EMPTY[facts.look.flaw]
    elif min(width, height) < least:
        yield Kind.TINY, f"It has {width} × {height} pixels."
    elif facts.look.flaw is Flaw.BLURRED or facts.look.sharpness < soft:
        yield Kind.BLURRED, "Hardly anything in the picture has an edge."
    suffix = facts.photo.path.suffix
    if facts.format != format_named(suffix):
        yield Kind.ENDING, f"The name ends in {suffix}, the content is {facts.format}."


def _overlooked(dataset: Dataset, examined: Sequence[Facts]) -> Iterator[Finding]:
    """Find pictures beside the photographs whose ending hides them from the training."""
    classes = {facts.photo.path.parent: facts.photo.label for facts in examined}
    for folder, label in sorted(classes.items()):
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            path = Path(entry.path)
            if (
                entry.name.startswith(".")
                or path.suffix.lower() in PICTURE_SUFFIXES
                or not entry.is_file()
            ):
                continue
            try:
                with path.open("rb") as file:
                    found = format_of(file)
            except OSError:  # the training would not miss it
                continue
            if found:
                ends = f"ends in {path.suffix}" if path.suffix else "has no ending"
                yield Finding(
                    Kind.ENDING,
                    name_of(path, dataset.root),
                    dataset.classes[label],
                    f"The name {ends}, the content is {found}: the training passes it over.",
                )
