"""One network from several: the mean of their weights ("model soups": Wortsman et al. 2022).

Networks that were fine-tuned from the same one often lie in one valley of the loss, and their mean
lower than either. It costs nothing when it answers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from florapp.core.errors import DataError
from training.config import Data
from training.files import write_json, write_whole
from training.run import check_alike, load


def average(folders: Sequence[Path], shares: Sequence[float], out: Path) -> None:
    """Write the mean of the runs' best networks into ``out``, by their ``shares`` of the sum.

    It is a run without epochs: export, evaluate and ``fit --weights`` take it. For its photographs
    it has those of the first. Raises DataError where the runs do not fit together, and where
    ``out`` is a run already.
    """
    if len(folders) < 2 or len(shares) != len(folders):
        raise DataError("Name two runs or more, and a share for each of them or for none.")
    if min(shares) < 0 or sum(shares) <= 0:
        raise DataError("The shares are numbers from 0 on, and not all 0.")
    if (out / "run.json").exists():
        raise DataError(f"{out} is a run already. Choose another folder with --out.")
    first = load(folders[0])
    weights = [first.network.get_weights()]
    for folder in folders[1:]:
        check_alike(folder, first.recipe.model, first.classes)
        other = load(folder)
        if _held_back(other.recipe.data) != _held_back(first.recipe.data):
            raise DataError(
                f"{folder} has held back other photographs than {folders[0]}: the mean of both "
                "would know photographs that it is measured with."
            )
        weights.append(other.network.get_weights())
    parts = np.array(shares) / sum(shares)
    layers = zip(*weights, strict=True)
    mean = [sum(p * w for p, w in zip(parts, layer, strict=True)) for layer in layers]
    first.network.set_weights(mean)
    mean_of = {folder.name: float(part) for folder, part in zip(folders, parts, strict=True)}
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / "best.weights.h5", first.network.save_weights)
    write_json(out / "run.json", first.facts | {"mean_of": mean_of})


def _held_back(data: Data) -> Data:
    """What decides which photographs are held back."""
    return dataclasses.replace(data, exclude=[], twins=[], labels="", licence="", provenance="")
