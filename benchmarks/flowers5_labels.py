"""How many of the five-class photographs are answered rightly, and how many can be?

In 39 of the 450 that are held back none of the flower they are labelled with is to be seen, but a
road, a parade, a cake, another plant. They were picked out by eye, and all 450 were looked at:
flowers5_unseen.csv. Prints the accuracy on all of them as they are labelled, on the others, and
what is said of the 39.

    python benchmarks/flowers5_labels.py assets/models/flowers103.onnx $DATA
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from florapp.core.network import Network
from florapp.core.pipeline import classify, in_order
from florapp.core.prediction import Answer
from florapp.core.source import Source
from florapp.core.verdict import judge
from training.dataset import name_of
from training.evaluate import opened
from training.measure import share

UNSEEN = Path(__file__).with_name("flowers5_unseen.csv")


def main(model: str, data: str) -> None:
    """Measure, and print."""
    what, photos = opened(Path(model)).held_out(Path(data), "flowers5")
    with UNSEEN.open(encoding="utf-8", newline="") as file:
        unseen = {row["path"] for row in csv.DictReader(file)}
    network = Network(model)
    ids = [label.id for label in network.card.labels]
    results = list(in_order(classify(network, (Source.of(photo.path) for photo in photos))))
    answers = [result for result in results if isinstance(result, Answer)]
    assert len(answers) == len(photos)
    right = np.array(
        [a.best.label.id == ids[p.label] for a, p in zip(answers, photos, strict=True)]
    )
    seen = np.array([name_of(photo.path, Path(data)) not in unseen for photo in photos])
    print(what)
    for title, chosen in (
        ("as they are labelled", np.ones(len(photos), np.bool_)),
        ("whose flower is to be seen", seen),
        ("whose flower is not", ~seen),
    ):
        found = share(int(right[chosen].sum()), int(chosen.sum()))
        low, high = found.low, found.high
        print(f"{chosen.sum():4} {title}: top-1 {found.value:.2%} ({low:.2%} to {high:.2%})")
    kinds = Counter(
        verdict.kind.value
        for answer, there in zip(answers, seen, strict=True)
        if not there and (verdict := judge(answer)) is not None
    )
    print(f"of the last it says: {', '.join(f'{kind} {n}' for kind, n in kinds.most_common())}")


if __name__ == "__main__":
    main(*sys.argv[1:])
