"""The network of a run: preprocessing, backbone, pooling, and a linear head."""

from __future__ import annotations

import keras

from florapp.core.errors import DataError
from training.backbones import BACKBONES, Start, build_backbone
from training.config import Model


def build(model: Model, classes: int, weights: Start) -> keras.Model:
    """Build uint8 RGB ``[batch, height, width, 3]`` -> float32 logits ``[batch, classes]``.

    Any height and width will do: the network is convolutional up to its global average pooling.
    BatchNormalization stays in inference mode (Keras' guide to transfer learning).
    """
    backbone = build_backbone(model.backbone, weights)
    image = keras.Input((None, None, 3), dtype="uint8", name="image")
    x = keras.ops.cast(image, "float32")
    x = BACKBONES[model.backbone].preprocess(x)
    x = backbone(x, training=False)
    x = keras.layers.GlobalAveragePooling2D(name="embedding", dtype="float32")(x)
    x = keras.layers.Dropout(model.dropout, name="dropout")(x)
    logits = keras.layers.Dense(classes, name="head", dtype="float32")(x)
    return keras.Model(image, logits, name=f"{model.backbone}_{classes}")


def freeze_before(network: keras.Model, backbone: str, first: str) -> None:
    """Leave the backbone's layers from the one named ``first`` on trainable; "" means all.

    BatchNormalization layers never are: with a small batch their statistics only get worse.
    Raises DataError when no layer's name begins with ``first``.
    """
    learns = not first
    for layer in network.get_layer(backbone).layers:
        learns = learns or layer.name.startswith(first)
        layer.trainable = learns and not isinstance(layer, keras.layers.BatchNormalization)
    if not learns:
        raise DataError(f"fine_tune.train_from: no layer of {backbone} begins with {first!r}.")


def new_epoch(network: keras.Model, seed: int, epoch: int) -> None:
    """Seed every random layer for an epoch, so that a stopped run goes on alike."""
    for layer in network.layers:
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            generator.state.assign([seed, epoch])
