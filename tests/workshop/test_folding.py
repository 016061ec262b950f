"""BatchNormalizations in the convolutions before them: the same answers, and the same learning."""

import keras
import numpy as np
import pytest

from training.backbones import BACKBONES, build_backbone
from training.folding import folded

SIZES = {"inceptionv3": 96}


def used(body):
    """Give its normalisations numbers as a training leaves them."""
    random = np.random.default_rng(4)
    for layer in body.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            low = {"gamma": 0.5, "moving_variance": 0.5}
            layer.set_weights(
                [
                    random.uniform(
                        low.get(weight.name, -0.1), 2 * low.get(weight.name, 0.05), weight.shape
                    )
                    for weight in layer.weights
                ]
            )
    return body


@pytest.mark.parametrize("name", BACKBONES)
def test_a_network_answers_as_before(name):
    body, size = used(build_backbone(name, None)), SIZES.get(name, 64)
    images = np.random.default_rng(1).uniform(-1, 1, (2, size, size, 3)).astype(np.float32)
    network = folded(body)
    assert network.name == name
    assert [x.name for x in network.layers[1:]] == [x.name for x in body.layers[1:]]
    expected = keras.ops.convert_to_numpy(body(images, training=False))
    given = keras.ops.convert_to_numpy(network(images, training=False))
    np.testing.assert_allclose(given, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


def small(branch=False, activation=None):
    layers = keras.layers
    image = keras.Input((16, 16, 3))
    x = y = layers.Conv2D(4, 3, activation=activation, name="first")(image)
    x = layers.ReLU()(layers.BatchNormalization(name="first_bn")(x))
    x = layers.Conv2D(5, 3, use_bias=False, name="second")(x)
    x = layers.BatchNormalization(scale=False, name="second_bn")(x)
    x = layers.GlobalAveragePooling2D()(x)
    if branch:
        x = layers.Concatenate()([x, layers.GlobalAveragePooling2D()(y)])
    return used(keras.Model(image, x))


@pytest.mark.parametrize("shape", [{}, {"branch": True}, {"activation": "relu"}])
def test_it_learns_as_before(shape):
    """Also where a convolution's map is wanted as it is, or is no plain one."""
    random = np.random.default_rng(2)
    images = random.uniform(-1, 1, (8, 16, 16, 3)).astype(np.float32)
    body = small(**shape)
    target = random.uniform(-1, 1, (8, *body.output.shape[1:])).astype(np.float32)
    learnt = []
    for network in (body, folded(body)):
        image = keras.Input((16, 16, 3))
        for layer in network.layers:
            layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
        whole = keras.Model(image, network(image, training=False))
        whole.compile(keras.optimizers.SGD(0.1), "mse")
        losses = [whole.train_on_batch(images, target) for _ in range(5)]
        learnt.append((losses, [weight.numpy() for weight in network.weights]))
    (losses, weights), (others, folded_weights) = learnt
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(others, losses, rtol=1e-4)
    for given, expected in zip(folded_weights, weights, strict=True):
        np.testing.assert_allclose(given, expected, rtol=1e-3, atol=1e-5)
