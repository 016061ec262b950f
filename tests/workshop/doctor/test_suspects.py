"""Labels in doubt and strangers, by features; and twins never on both sides."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from training.dataset import Photo
from training.doctor.examine import Facts, Look
from training.doctor.folds import judged, out_of_fold
from training.doctor.suspects import mislabelled, outliers


def test_twins_are_never_on_both_sides():
    """One who knows the nearest neighbour by heart can only guess when it was kept from him."""
    random = np.random.default_rng(0)
    x = random.normal(size=(100, 8)).repeat(2, axis=0)
    y = random.integers(0, 2, 100).repeat(2)
    nearest = KNeighborsClassifier(1)
    answers = out_of_fold(nearest, x, y, np.arange(100).repeat(2)).argmax(axis=1)
    assert 0.3 < (answers == y).mean() < 0.7
    assert (out_of_fold(nearest, x, y, np.arange(200)).argmax(axis=1) == y).mean() > 0.85


@pytest.fixture(scope="module")
def clouds():
    """Four classes of 60 as clouds of features; twelve labels are wrong, six are of no class."""
    random = np.random.default_rng(2)
    centres = random.normal(size=(4, 32))
    truth = np.repeat(np.arange(4), 60)
    features = centres[truth] + 0.35 * random.normal(size=(240, 32))
    labels = truth.copy()
    wrong, strange = np.arange(3, 240, 20), np.arange(10, 240, 40)
    labels[wrong] = (truth[wrong] + 1) % 4
    features[strange] = 1.2 * random.normal(size=(6, 32))
    look = Look((100, 100), None, 1.0, (0, 0), np.zeros((16, 16), np.uint8))
    examined = [
        Facts(Photo(Path(f"{i}.jpg"), int(label)), f"{i}.jpg", "train", str(i), 9, "JPEG", "", look)
        for i, label in enumerate(labels)
    ]
    return examined, features.astype(np.float32), truth, set(wrong.tolist()), set(strange.tolist())


def numbers(findings):
    return [int(Path(finding.path).stem) for finding in findings]


def test_wrong_labels_are_doubted(clouds):
    examined, features, truth, wrong, strange = clouds
    found = mislabelled(examined, features, np.arange(240), "abcd")
    assert set(numbers(found)) - strange <= wrong
    assert len(wrong & set(numbers(found))) >= 10
    for finding, i in zip(found, numbers(found), strict=True):
        if i in wrong:
            assert f"'{'abcd'[truth[i]]}'" in finding.detail.split(",")[0]
            assert examined[int(Path(finding.partner).stem)].photo.label == truth[i]


def test_what_is_merely_hard_to_tell_is_not_doubted(clouds):
    examined, features, *_ = clouds
    blurry = features + 0.9 * np.random.default_rng(3).normal(size=features.shape)
    found = mislabelled(examined, blurry.astype(np.float32), np.arange(240), "abcd")
    for finding in found:
        other, own = map(float, re.findall(r"([\d.]+)%", finding.detail))
        assert other > 9 * own
    assert found


def test_a_copy_does_not_vouch_for_a_wrong_label(clouds):
    examined, features, _, wrong, _ = clouds
    copies, random = np.arange(240).repeat(4), np.random.default_rng(5)
    features = np.hstack([features, random.normal(size=(240, 200))])[copies]  # known by heart
    found = mislabelled([examined[i] for i in copies], features, copies, "abcd")
    assert len(wrong & set(numbers(found))) >= 10


def test_confident_learning_has_the_last_word(clouds, monkeypatch):
    examined, features, *_ = clouds
    monkeypatch.setattr("cleanlab.filter.find_label_issues", lambda y, *args, **how: y < 0)
    assert not mislabelled(examined, features, np.arange(240), "abcd")


def test_what_is_hard_to_tell_stays_among_what_is_measured_with(clouds):
    examined, features, *_ = clouds
    parts = ("train", "valid", "test")
    examined = [dataclasses.replace(f, split=parts[i % 3]) for i, f in enumerate(examined)]
    found = mislabelled(examined, features, np.arange(240), "abcd")
    assert {f.proposed for f in found} == {True, False}
    for finding, i in zip(found, numbers(found), strict=True):
        assert finding.proposed == (parts[i % 3] == "train")


def test_copies_are_no_class_that_could_be_judged():
    labels, copies = np.repeat([0, 1], 6), np.array([0] * 5 + [1] + [2, 3, 4, 5, 6, 7])
    assert not judged(labels, copies).any()  # of the first there are two different ones
    assert judged(labels, np.arange(12)).all()


def test_strangers_are_told_before_all_others(clouds):
    examined, features, _, _, strange = clouds
    found = numbers(outliers(examined, features, np.arange(240), "abcd"))
    assert set(found[: len(strange)]) == strange
    assert len(found) < len(strange) + 0.03 * 240  # and a few that are merely rare
    assert outliers(examined[:40], features[:40], np.arange(40), "abcd") == []  # too few to tell
