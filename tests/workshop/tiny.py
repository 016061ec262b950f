"""The workshop with a network of three convolutions in ResNet50's place, for tests of seconds.

Run as a program it takes the workshop's command line. TINY_PAUSE is the time in seconds that it
then takes over every batch, so that a test can stop it in the middle of an epoch.
"""

import os
import sys
import time

import keras

from training import backbones, batches
from training.__main__ import main  # first: it sets what TensorFlow reads at its import


def tiny_cnn(weights, include_top, input_shape, name="tiny"):
    """Build it as backbones.build_backbone does ResNet50; ``weights`` is a file or None."""
    assert not include_top
    layers = keras.layers
    image = keras.Input(input_shape)
    x = layers.Conv2D(8, 3, strides=2, padding="same", name="conv1_conv")(image)
    x = layers.BatchNormalization(name="conv1_bn")(x)
    x = layers.ReLU(name="conv1_relu")(x)
    x = layers.Conv2D(16, 3, strides=2, padding="same", name="conv2_conv")(x)
    x = layers.BatchNormalization(name="conv2_bn")(x)
    x = layers.ReLU(name="conv2_relu")(x)
    y = layers.Conv2D(16, 3, padding="same", name="conv3_conv")(x)
    x = layers.ReLU(name="conv3_out")(layers.Add(name="conv3_add")([x, y]))
    network = keras.Model(image, x, name=name)
    if weights is not None:
        network.load_weights(weights)
    return network


TINY = backbones.Backbone(tiny_cnn, backbones.BACKBONES["resnet50"].preprocess)


def slow_down(seconds):
    for kind in (batches.TrainingBatches, batches.PlainBatches):

        def get(self, step, get=kind.__getitem__):
            time.sleep(seconds)
            return get(self, step)

        kind.__getitem__ = get  # type: ignore[method-assign]


if __name__ == "__main__":
    backbones.BACKBONES["resnet50"] = TINY
    slow_down(float(os.environ.get("TINY_PAUSE", "0")))
    sys.exit(main())
