"""What gives classes away need not name one: of many, it may tell half of them from the others."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.dataset import Photo
from training.doctor.examine import Facts, Look
from training.doctor.giveaways import giveaways

CLASSES = [f"class {number}" for number in range(30)]


def examined(halved: set[int]) -> list[Facts]:
    """Forty photographs of each class, of a camera's two sizes, or of half of these."""
    random = np.random.default_rng(4)
    found: list[Facts] = []
    for label in np.repeat(np.arange(len(CLASSES)), 40).tolist():
        size = random.permutation([500, 640])
        if label in halved:
            size = size // 2
        shown = tuple(size.tolist())
        look = Look(shown, None, random.uniform(1, 2), (0, 0), np.zeros((8, 8), np.uint8))
        photo = Photo(Path(f"{len(found)}.jpg"), label)
        size_of_file = int(random.integers(20_000, 90_000))
        found.append(Facts(photo, photo.path.name, "train", "", size_of_file, "JPEG", "", look))
    return found


def test_the_size_of_the_files_alone_gives_a_class_away():
    photos = examined(set())[:80]
    photos = [replace(facts, bytes=facts.bytes << 3 * facts.photo.label) for facts in photos]
    found = giveaways(photos, np.arange(len(photos)), CLASSES)
    assert {giveaway.what for giveaway in found if giveaway.tells} == {
        "the size of the file",
        "all four together",
    }


def sizes(halved: list[float], photographs: int, seed: int) -> set[str]:
    """Return what tells two classes apart, of whose pictures such a part is halved."""
    random, photos = np.random.default_rng(seed), []
    for number, facts in enumerate(examined(set())[:photographs]):
        assert facts.look
        label = number % 2
        width, height = facts.look.size
        if random.random() < halved[label]:
            width, height = width // 2, height // 2
        look = replace(facts.look, size=(width, height))
        photos.append(replace(facts, photo=replace(facts.photo, label=label), look=look))
    found = giveaways(photos, np.arange(len(photos)), CLASSES)
    return {giveaway.what for giveaway in found if giveaway.tells}


def test_what_names_two_of_three_rightly_is_a_giveaway() -> None:
    assert "width and height" in sizes([0.35, 0.65], 600, 1)


def test_chance_is_no_giveaway() -> None:
    assert not any(sizes([0.5, 0.5], 30, seed) for seed in range(10))


@pytest.mark.parametrize("halved", [range(0), range(0, len(CLASSES), 2)])
def test_many_classes_of_which_half_are_smaller(halved):
    photos = examined(set(halved))
    found = giveaways(photos, np.arange(len(photos)), CLASSES)
    telling = {giveaway.what for giveaway in found if giveaway.tells}
    assert "width and height" in telling if halved else not telling
    by_what = {giveaway.what: giveaway for giveaway in found}
    assert by_what["width and height"].accuracy < 0.15  # it names hardly one
