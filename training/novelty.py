"""How unlike the training photographs a picture is: fitted on its features, put into the graph.

Two things give a stranger away. Other things than flowers have features that lie outside the space
that the training photographs span (the residual of ViM: Wang et al. 2022; here in parts of the
whole, so that neither a faint nor a bold picture counts for more). Flowers that are not listed lie
inside it, but no class claims them: they have not gone from the middle of all classes towards any
class's centre as far as its own do. How far is measured with the covariance within the classes,
which makes it linear in the features: Fisher's discriminants. The features are centred and brought
to one length before (Wang et al. 2019, "SimpleShot"). It is akin to the relative Mahalanobis
distance (Ren et al. 2021), with the distance to the middle in place of that to a second normal
distribution.

The novelty is what the residual exceeds the usual by, less the claim, each in units of its spread
over held-out photographs; the residual of unlisted flowers is hardly larger than that of listed
ones. benchmarks/novelty.py compares it with others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
import scipy.linalg
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from florapp.core.errors import DataError

#: Directions that the training photographs span: of 64 to 256 the most told strangers best.
KEPT = 256
#: From how many spreads above the mean on the residual counts, and how much against the claim:
#: with more of it unlisted flowers are told worse, with less cats, dogs and fruit are.
FROM, WEIGHT = 1.5, 2.0
#: What is added to every direction's variance within the classes, in parts of the mean one: of
#: 0.003 to 3 about the one with which the discriminants name most held-out photographs rightly.
SHRINKAGE = 0.01
#: Of the centre's squared distance, by which a claim is divided. With 1 it is the part of the way
#: to the centre, with 1/2 the way itself; docs/honesty.md says what either tells best.
EXPONENT = 0.8
_LEAST = 1e-6  # spread, or squared length, that is still divided by
_PREFIX = "novelty_"

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Detector:
    """``mean`` ``[features]`` and ``basis`` ``[features, kept]`` of the training photographs.

    ``middle`` ``[features]`` is that of the classes, however many photographs each has, and
    ``weights`` ``[features, classes]`` say how much each class claims a picture. ``residual`` and
    ``claim`` are (mean, spread) of either part over held-out photographs, the claim being that of
    the class that claims most.
    """

    mean: Floats
    basis: Floats
    middle: Floats
    weights: Floats
    residual: tuple[float, float] = (0.0, 1.0)
    claim: tuple[float, float] = (0.0, 1.0)

    def novelty(self, features: Floats) -> Floats:
        """Return ``[photos]`` of ``[photos, features]``."""
        residual = (self.outside(features) - self.residual[0]) / self.residual[1]
        claim = (self.claimed(features) - self.claim[0]) / self.claim[1]
        novelty: Floats = WEIGHT * np.maximum(residual - FROM, 0) - claim
        return novelty

    def outside(self, features: Floats) -> Floats:
        """Say how much of each row of ``features`` lies outside the basis: 0 none of it, 1 all."""
        centred = features - self.mean
        inside = ((centred @ self.basis) ** 2).sum(axis=1)
        whole = (centred**2).sum(axis=1)
        residual: Floats = np.sqrt(np.maximum(whole - inside, 0) / np.maximum(whole, _LEAST))
        return residual

    def claimed(self, features: Floats) -> Floats:
        """Say how much the class that claims each row of ``features`` most does so."""
        claim: Floats = (_unit(features - self.middle) @ self.weights).max(axis=1)
        return claim


def fit_detector(
    train: Floats, labels: NDArray[np.int_], features: Floats, *, exponent: float = EXPONENT
) -> Detector:
    """Fit the detector on the features of the training photographs, ``train``, and their classes.

    ``features`` of held-out photographs give the scale: the network knows those that it was trained
    with too well. ``exponent`` is explained at EXPONENT.
    """
    mean = train.mean(axis=0)
    centred = (train - mean).astype(np.float64)
    _, directions = np.linalg.eigh(centred.T @ centred)  # rising
    kept = min(KEPT, directions.shape[1] // 2)  # a small network's features leave no residual else
    classes = np.unique(labels)
    middle = np.mean([train[labels == label].mean(axis=0) for label in classes], axis=0)
    detector = Detector(
        mean.astype(np.float32),
        directions[:, -kept:].astype(np.float32),
        middle.astype(np.float32),
        _claims(_unit((train - middle).astype(np.float64)), labels, exponent),
    )
    residual, claim = detector.outside(features), detector.claimed(features)
    return replace(
        detector,
        residual=(float(residual.mean()), max(float(residual.std()), _LEAST)),
        claim=(float(claim.mean()), max(float(claim.std()), _LEAST)),
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
    claim_mean, claim_spread = detector.claim
    features, kept = detector.basis.shape
    constants = {
        "mean": detector.mean,
        "basis": detector.basis,
        "sum": np.ones((features, 1), np.float32),
        "sum_kept": np.ones((kept, 1), np.float32),
        "least": np.array(_LEAST, np.float32),
        "nothing": np.array(0, np.float32),
        "middle": detector.middle,
        "weights": detector.weights,
        "first": np.array([1]),
        "every": np.array([-1]),
        "scale": np.array(1 / residual_spread, np.float32),
        "usual": np.array(residual_mean / residual_spread + FROM, np.float32),
        "weight": np.array(WEIGHT, np.float32),
        "claim_scale": np.array(1 / claim_spread, np.float32),
        "offset": np.array(claim_mean / claim_spread, np.float32),
    }
    graph.initializer.extend(
        numpy_helper.from_array(value, _PREFIX + name) for name, value in constants.items()
    )
    for operator, inputs, output, options in _STEPS:
        names = [name if name == "embedding" else _PREFIX + name for name in inputs]
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
    ("Sub", ("embedding", "middle"), "away", {}),
    ("Mul", ("away", "away"), "away_squares", {}),
    ("MatMul", ("away_squares", "sum"), "away_whole", {}),
    ("Max", ("away_whole", "least"), "away_not_zero", {}),
    ("Sqrt", ("away_not_zero",), "length", {}),
    ("Div", ("away", "length"), "unit", {}),
    ("MatMul", ("unit", "weights"), "claims", {}),
    ("TopK", ("claims", "first"), "claim claim_class", {"axis": 1, "largest": 1}),
    ("Mul", ("claim", "claim_scale"), "claim_part", {}),
    ("Sub", ("residual_part", "claim_part"), "both", {}),
    ("Add", ("both", "offset"), "column", {}),
    ("Reshape", ("column", "every"), "novelty", {}),
)


def _unit(centred: NDArray[Any]) -> NDArray[Any]:
    """Bring every row to length 1."""
    squares = np.maximum((centred**2).sum(axis=1, keepdims=True), _LEAST)
    unit: NDArray[Any] = centred / np.sqrt(squares)
    return unit


def _claims(unit: NDArray[Any], labels: NDArray[np.int_], exponent: float) -> Floats:
    """Return how much each feature speaks for each class, ``[features, classes]``."""
    classes, counts = np.unique(labels, return_counts=True)
    centres = np.stack([unit[labels == label].mean(axis=0) for label in classes])
    shares = (counts / len(unit))[:, np.newaxis]
    within = unit.T @ unit / len(unit) - centres.T @ (shares * centres)
    variance = float(np.trace(within)) / len(within)
    within[np.diag_indices_from(within)] += max(SHRINKAGE * variance, _LEAST**2)
    weights = scipy.linalg.solve(within, centres.T, assume_a="pos")
    distances = np.maximum((weights * centres.T).sum(axis=0), _LEAST)
    claims: Floats = (weights / distances**exponent).astype(np.float32)
    return claims
