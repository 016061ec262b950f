"""How unlike the training photographs a picture is: fitted on its features, put into the graph.

Two things give a stranger away. Other things than flowers have features that lie outside the space
that the training photographs span (the residual of ViM: Wang et al. 2022; here in parts of the
whole, so that neither a faint nor a bold picture counts for more). Flowers that are not listed lie
inside it, but no class claims them: the odds of the best are low (maximum softmax: Hendrycks and
Gimpel 2017). The novelty is the sum of both, each in units of its spread over held-out
photographs; of the residual only what is more than usual counts, for unlisted flowers have less of
it than listed ones. benchmarks/novelty.py compares it with others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from florapp.core.errors import DataError

#: Directions that the training photographs span: of 64 to 256 the most told strangers best.
KEPT = 256
#: From how many spreads above the mean on the residual counts, and how much against the odds: with
#: less, cats and dogs are told worse, with more, unlisted flowers.
FROM, WEIGHT = 1.0, 2.0
_LEAST = 1e-6  # probability whose logarithm is still taken
_PREFIX = "novelty_"

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Detector:
    """``mean`` ``[features]`` and ``basis`` ``[features, kept]`` of the training photographs.

    ``residual`` and ``odds`` are (mean, spread) of either part over held-out photographs.
    """

    mean: Floats
    basis: Floats
    residual: tuple[float, float] = (0.0, 1.0)
    odds: tuple[float, float] = (0.0, 1.0)

    def novelty(self, features: Floats, probabilities: Floats) -> Floats:
        """Return ``[photos]`` of ``[photos, features]`` and ``[photos, classes]``."""
        residual = (_residual(self, features) - self.residual[0]) / self.residual[1]
        odds = (_odds(probabilities) - self.odds[0]) / self.odds[1]
        novelty: Floats = WEIGHT * np.maximum(residual - FROM, 0) - odds
        return novelty


def fit_detector(train: Floats, features: Floats, probabilities: Floats) -> Detector:
    """Fit the detector on the features of the training photographs, ``train``.

    ``features`` and ``probabilities`` of held-out photographs give the scale: the network knows
    those that it was trained with too well.
    """
    mean = train.mean(axis=0)
    centred = (train - mean).astype(np.float64)
    _, directions = np.linalg.eigh(centred.T @ centred)  # rising
    kept = min(KEPT, directions.shape[1] // 2)  # a small network's features leave no residual else
    detector = Detector(mean.astype(np.float32), directions[:, -kept:].astype(np.float32))
    residual, odds = _residual(detector, features), _odds(probabilities)
    return Detector(
        detector.mean,
        detector.basis,
        (float(residual.mean()), max(float(residual.std()), _LEAST)),
        (float(odds.mean()), max(float(odds.std()), 1e-2)),
    )


def add_novelty(model: onnx.ModelProto, detector: Detector) -> None:
    """Append the output ``novelty``, float32 ``[batch]``, or replace the one that is there.

    Raises DataError for a graph without an ``embedding``.
    """
    graph = model.graph
    if "embedding" not in [output.name for output in graph.output]:
        raise DataError(
            "The novelty needs the network's features, and the file has no output 'embedding'. "
            "Export it with 'python -m training export'."
        )
    remove_novelty(graph)
    residual_mean, residual_spread = detector.residual
    odds_mean, odds_spread = detector.odds
    features, kept = detector.basis.shape
    constants = {
        "mean": detector.mean,
        "basis": detector.basis,
        "sum": np.ones((features, 1), np.float32),
        "sum_kept": np.ones((kept, 1), np.float32),
        "least": np.array(_LEAST, np.float32),
        "nothing": np.array(0, np.float32),
        "certain": np.array(1 + _LEAST, np.float32),
        "one": np.array([1]),
        "every": np.array([-1]),
        "scale": np.array(1 / residual_spread, np.float32),
        "usual": np.array(residual_mean / residual_spread + FROM, np.float32),
        "weight": np.array(WEIGHT, np.float32),
        "odds_scale": np.array(1 / odds_spread, np.float32),
        "offset": np.array(odds_mean / odds_spread, np.float32),
    }
    graph.initializer.extend(
        numpy_helper.from_array(value, _PREFIX + name) for name, value in constants.items()
    )
    for operator, inputs, output, options in _STEPS:
        names = [name if name in _GIVEN else _PREFIX + name for name in inputs]
        made = [each if each == "novelty" else _PREFIX + each for each in output.split()]
        graph.node.append(helper.make_node(operator, names, made, made[0], **options))
    graph.output.append(helper.make_tensor_value_info("novelty", TensorProto.FLOAT, ["batch"]))


def remove_novelty(graph: onnx.GraphProto) -> None:
    """Take the novelty out of ``graph``, if there is one."""
    for part in (graph.node, graph.initializer):
        for item in [item for item in part if item.name.startswith("novelty")]:
            part.remove(item)
    for output in [output for output in graph.output if output.name == "novelty"]:
        graph.output.remove(output)


_GIVEN = ("embedding", "probabilities")
#: (operator, inputs, output, attributes): sums are products with ones, which every opset knows.
_STEPS: tuple[tuple[str, tuple[str, ...], str, dict[str, Any]], ...] = (
    ("Sub", ("embedding", "mean"), "centred", {}),
    ("Mul", ("centred", "centred"), "squares", {}),
    ("MatMul", ("squares", "sum"), "whole", {}),
    ("MatMul", ("centred", "basis"), "spanned", {}),
    ("Mul", ("spanned", "spanned"), "spanned_squares", {}),
    ("MatMul", ("spanned_squares", "sum_kept"), "inside", {}),
    ("Sub", ("whole", "inside"), "outside", {}),
    ("Max", ("outside", "nothing"), "not_negative", {}),
    ("Max", ("whole", "least"), "not_zero", {}),
    ("Div", ("not_negative", "not_zero"), "share", {}),
    ("Sqrt", ("share",), "residual", {}),
    ("Mul", ("residual", "scale"), "scaled", {}),
    ("Sub", ("scaled", "usual"), "above", {}),
    ("Max", ("above", "nothing"), "unusual", {}),
    ("Mul", ("unusual", "weight"), "residual_part", {}),
    ("TopK", ("probabilities", "one"), "best best_class", {"axis": 1, "largest": 1}),
    ("Sub", ("certain", "best"), "others", {}),
    ("Log", ("best",), "log_best", {}),
    ("Log", ("others",), "log_others", {}),
    ("Sub", ("log_best", "log_others"), "odds", {}),
    ("Mul", ("odds", "odds_scale"), "odds_part", {}),
    ("Sub", ("residual_part", "odds_part"), "both", {}),
    ("Add", ("both", "offset"), "column", {}),
    ("Reshape", ("column", "every"), "novelty", {}),
)


def _residual(detector: Detector, features: Floats) -> Floats:
    """How much of each row of ``features`` lies outside the basis: 0 none of it, 1 all."""
    centred = features - detector.mean
    inside = ((centred @ detector.basis) ** 2).sum(axis=1)
    whole = np.maximum((centred**2).sum(axis=1), _LEAST)
    residual: Floats = np.sqrt(np.maximum(whole - inside, 0) / whole)
    return residual


def _odds(probabilities: Floats) -> Floats:
    """The logarithm of the odds of the most probable class."""
    best = probabilities.max(axis=1)
    odds: Floats = np.log(best) - np.log(np.float32(1 + _LEAST) - best)
    return odds
