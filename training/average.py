"""One network from several: the mean of their weights ("model soups": Wortsman et al. 2022).

Networks that were fine-tuned from the same one often lie in one valley of the loss, and their mean
lower than either. It costs nothing when it answers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from florapp.core.errors import DataError
from training.dataset import Photo, listed, name_of
from training.files import write_json, write_whole
from training.progress import say
from training.run import Run, check_alike, load


def average(folders: Sequence[Path], shares: Sequence[float], out: Path) -> None:
    """Write the mean of the runs' best networks into ``out``, by their ``shares`` of the sum.

    It is a run without epochs: export, evaluate and ``fit --weights`` take it. For its photographs
    it has those of the first. Raises DataError where the runs do not fit together, and where
    ``out`` is a run already.
    """
    names = [folder.resolve().name for folder in folders]
    if len(folders) < 2 or len(shares) != len(folders):
        raise DataError("Name two runs or more, and a share for each of them or for none.")
    if len(set(names)) < len(names):
        raise DataError("Two of these runs have the same name. Rename the folder of one.")
    if not math.isfinite(sum(shares)) or min(shares) < 0 or sum(shares) == 0:
        raise DataError("The shares are numbers from 0 on, and not all 0.")
    if (out / "run.json").exists():
        raise DataError(f"{out} is a run already. Choose another folder with --out.")
    first = load(folders[0])
    weights = [first.network.get_weights()]
    for folder in folders[1:]:
        check_alike(folder, first.recipe.model, first.classes)
        other = load(folder)
        _check_held_back(first, other, folder)
        weights.append(other.network.get_weights())
    parts = np.array(shares) / sum(shares)
    layers = zip(*weights, strict=True)
    mean = [sum(p * w for p, w in zip(parts, layer, strict=True)) for layer in layers]
    first.network.set_weights(mean)
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / "best.weights.h5", first.network.save_weights)
    mean_of = {name: float(part) for name, part in zip(names, parts, strict=True)}
    write_json(out / "run.json", first.facts | {"mean_of": mean_of})


def _check_held_back(first: Run, other: Run, folder: Path) -> None:
    """Raise DataError where one of two runs has learnt from what the other has held back."""
    learnt, held_back = zip(*map(_photographs, (first, other)), strict=True)
    if learnt[0] & held_back[1] or learnt[1] & held_back[0]:
        raise DataError(
            f"{folder} has held back other photographs than the first run: the mean of both would "
            "know photographs that it is measured with."
        )
    if twins := {*first.recipe.data.twins} ^ {*other.recipe.data.twins}:
        say(f"{len(twins)} photographs whose picture is held back taught one of two runs")


def _photographs(run: Run) -> tuple[set[str], set[str]]:
    """Return what a run has learnt from, and what it has held back, by name."""
    folder = run.facts.get("folder")
    if not folder or not Path(folder).is_dir():
        raise DataError(
            f"The photographs of a run are no longer in {folder}. Put them back, or call its fit "
            "once more with --data, which notes where they are."
        )
    found = listed(Path(folder), run.recipe.data)

    def names(photos: Sequence[Photo]) -> set[str]:
        return {name_of(photo.path, found.root) for photo in photos}

    return names(found.train), names((*found.valid, *found.test))
