"""How unlike the training photographs a picture is: fitted on its features, put into the graph.

Two things give a stranger away. Other things than flowers have features that lie outside the space
that the training photographs span (the residual of ViM: Wang et al. 2022; here in parts of the
whole, so that neither a faint nor a bold picture counts for more). Flowers that are not listed lie
inside it, but no class claims them alone: the ten most probable share the probability (generalised
entropy: Liu, Lochman and Zach 2023). The novelty is the sum of both, each in units of its spread
over held-out photographs; of the residual only what is more than usual counts, for unlisted flowers
have less of it than listed ones. benchmarks/novelty.py compares it with others.
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
#: From how many spreads above the mean on the residual counts, and how much against the entropy:
#: with less, cats and dogs are told worse, with more, unlisted flowers.
FROM, WEIGHT = 1.0, 2.0
#: Of how many classes the entropy is, the most probable ones, and its exponent.
CLASSES, EXPONENT = 10, 0.1
_LEAST = 1e-6  # spread, or squared length, that is still divided by
_PREFIX = "novelty_"

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Detector:
    """``mean`` ``[features]`` and ``basis`` ``[features, kept]`` of the training photographs.

    ``residual`` and ``entropy`` are (mean, spread) of either part over held-out photographs.
    """

    mean: Floats
    basis: Floats
    residual: tuple[float, float] = (0.0, 1.0)
    entropy: tuple[float, float] = (0.0, 1.0)

    def novelty(self, features: Floats, probabilities: Floats) -> Floats:
        """Return ``[photos]`` of ``[photos, features]`` and ``[photos, classes]``."""
        residual = (_residual(self, features) - self.residual[0]) / self.residual[1]
        entropy = (generalised_entropy(probabilities) - self.entropy[0]) / self.entropy[1]
        novelty: Floats = WEIGHT * np.maximum(residual - FROM, 0) + entropy
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
    residual, entropy = _residual(detector, features), generalised_entropy(probabilities)
    return Detector(
        detector.mean,
        detector.basis,
        (float(residual.mean()), max(float(residual.std()), _LEAST)),
        (float(entropy.mean()), max(float(entropy.std()), 1e-2)),
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
    entropy_mean, entropy_spread = detector.entropy
    features, kept = detector.basis.shape
    classes = min(CLASSES, _classes(graph))
    constants = {
        "mean": detector.mean,
        "basis": detector.basis,
        "sum": np.ones((features, 1), np.float32),
        "sum_kept": np.ones((kept, 1), np.float32),
        "least": np.array(_LEAST, np.float32),
        "nothing": np.array(0, np.float32),
        "one": np.array(1, np.float32),
        "classes": np.array([classes]),
        "exponent": np.array(EXPONENT, np.float32),
        "sum_classes": np.ones((classes, 1), np.float32),
        "every": np.array([-1]),
        "scale": np.array(1 / residual_spread, np.float32),
        "usual": np.array(residual_mean / residual_spread + FROM, np.float32),
        "weight": np.array(WEIGHT, np.float32),
        "entropy_scale": np.array(1 / entropy_spread, np.float32),
        "offset": np.array(entropy_mean / entropy_spread, np.float32),
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


def _classes(graph: onnx.GraphProto) -> int:
    """How many classes the graph tells apart."""
    (given,) = (output for output in graph.output if output.name == "probabilities")
    return int(given.type.tensor_type.shape.dim[1].dim_value)


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
    ("TopK", ("probabilities", "classes"), "best best_classes", {"axis": 1, "largest": 1}),
    ("Sub", ("one", "best"), "others", {}),
    ("Mul", ("best", "others"), "variance", {}),
    ("Max", ("variance", "nothing"), "positive", {}),
    ("Pow", ("positive", "exponent"), "powers", {}),
    ("MatMul", ("powers", "sum_classes"), "entropy", {}),
    ("Mul", ("entropy", "entropy_scale"), "entropy_part", {}),
    ("Add", ("residual_part", "entropy_part"), "both", {}),
    ("Sub", ("both", "offset"), "column", {}),
    ("Reshape", ("column", "every"), "novelty", {}),
)


def _residual(detector: Detector, features: Floats) -> Floats:
    """How much of each row of ``features`` lies outside the basis: 0 none of it, 1 all."""
    centred = features - detector.mean
    inside = ((centred @ detector.basis) ** 2).sum(axis=1)
    whole = np.maximum((centred**2).sum(axis=1), _LEAST)
    residual: Floats = np.sqrt(np.maximum(whole - inside, 0) / whole)
    return residual


def generalised_entropy(probabilities: Floats) -> Floats:
    """Say how evenly the most probable classes share a row: the sum of (p (1 - p)) ^ EXPONENT.

    ``[photos]`` of ``[photos, classes]``.
    """
    best = -np.sort(-probabilities, axis=1)[:, :CLASSES]
    entropy: Floats = (np.maximum(best * (1 - best), 0) ** EXPONENT).sum(axis=1)
    return entropy
