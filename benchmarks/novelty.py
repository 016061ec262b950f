"""Which number tells best that a picture shows none of the known flowers?

On the features of the frozen starting network at 224 pixels, with a linear head as phase 1 of fit
has it: ten of the classes of flowers102 are left out, five times, and stand for unlisted flowers;
cats_dogs and fruit for other things. Prints the AUROC of each detector against the held-out
photographs of the other classes, and that of combinations as training/novelty.py has them. The
features are kept in the user's cache folder, as those of fit are.

    python benchmarks/novelty.py $DATA resnet50_imagenet_notop.h5

benchmarks/unlisted.py does the same with a network that was fine-tuned without ten classes.
"""

from __future__ import annotations

import itertools
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax
from scipy.stats import entropy
from sklearn.metrics import roc_auc_score

from florapp.core.folders import pictures_under
from training.config import load_recipe
from training.dataset import Photo, find
from training.features import frozen_features
from training.files import content_hash
from training.learn import fit_temperature
from training.novelty import EXPONENT, KEPT, fit_detector

RECIPE = Path(__file__).parents[1] / "training/recipes/flowers102_resnet50.toml"
DRAWS, LEFT_OUT = 5, 10
STRANGERS = ("unlisted", "cats_dogs", "fruit")

Floats = NDArray[np.float32]
Scores = dict[str, Floats]  # by set of photographs: the larger the stranger


def main(data: str, weights: str) -> None:
    """Print the table."""
    given = features(Path(data), Path(weights))
    found: dict[str, list[list[float]]] = defaultdict(list)
    random = np.random.default_rng(0)
    for draw in range(DRAWS):
        out = random.permutation(np.unique(given["valid_labels"]))[:LEFT_OUT]
        for name, scores in detectors(given, out).items():
            found[name].append([auroc(scores, stranger) for stranger in STRANGERS])
        print(f"draw {draw + 1} of {DRAWS}: classes {sorted(out.tolist())} left out", flush=True)
    print(f"{'':60}" + "".join(f"{name:>11}" for name in STRANGERS))
    for name, rows in sorted(found.items(), key=lambda item: -np.mean(item[1])):
        print(f"{name:60}" + "".join(f"{value:11.3f}" for value in np.mean(rows, axis=0)))


