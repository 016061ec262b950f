"""How a network learns: optimisers, the course of the rate, penalties, the weight of classes."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest
from scipy.special import log_softmax

from training.config import FineTune
from training.dataset import Photo
from training.network import build
from training.optimize import averaged, class_weights, compile_network, rate_after


@pytest.fixture(scope="module")
def network(recipe):
    return build(recipe.model, 3, None)


def rates(network, tune, photographs, steps):
    compile_network(network, tune, photographs)
    found = []
    for step in steps:
        network.optimizer.iterations.assign(step)
        found.append(float(network.optimizer.learning_rate))
    return found


def test_the_rate_rises_and_falls_on_a_cosine(network):
    tune = FineTune(sizes=(32, 32), batch=10, learning_rate=1e-3, warmup_steps=4)
    assert rates(network, tune, 95, [0, 2, 4, 12, 20]) == pytest.approx(
        [0, 5e-4, 1e-3, 5e-4, 0], abs=1e-9
    )


def test_the_rate_rises_and_stays(network):
    tune = FineTune(batch=10, learning_rate=1e-3, warmup_steps=4, schedule="constant")
    assert rates(network, tune, 100, [0, 2, 4, 69]) == pytest.approx([0, 5e-4, 1e-3, 1e-3])
    at_once = dataclasses.replace(tune, warmup_steps=0)
    assert rates(network, at_once, 100, [0, 69]) == pytest.approx([1e-3, 1e-3])


def test_the_rate_is_cut_when_the_loss_stops_falling():
    tune = FineTune(learning_rate=1.0, schedule="plateau")
    losses = [3, 2, 2.5, 1.9, 2, 2.1, 1.8, 1.8, 1.8]
    found = [rate_after(tune, losses[:epochs]) for epochs in range(len(losses) + 1)]
    assert found == pytest.approx([1, 1, 1, 1, 1, 1, 0.3, 0.3, 0.3, 0.09])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adamw", keras.optimizers.AdamW),
        ("adam", keras.optimizers.Adam),
        ("sgd", keras.optimizers.SGD),
        ("rmsprop", keras.optimizers.RMSprop),
    ],
)
def test_every_optimiser_takes_a_step(network, name, kind):
    tune = FineTune(
        optimizer=name, learning_rate=1e-2, warmup_steps=0, momentum=0.5, weight_decay=0.07
    )
    compile_network(network, tune, 8)
    assert type(network.optimizer) is kind
    if name == "sgd":
        assert network.optimizer.momentum == 0.5
    assert (network.optimizer.weight_decay or 0) == (0.07 if name == "adamw" else 0)
    images = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 3), np.uint8)
    labels = np.eye(3, dtype=np.float32)[np.arange(8) % 3]
    before = network.get_layer("head").get_weights()[0]
    network.train_on_batch(images, labels)
    assert not np.array_equal(before, network.get_layer("head").get_weights()[0])


@pytest.mark.parametrize("momentum", [0.0, 0.75])
def test_a_running_mean_of_the_weights_is_lent_and_taken_back(recipe, momentum):
    keras.utils.set_random_seed(1)
    network = build(recipe.model, 3, None)
    tune = FineTune(optimizer="sgd", learning_rate=1e-3, warmup_steps=0, ema_momentum=momentum)
    compile_network(network, tune, 8)
    images = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 3), np.uint8)
    labels = np.eye(3, dtype=np.float32)[np.arange(8) % 3]
    seen = []
    for _ in range(3):
        network.train_on_batch(images, labels)
        seen.append(network.get_layer("head").get_weights()[0])
    mean = seen[0]
    for kernel in seen[1:]:
        mean = momentum * mean + (1 - momentum) * kernel
    assert np.abs(seen[-1] - seen[0]).max() > 1e-4  # else nothing is shown
    with averaged(network):
        np.testing.assert_allclose(network.get_layer("head").get_weights()[0], mean, atol=1e-6)
    assert np.array_equal(network.get_layer("head").get_weights()[0], seen[-1])


def test_the_penalty_is_that_of_all_kernels(recipe):
    def loss_of(l2):
        keras.utils.set_random_seed(1)
        network = build(dataclasses.replace(recipe.model, dropout=0.0), 3, None)
        compile_network(network, FineTune(l2=l2, label_smoothing=0), 8)
        images = np.zeros((1, 32, 32, 3), np.uint8)
        loss = network.evaluate(images, np.eye(3, dtype=np.float32)[:1], verbose=0)[0]
        kernels = [weight for weight in network.trainable_weights if weight.path.endswith("kernel")]
        assert len(kernels) == 4  # three convolutions and the head
        return loss, sum(float((np.asarray(kernel) ** 2).sum()) for kernel in kernels)

    (plain, squares), (with_penalty, _) = loss_of(0.0), loss_of(0.01)
    assert with_penalty - plain == pytest.approx(0.01 * squares, rel=1e-3)


def test_labels_are_smoothed_as_much_as_the_recipe_says(recipe):
    network = build(recipe.model, 3, None)
    images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    labels = np.eye(3, dtype=np.float32)[np.arange(4) % 3]
    surprise = -log_softmax(network.predict(images, verbose=0), axis=1)
    for part in (0.0, 0.3):
        compile_network(network, FineTune(label_smoothing=part), 8)
        smooth = (1 - part) * labels + part / 3
        expected = (smooth * surprise).sum(axis=1).mean()
        assert network.evaluate(images, labels, verbose=0)[0] == pytest.approx(expected, rel=1e-4)


def test_every_class_counts_alike():
    photos = [Photo(Path(str(i)), label) for i, label in enumerate([0] * 6 + [1] * 3 + [2])]
    weights = class_weights(photos, 3)
    assert [weights[label] * count for label, count in enumerate((6, 3, 1))] == pytest.approx(
        [10 / 3] * 3
    )
