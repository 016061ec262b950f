"""The novelty in the graph is that of the detector, and tells what is unlike the training data."""

import numpy as np
import onnx
import pytest

from florapp.core.errors import DataError
from florapp.core.model_file import Label
from florapp.core.network import Network
from training.novelty import KEPT, add_novelty, fit_detector


@pytest.fixture(scope="module")
def data():
    """Three classes in 10 of 40 dimensions: training photographs, their classes, and others."""
    random = np.random.default_rng(5)
    centres = np.zeros((3, 40))
    centres[:, :10] = random.normal(scale=3.0, size=(3, 10))
    labels = np.arange(300) % 3

    def points(count):
        spread = np.where(np.arange(40) < 10, 1.0, 0.1)
        places = centres[np.arange(count) % 3] + spread * random.normal(size=(count, 40))
        return places.astype(np.float32)

    return points(300), labels, points(150), centres


def test_what_lies_outside_is_more_novel(data):
    train, labels, held_out, _ = data
    detector = fit_detector(train, labels, held_out)
    elsewhere = np.random.default_rng(6).normal(scale=3, size=(100, 40)).astype(np.float32)
    known = detector.novelty(held_out)
    assert np.median(detector.novelty(elsewhere)) > np.quantile(known, 0.99)


def test_what_lies_inside_but_no_class_claims_is_more_novel(data):
    """As far from the middle as the known ones are, in a direction that leads to no class."""
    train, labels, held_out, centres = data
    middle, random = centres[:, :10].mean(axis=0), np.random.default_rng(6)
    plane, _ = np.linalg.qr((centres[:2, :10] - middle).T)
    away = random.normal(size=(100, 10))
    away -= away @ plane @ plane.T
    away *= np.linalg.norm(held_out[:, :10] - middle, axis=1).mean() / np.linalg.norm(
        away, axis=1, keepdims=True
    )
    unclaimed = np.c_[middle + away, random.normal(scale=0.1, size=(100, 30))].astype(np.float32)
    detector = fit_detector(train, labels, held_out)
    usual = detector.residual[0] + detector.residual[1]
    assert np.median(detector.outside(unclaimed)) < usual
    known = detector.novelty(held_out)
    assert np.median(detector.novelty(unclaimed)) > np.quantile(known, 0.99)


def test_strangers_are_told_where_one_class_has_nearly_all_photographs(data):
    train, labels, held_out, centres = data
    random = np.random.default_rng(7)
    many = np.r_[train[labels == 0], centres[0] + random.normal(size=(2000, 40))].astype("f4")
    given = np.r_[many, train[labels > 0]]
    truth = np.r_[np.zeros(len(many), int), labels[labels > 0]]
    detector = fit_detector(given, truth, held_out)
    between = centres.mean(axis=0) + random.normal(scale=0.3, size=(100, 40))
    claimed = detector.claimed(between.astype(np.float32))
    assert np.median(claimed) < np.quantile(detector.claimed(held_out), 0.01)
    assert detector.claimed(held_out[::3]).mean() > claimed.max()  # the large class's own


@pytest.mark.parametrize("classes", [2, 21])
def test_the_graph_gives_what_the_detector_says(make_model, changed_card, tmp_path, classes):
    labels = tuple(Label(f"id-{n}", f"Name {n}") for n in range(classes))
    small = make_model(card=changed_card(labels=labels), classes=classes)
    network, random = Network(small), np.random.default_rng(0)
    images = random.integers(0, 256, (60, 32, 32, 3), np.uint8)
    images[:30] //= 3
    images[:20, ..., 1] //= 2
    outputs = network.run(images)
    assert outputs.embedding is not None
    truth = np.arange(60) % classes
    detector = fit_detector(outputs.embedding, truth, outputs.embedding[20:])
    model = onnx.load(str(small))
    for _ in range(2):  # fitted anew, it takes the place of the old one
        add_novelty(model, detector)
        onnx.checker.check_model(model)
        onnx.save(model, str(tmp_path / "novel.onnx"))
    found = Network(tmp_path / "novel.onnx").run(images)
    assert found.novelty is not None
    expected = detector.novelty(outputs.embedding)
    np.testing.assert_allclose(found.novelty, expected, atol=2e-3)
    assert np.ptp(expected) > 1
    np.testing.assert_array_equal(found.probabilities, outputs.probabilities)
    one = Network(tmp_path / "novel.onnx").run(images[:1]).novelty
    assert one is not None and one.shape == (1,)


def test_it_adds_less_than_three_megabytes_to_a_large_network():
    features = np.random.default_rng(0).normal(size=(400, 2048)).astype(np.float32)
    detector = fit_detector(features, np.arange(400) % 103, features)
    assert detector.basis.shape == (2048, KEPT)
    assert detector.weights.shape == (2048, 103)
    added = (detector.mean, detector.basis, detector.middle, detector.weights)
    assert sum(array.nbytes for array in added) + 4 * (2048 + KEPT) < 3e6


def test_a_graph_without_features_is_refused(make_model, data):
    model = onnx.load(str(make_model(outputs=("logits", "probabilities"))))
    train, labels, held_out, _ = data
    with pytest.raises(DataError, match="no output 'embedding'"):
        add_novelty(model, fit_detector(train, labels, held_out))
