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
from training import learnt
from training.files import write_json, write_whole
from training.run import check_alike, load


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
    weights, known = [first.network.get_weights()], learnt.read(first.facts.get("learnt_from"))
    for folder in folders[1:]:
        check_alike(folder, first.recipe.model, first.classes)
        other = load(folder)
        weights.append(other.network.get_weights())
        known |= learnt.read(other.facts.get("learnt_from"))
    parts = np.array(shares) / sum(shares)
    layers = zip(*weights, strict=True)
    mean = [sum(p * w for p, w in zip(parts, layer, strict=True)) for layer in layers]
    first.network.set_weights(mean)
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / "best.weights.h5", first.network.save_weights)
    mean_of = {name: float(part) for name, part in zip(names, parts, strict=True)}
    write_json(
        out / "run.json",
        first.facts | {"mean_of": mean_of, "learnt_from": learnt.written(known)},
    )
