"""Do the daisies of the five-class photographs help or hurt the class "oxeye daisy"?

They are not all oxeye daisies. A linear classifier on the frozen starting network's features is
fitted with them and without them; each photograph of flowers102/train is answered by the fit that
did not see it (five folds), so that nothing of flowers102/valid is used up by the choice.

    python benchmarks/daisies.py $DATA resnet50_imagenet_notop.h5
"""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from florapp.core.geometry import Geometry
from training.batches import PlainBatches
from training.config import load_recipe
from training.dataset import find
from training.network import build

RECIPE = Path(__file__).parents[1] / "training/recipes/flowers103.toml"
SIZE, FOLDS = 160, 5


def main(data: str, weights: str) -> None:
    """Print how the class fares without and with the daisies of flowers5."""
    recipe = load_recipe(RECIPE)
    dataset = find(Path(data), recipe.data)
    network = build(recipe.model, len(dataset.classes), Path(weights))
    backbone = keras.Model(network.input, network.get_layer("embedding").output)
    batches = PlainBatches(dataset.train, len(dataset.classes), Geometry(SIZE, recipe.model.fit))
    features = backbone.predict(batches, verbose=0)
    y = np.array([photo.label for photo in dataset.train])
    oxeye = dataset.classes.index("oxeye_daisy")
    oxford = np.array(["flowers102" in photo.path.parts for photo in dataset.train])
    daisies = ~oxford & (y == oxeye)
    print(
        f"{oxford.sum()} photographs of flowers102/train, {(oxford & (y == oxeye)).sum()} of them "
        f"oxeye daisies; {daisies.sum()} daisies of flowers5; features at {SIZE} px"
    )
    for title, added in (("without", ~oxford & ~daisies), ("with", ~oxford)):
        answers = np.empty(oxford.sum(), int)
        x_oxford, y_oxford = features[oxford], y[oxford]
        for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(
            x_oxford, y_oxford
        ):
            head = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=200))
            head.fit(
                np.vstack([x_oxford[train], features[added]]), np.r_[y_oxford[train], y[added]]
            )
            answers[test] = head.predict(x_oxford[test])
        theirs = y_oxford == oxeye
        found, false = (answers[theirs] == oxeye).sum(), (answers[~theirs] == oxeye).sum()
        print(
            f"{title:7} them: {found} of {theirs.sum()} found, {false} of {(~theirs).sum()} others "
            f"called oxeye daisy; all classes {np.mean(answers == y_oxford):.2%}",
            flush=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
