"""What a model file gives beside probabilities belongs together, and to the places it is of."""

import keras
import numpy as np
import pytest

from training.config import Cnn, Model
from training.network import build
from training.outputs import outputs

RANDOM = np.random.default_rng(4)
IMAGES = RANDOM.integers(0, 256, (3, 48, 48, 3), np.uint8)


def network_of(dense, activation="relu", batch_norm=False):
    cnn = Cnn(filters=(8, 16), dense=dense, activation=activation, batch_norm=batch_norm)
    model = Model(backbone="cnn", size=48, cnn=cnn)
    keras.utils.set_random_seed(4)
    return model, build(model, 3, None)


def given(model, network):
    image = keras.Input((48, 48, 3), dtype="uint8")
    return keras.Model(image, outputs(network, model, image)).predict(IMAGES, verbose=0)


def with_biases(network, scale):
    for weight in network.weights:
        if weight.path.startswith(("dense", "head")) and weight.path.endswith("bias"):
            weight.assign(RANDOM.normal(0, scale, weight.shape))


@pytest.mark.parametrize("activation", ["relu", "gelu", "silu", "elu", "tanh"])
@pytest.mark.parametrize("dense", [(), (12,), (12, 9)])
def test_the_maps_of_dense_layers_make_up_the_logits_but_for_biases(dense, activation):
    model, network = network_of(dense, activation, batch_norm=True)
    said = given(model, network)
    assert said["class_maps"].shape == (3, 10, 10, 3)
    np.testing.assert_allclose(said["class_maps"].mean(axis=(1, 2)), said["logits"], atol=1e-5)

    with_biases(network, 0.3)
    said = given(model, network)
    np.testing.assert_allclose(said["logits"], network.predict(IMAGES, verbose=0), atol=1e-5)
    kernel, bias = network.get_layer("head").get_weights()
    np.testing.assert_allclose(said["embedding"] @ kernel + bias, said["logits"], atol=1e-5)
    assert np.abs(said["class_maps"].mean(axis=(1, 2)) - said["logits"]).max() > 0.01


def test_what_no_dense_layer_looks_at_speaks_for_nothing():
    model, network = network_of((12,))
    with_biases(network, 0.3)
    kernel, bias = network.get_layer("dense1").get_weights()
    seen = np.zeros((10, 10, 1, 1), np.float32)
    seen[2, 7] = 1
    network.get_layer("dense1").set_weights(
        [(kernel.reshape(10, 10, 16, 12) * seen).reshape(-1, 12), bias]
    )
    maps = given(model, network)["class_maps"]
    assert np.abs(maps[:, 2, 7]).min() > 0
    maps[:, 2, 7] = 0
    assert not maps.any()


def test_a_unit_that_says_nothing_passes_nothing_on():
    model, network = network_of((12,))
    kernel, bias = network.get_layer("dense1").get_weights()
    network.get_layer("dense1").set_weights([0 * kernel, bias])  # every sum is 0
    said = given(model, network)
    assert np.isfinite(said["class_maps"]).all() and not said["class_maps"].any()
