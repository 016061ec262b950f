"""Does a network that was fine-tuned without ten classes tell that it does not know them?

First train one without them, export it and fit its novelty, as every model is made:

    python benchmarks/unlisted.py recipe $DATA > without_ten.toml
    python -m training fit --recipe without_ten.toml --data $DATA --weights W.h5 --out RUN
    python -m training export RUN --out without_ten.onnx
    python -m training calibrate without_ten-int8.onnx --data $DATA
    python benchmarks/unlisted.py without_ten-int8.onnx $DATA

Prints the AUROC of the file's novelty and of the maximum softmax: all photographs of the ten
classes against the held-out ones of the others; and which verdicts either get.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from florapp import Classifier
from florapp.core.folders import pictures_under
from florapp.core.verdict import Kind
from training.config import DataSource, load_recipe
from training.dataset import folders
from training.evaluate import opened
from training.report.recipe_text import recipe_text

RECIPE = Path(__file__).parents[1] / "training/recipes/flowers102_resnet50.toml"
LABELS = RECIPE.with_name("flowers103_labels.toml")


def left_out(data: Path) -> tuple[list[str], list[str]]:
    """Draw the ten classes to leave out, always the same; return (the others, the ten)."""
    classes = [folder.name for folder in folders(data / "flowers102" / "train")]
    ten = set(np.random.default_rng(0).permutation(classes)[:10].tolist())
    return [name for name in classes if name not in ten], sorted(ten)


def recipe(data: str) -> None:
    """Print the recipe of a training without them, a little shorter than the whole one."""
    whole = load_recipe(RECIPE)
    listed, ten = left_out(Path(data))
    print(f"# flowers102 without {', '.join(ten)}.")
    source = DataSource("flowers102", {name: name for name in listed})
    changed = dataclasses.replace(
        whole,
        name="without_ten",
        data=dataclasses.replace(whole.data, sources=[source], labels=str(LABELS.resolve())),
        fine_tune=dataclasses.replace(whole.fine_tune, sizes=(160, 160, 160, 192, 192)),
    )
    print(recipe_text(dataclasses.asdict(changed)))


def main(model: str, data: str) -> None:
    """Measure, and print."""
    classifier = Classifier(model)
    _, ten = left_out(Path(data))
    _, known = opened(Path(model)).held_out(Path(data))
    unlisted = [
        path
        for part in ("train", "valid")
        for name in ten
        for path in pictures_under(Path(data) / "flowers102" / part / name)
    ]
    answers = [
        [classifier.classify(path) for path in paths]
        for paths in ([photo.path for photo in known], unlisted)
    ]
    print(f"{len(known)} held-out photographs of {len(classifier.card.labels)} known classes,")
    print(f"{len(unlisted)} photographs of {len(ten)} unlisted ones")
    both = [*answers[0], *answers[1]]
    strange = [False] * len(known) + [True] * len(unlisted)
    novelty = roc_auc_score(strange, [answer.novelty for answer in both])
    softmax = roc_auc_score(strange, [-answer.best.probability for answer in both])
    print(f"AUROC of the novelty: {novelty:.3f}; of the maximum softmax: {softmax:.3f}")
    kinds = [[answer.verdict.kind for answer in some if answer.verdict] for some in answers]
    for kind in Kind:
        shares = [found.count(kind) / len(found) for found in kinds]
        print(f"{kind.value}: {shares[0]:.1%} of the known, {shares[1]:.1%} of the unlisted")


if __name__ == "__main__":
    if sys.argv[1] == "recipe":
        recipe(sys.argv[2])
    else:
        main(*sys.argv[1:])