def features(data: Path, weights: Path) -> dict[str, Any]:
    """Run the frozen network on all photographs of flowers102 and some 1200 of each other kind."""
    recipe = load_recipe(RECIPE)
    dataset = find(data, recipe.data)
    sets: dict[str, Sequence[Photo]] = {"train": dataset.train, "valid": dataset.valid}
    for name in STRANGERS[1:]:
        paths = list(pictures_under(data / name))
        sets[name] = [Photo(path, 0) for path in paths[:: max(1, len(paths) // 1200)]]
    result: dict[str, Any] = {}
    for name, photos in sets.items():
        hashes = [content_hash(photo.path) for photo in photos]
        result[name] = frozen_features(photos, hashes, recipe, weights)
        result[f"{name}_labels"] = np.array([photo.label for photo in photos])
    return result


def detectors(given: dict[str, Any], out: NDArray[np.int_]) -> dict[str, Scores]:
    """Score every set by every detector, the classes ``out`` being unknown."""
    known = ~np.isin(given["train_labels"], out)
    train, labels = given["train"][known], given["train_labels"][known]
    listed = ~np.isin(given["valid_labels"], out)
    sets = {"known": given["valid"][listed], "unlisted": given["valid"][~listed]}
    sets |= {name: given[name] for name in STRANGERS[1:]}
    logits = linear(train, labels, sets)
    classes = np.unique(labels)
    truth = np.searchsorted(classes, given["valid_labels"][listed])
    temperature = fit_temperature(truth, logits["known"])
    said = {name: softmax(z / temperature, axis=1) for name, z in logits.items()}
    best = {name: p.max(axis=1) for name, p in said.items()}
    result: dict[str, Scores] = defaultdict(dict) | {
        "maximum softmax": {name: -p for name, p in best.items()},
        "odds": {name: np.log(1 + 1e-6 - p) - np.log(p) for name, p in best.items()},
        "entropy": {name: np.asarray(entropy(p, axis=1), np.float32) for name, p in said.items()},
        "generalised entropy": {name: generalised_entropy(p) for name, p in said.items()},
        "margin": {name: margin(z) for name, z in logits.items()},
        "largest logit": {name: -z.max(axis=1) for name, z in logits.items()},
        "energy": {name: -logsumexp(z, axis=1) for name, z in logits.items()},
    }
    result |= of_features(train, labels, sets)
    for exponent in (0.5, 1.0, EXPONENT):
        detector = fit_detector(train, labels, sets["known"], exponent=exponent)
        for name, x in sets.items():
            result[f"claim, exponent {exponent}"][name] = -detector.claimed(x)
    for name, x in sets.items():  # by the last one
        result["residual, relative"][name] = detector.outside(x)
        result["novelty: claim and residual as shipped"][name] = detector.novelty(x)
    residual = standard(result["residual, relative"])
    for kind in ("generalised entropy", f"claim, exponent {EXPONENT}"):
        answer = standard(result[kind])
        for above, weight in itertools.product((1, 1.5), (0.5, 1, 2)):
            title = f"{kind} + {weight} x the residual above {above}"
            for name in sets:
                more = weight * np.maximum(residual[name] - above, 0)
                result[title][name] = (answer[name] + more).astype(np.float32)
    return result


def generalised_entropy(probabilities: Floats) -> Floats:
    """Say how evenly the ten most probable classes share a row (Liu, Lochman and Zach 2023)."""
    best = -np.sort(-probabilities, axis=1)[:, :10]
    shared: Floats = (np.maximum(best * (1 - best), 0) ** 0.1).sum(axis=1)
    return shared


def margin(logits: Floats, classes: int = 5) -> Floats:
    """By how much the largest logit exceeds the mean of the next ones, negated."""
    largest = -np.sort(-logits, axis=1)
    nearness: Floats = largest[:, 1 : classes + 1].mean(axis=1) - largest[:, 0]
    return nearness


def linear(train: Floats, labels: NDArray[np.int_], sets: Scores) -> Scores:
    """Fit a linear head on ``train`` as training/fit.py does; return the logits of ``sets``."""
    classes, of = np.unique(labels, return_inverse=True)
    keras.utils.set_random_seed(0)
    head = keras.Sequential([keras.Input((train.shape[1],)), keras.layers.Dense(len(classes))])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    head.compile(keras.optimizers.AdamW(1e-3, weight_decay=1e-4), loss)
    head.fit(train, np.eye(len(classes))[of], batch_size=256, epochs=60, verbose=0)
    return {name: head.predict(x, verbose=0) for name, x in sets.items()}


def of_features(train: Floats, labels: NDArray[np.int_], sets: Scores) -> dict[str, Scores]:
    """Score by where the features lie: nearest class, nearest neighbours, outside of what spans."""
    mean = train.mean(axis=0)
    centred = train - mean
    _, directions = np.linalg.eigh(centred.T @ centred)
    basis = directions[:, -KEPT:]
    reduced = centred @ basis
    classes, of = np.unique(labels, return_inverse=True)
    centres = np.stack([reduced[labels == label].mean(axis=0) for label in classes])
    values, vectors = np.linalg.eigh(np.cov(reduced - centres[of], rowvar=False))
    whiten = vectors / np.sqrt(values + 0.1 * values.mean())
    unit = reduced / np.linalg.norm(reduced, axis=1, keepdims=True)
    result: dict[str, Scores] = defaultdict(dict)
    for name, x in sets.items():
        inside = (x - mean) @ basis
        whole = ((x - mean) ** 2).sum(axis=1)
        outside = np.maximum(whole - (inside**2).sum(axis=1), 0)
        result["residual"][name] = np.sqrt(outside)
        apart = (inside @ whiten)[:, np.newaxis] - centres @ whiten
        result["Mahalanobis"][name] = np.sqrt((apart**2).sum(axis=2).min(axis=1))
        cosines = inside / np.linalg.norm(inside, axis=1, keepdims=True) @ unit.T
        result["10th neighbour"][name] = -np.sort(cosines, axis=1)[:, -10]
    return result


def standard(scores: Scores) -> Scores:
    """Give ``scores`` in units of their spread over the known flowers."""
    mean, spread = scores["known"].mean(), scores["known"].std()
    return {name: (values - mean) / spread for name, values in scores.items()}


def auroc(scores: Scores, stranger: str) -> float:
    """Say how often one of ``stranger`` is stranger than a known flower."""
    values = np.r_[scores["known"], scores[stranger]]
    strange = np.r_[np.zeros(len(scores["known"])), np.ones(len(scores[stranger]))]
    return float(roc_auc_score(strange, values))


if __name__ == "__main__":
    main(*sys.argv[1:])
