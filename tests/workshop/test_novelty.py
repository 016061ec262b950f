"""The novelty in the graph is that of the detector, and tells what is unlike the training data."""

import numpy as np
import onnx
import pytest
from scipy.special import softmax

from florapp.core.errors import DataError
from florapp.core.model_file import Label
from florapp.core.network import Network
from training.novelty import KEPT, add_novelty, fit_detector, generalised_entropy


@pytest.fixture(scope="module")
def data():
    """Three classes that lie in 10 of 40 dimensions, and what a network would say of points."""
    random = np.random.default_rng(5)
    centres = np.zeros((3, 40))
    centres[:, :10] = random.normal(scale=3.0, size=(3, 10))

    def points(count):
        spread = np.where(np.arange(40) < 10, 1.0, 0.1)
        places = centres[np.arange(count) % 3] + spread * random.normal(size=(count, 40))
        return places.astype(np.float32)

    def probabilities(features):
        distances = ((features[:, None] - centres) ** 2).sum(axis=2)
        return softmax(-distances / 8, axis=1).astype(np.float32)

    return points(300), points(150), probabilities, centres


def test_strangers_are_more_novel(data):
    train, held_out, probabilities, centres = data
    detector = fit_detector(train, held_out, probabilities(held_out))
    known = detector.novelty(held_out, probabilities(held_out))
    assert 0 < known.mean() < 1  # answers as usual, and what lies outside more than usual
    random = np.random.default_rng(6)
    elsewhere = random.normal(scale=3, size=(100, 40)).astype(np.float32)
    between = (centres[:2].mean(axis=0) + random.normal(scale=0.1, size=(100, 40))).astype("f4")
    for strange in (elsewhere, between):
        novelty = detector.novelty(strange, probabilities(strange))
        assert np.median(novelty) > np.quantile(known, 0.99)


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
    detector = fit_detector(outputs.embedding, outputs.embedding[20:], outputs.probabilities[20:])
    model = onnx.load(str(small))
    for _ in range(2):  # fitted anew, it takes the place of the old one
        add_novelty(model, detector)
        onnx.checker.check_model(model)
        onnx.save(model, str(tmp_path / "novel.onnx"))
    found = Network(tmp_path / "novel.onnx").run(images)
    assert found.novelty is not None
    expected = detector.novelty(outputs.embedding, outputs.probabilities)
    np.testing.assert_allclose(found.novelty, expected, atol=2e-3)
    assert np.ptp(expected) > 1
    np.testing.assert_array_equal(found.probabilities, outputs.probabilities)
    one = Network(tmp_path / "novel.onnx").run(images[:1]).novelty
    assert one is not None and one.shape == (1,)


def test_only_the_ten_most_probable_classes_share_an_answer():
    """Of twenty classes; what lies below the tenth makes no difference."""
    row = np.array([0.5, 0.2] + [0.03] * 8 + [0.006] * 10, np.float32)
    expected = sum((p * (1 - p)) ** 0.1 for p in (0.5, 0.2, *[0.03] * 8))
    uneven = row.copy()
    uneven[10:] = [0.015, 0.005, *[0.005] * 8]
    shuffled = np.random.default_rng(2).permutation(row)
    found = generalised_entropy(np.stack([row, shuffled, uneven]))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_it_adds_less_than_three_megabytes_to_a_large_network():
    features = np.random.default_rng(0).normal(size=(400, 2048)).astype(np.float32)
    detector = fit_detector(features, features, np.full((400, 103), 1 / 103, np.float32))
    assert detector.basis.shape == (2048, KEPT)
    assert detector.mean.nbytes + detector.basis.nbytes + 4 * (2048 + KEPT + 103) < 3e6


def test_a_graph_without_features_is_refused(make_model, data):
    model = onnx.load(str(make_model(outputs=("logits", "probabilities"))))
    train, held_out, probabilities, _ = data
    with pytest.raises(DataError, match="no output 'embedding'"):
        add_novelty(model, fit_detector(train, held_out, probabilities(held_out)))
