"""The network of a run: preprocessing, body, embedding, and a linear head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from florapp.core.errors import DataError
from training.backbones import BACKBONES, MOMENTUM, Start, build_backbone
from training.config import Cnn, Model, Recipe
from training.folding import folded

_STEPS = 20  # bits for the steps of an epoch


def build(model: Model, classes: int, weights: Start) -> keras.Model:
    """Build uint8 RGB ``[batch, height, width, 3]`` -> float32 logits ``[batch, classes]``.

    Its last layers are called ``embedding`` and ``head``. For a backbone any height and width will
    do: it is convolutional up to its global average pooling. A ``cnn`` has dense layers, and one
    size. Raises DataError where a single output is asked for and there are not two classes.
    """
    if model.output == "sigmoid" and classes != 2:
        raise DataError(
            f'The recipe asks for a single output (output = "sigmoid"), which is for two classes, '
            f"and there are {classes}."
        )
    if model.backbone == "cnn":
        image = keras.Input((model.size, model.size, 3), dtype="uint8", name="image")
        embedding = _cnn(keras.ops.cast(image, "float32") / 255.0, model.cnn, model.dropout)
    else:
        image = keras.Input((None, None, 3), dtype="uint8", name="image")
        embedding = _pooled(image, model, weights)
        embedding = keras.layers.Dropout(model.dropout, name="dropout")(embedding)
    outputs = 1 if model.output == "sigmoid" else classes
    said = keras.layers.Dense(outputs, name="head", dtype="float32")(embedding)
    return keras.Model(image, as_logits(said, model), name=f"{model.backbone}_{classes}")


def as_logits(said: Any, model: Model) -> Any:
    """Turn what the head says into one logit a class, along the last axis.

    A single output z becomes [0, z]: their softmax is the sigmoid of z, and the categorical
    cross-entropy of it is the binary one of z. So two classes are no special case downstream.
    """
    if model.output == "sigmoid":
        return keras.ops.concatenate([keras.ops.zeros_like(said), said], axis=-1)
    return said


def _pooled(image: Any, model: Model, weights: Start) -> Any:
    """The backbone's last map, pooled.

    A BatchNormalization that was trained before stays in inference mode (Keras' guide to transfer
    learning).
    """
    x = BACKBONES[model.backbone].preprocess(keras.ops.cast(image, "float32"))
    backbone = build_backbone(model.backbone, weights)
    x = folded(backbone)(x, training=False) if model.pretrained else backbone(x)
    return keras.layers.GlobalAveragePooling2D(name="embedding", dtype="float32")(x)


def gelu(x: Any) -> Any:
    """Compute what Keras' activation of that name does, whose operation tf2onnx does not know."""
    return 0.5 * x * (1.0 + keras.ops.erf(x * 0.5**0.5))


def _cnn(x: Any, layout: Cnn, dropout: float) -> Any:
    layers = keras.layers
    activation = gelu if layout.activation == "gelu" else layout.activation
    for number, filters in enumerate(layout.filters, 1):
        x = layers.Conv2D(filters, layout.kernel, activation=activation, name=f"conv{number}")(x)
        x = layers.MaxPooling2D(name=f"pool{number}")(x)
        if layout.batch_norm:
            x = layers.BatchNormalization(momentum=MOMENTUM, name=f"norm{number}")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    for number, units in enumerate(layout.dense, 1):
        x = layers.Dense(units, activation=activation, name=f"dense{number}")(x)
    return layers.Identity(name="embedding", dtype="float32")(x)


def freeze_before(network: keras.Model, model: Model, first: str) -> None:
    """Leave the layers from the one named ``first`` on trainable; "" means all.

    In a network that was trained before, BatchNormalization layers never are: with a small batch
    their statistics only get worse. Raises DataError when no layer's name begins with ``first``.
    """
    body = network if model.backbone == "cnn" else network.get_layer(model.backbone)
    learns = not first
    for layer in body.layers:
        learns = learns or layer.name.startswith(first)
        normalises = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = learns and not (model.pretrained and normalises)
    if not learns:
        raise DataError(
            f"fine_tune.train_from: no layer of {model.backbone} begins with {first!r}."
        )


def check_buildable(recipe: Recipe, classes: int) -> None:
    """Raise DataError where :func:`build` or :func:`freeze_before` would."""
    network = build(recipe.model, classes, None)
    freeze_before(network, recipe.model, recipe.fine_tune.train_from)


def new_epoch(network: keras.Model, seed: int, epoch: int) -> None:
    """Seed every random layer for an epoch, so that a stopped run goes on alike.

    Each differently, and so that no step has the numbers of another epoch's: Keras counts up the
    second of the two.
    """
    for place, layer in enumerate(every_layer(network)):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            generator.state.assign([(seed + place) % 2**32, epoch << _STEPS])


def every_layer(network: keras.Model) -> Iterator[keras.Layer]:
    """Yield the layers of a network, and those of the networks in it."""
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            yield from every_layer(layer)
        else:
            yield layer
