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


def test_strangers_are_more_novel(data):
    train, labels, held_out, centres = data
    detector = fit_detector(train, labels, held_out)
    known = detector.novelty(held_out)
    assert 0 < known.mean() < 0.5  # claimed as usual, and what lies outside more than usual
    random = np.random.default_rng(6)
    elsewhere = random.normal(scale=3, size=(100, 40)).astype(np.float32)
    between = (centres.mean(axis=0) + random.normal(scale=0.1, size=(100, 40))).astype("f4")
    for strange in (elsewhere, between):
        assert np.median(detector.novelty(strange)) > np.quantile(known, 0.99)


def test_a_class_of_few_photographs_is_not_taken_for_strangers(data):
    train, labels, held_out, _ = data
    few = (labels > 0) | (np.arange(300) < 30)  # ten of the first class, a hundred of the others
    novelty = fit_detector(train[few], labels[few], held_out).novelty(held_out)
    rare = np.arange(150) % 3 == 0
    assert (novelty[rare] > np.quantile(novelty, 0.95)).mean() < 0.15


@pytest.mark.parametrize("classes", [3, 21])
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
    added = (detector.mean, detector.basis, detector.weights)
    assert sum(array.nbytes for array in added) + 4 * (2048 + KEPT) < 3e6


def test_a_graph_without_features_is_refused(make_model, data):
    model = onnx.load(str(make_model(outputs=("logits", "probabilities"))))
    train, labels, held_out, _ = data
    with pytest.raises(DataError, match="no output 'embedding'"):
        add_novelty(model, fit_detector(train, labels, held_out))
