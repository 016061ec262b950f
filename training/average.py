"""One network from several: the mean of their weights ("model soups": Wortsman et al. 2022).

Networks that were fine-tuned from the same one often lie in one valley of the loss, and their mean
lower than either. It costs nothing when it answers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from florapp.core.errors import DataError
from florapp.core.network import Network
from training import learnt
from training.files import write_json, write_weights
from training.from_model import check_model_file, head_of
from training.network import build, every_layer
from training.overlooked import check_outside
from training.progress import say
from training.run import Run, check_alike, load


def average(paths: Sequence[Path], shares: Sequence[float], out: Path) -> None:
    """Write the mean of the runs' best networks into ``out``, by their ``shares`` of the sum.

    All but the first may be model files, where that began from one too. It is a run without epochs:
    export, evaluate and ``fit --weights`` take it. For its photographs it has those of the first.
    Raises DataError where the networks do not fit together, and where ``out`` is a run already.
    """
    names = [path.resolve().name for path in paths]
    if len(paths) < 2 or len(shares) != len(paths):
        raise DataError("Name two runs or more, and a share for each of them or for none.")
    if len(set(names)) < len(names):
        raise DataError("Two of these runs have the same name. Rename the folder of one.")
    if not math.isfinite(sum(shares)) or min(shares) < 0 or sum(shares) == 0:
        raise DataError("The shares are numbers from 0 on, and not all 0.")
    if (out / "run.json").exists():
        raise DataError(f"{out} is a run already. Choose another folder with --out.")
    first = load(paths[0])
    if (root := Path(first.facts.get("folder", ""))).is_dir():
        check_outside(out, root, first.recipe.data)
    weights, known = [first.network.get_weights()], learnt.from_facts(first.facts)
    for path in paths[1:]:
        other, has_learnt = _of_run(path, first) if path.is_dir() else _of_file(path, first)
        weights.append(other.get_weights())
        known |= has_learnt
    parts = np.array(shares) / sum(shares)
    layers = zip(*weights, strict=True)
    mean = [sum(p * w for p, w in zip(parts, layer, strict=True)) for layer in layers]
    first.network.set_weights(mean)
    out.mkdir(parents=True, exist_ok=True)
    write_weights(out / "best.weights.h5", first.network)
    mean_of = {name: float(part) for name, part in zip(names, parts, strict=True)}
    facts = {"mean_of": mean_of} | known.as_facts()
    write_json(out / "run.json", first.facts | facts)
    if not known.whole:
        say(
            "Not all of them tell what they have learnt from. Should one know photographs that the "
            "first holds back, that flatters the mean"
        )


def _of_run(folder: Path, first: Run) -> tuple[keras.Model, learnt.Learnt]:
    """Return the network of a run, and what it has learnt from; tell of twins, which are no marks.

    They are what only one of two has left out because the same picture, saved anew, is held back.
    """
    check_alike(folder, first.recipe.model, first.classes)
    other = load(folder)
    if twins := {*first.recipe.data.twins} ^ {*other.recipe.data.twins}:
        say(f"{len(twins)} photographs whose picture is held back taught one of two runs")
    return other.network, learnt.from_facts(other.facts)


def _of_file(path: Path, first: Run) -> tuple[keras.Model, learnt.Learnt]:
    """Return the network in a model file, and what it has learnt from."""
    check_model_file(first.recipe.model.backbone, path)
    network = build(first.recipe.model, len(first.classes), path)
    head = network.get_layer("head")
    known = head_of(path, first.classes, *head.kernel.shape)
    if known is None:
        raise DataError(f"{path} is of other classes, or has another output.")
    head.set_weights(known)
    for one, other in zip(every_layer(first.network), every_layer(network), strict=True):
        normalises = isinstance(one, keras.layers.BatchNormalization)
        if normalises and not all(map(np.array_equal, one.get_weights(), other.get_weights())):
            raise DataError(
                f"In {path} the normalisations are within the convolutions, in the first run they "
                "are not: their mean would be of no use. Average it with runs that began from it."
            )
    return network, learnt.from_facts(Network(path).card.data)
