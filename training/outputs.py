"""What a model file gives beside probabilities, from the network of a run, as Keras tensors."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import keras
from keras import ops

from training.backbones import BACKBONES
from training.config import Model
from training.network import as_logits


def outputs(network: keras.Model, model: Model, image: Any) -> dict[str, Any]:
    """Return logits ``[batch, classes]``, embedding and class_maps ``[batch, h, w, classes]``.

    ``image`` is uint8 ``[batch, height, width, 3]``. The mean of the maps is the logits, but for
    what biases add to them.
    """
    said = _dense(network, image) if model.backbone == "cnn" else _pooled(network, model, image)
    return {name: as_logits(x, model) if name != "embedding" else x for name, x in said.items()}


def _pooled(network: keras.Model, model: Model, image: Any) -> dict[str, Any]:
    x = BACKBONES[model.backbone].preprocess(ops.cast(image, "float32"))
    features = network.get_layer(model.backbone)(x, training=False)
    kernel, bias = network.get_layer("head").get_weights()
    embedding = ops.mean(features, axis=(1, 2))
    return {
        "logits": ops.matmul(embedding, kernel) + bias,
        "embedding": embedding,
        "class_maps": ops.matmul(features, kernel),
    }


def _dense(network: keras.Model, image: Any) -> dict[str, Any]:
    """Add up in every dense layer what each cell of the last map gives, and keep that apart.

    Of a cell's part an activation lets through as much as of the sum (the rule LRP-0 of Bach et al.
    2015; with ReLU it is the gradient times what it meets).
    """
    flat = network.get_layer("flat")
    last = keras.Model(network.input, flat.input)(image, training=False)
    _, height, width, channels = last.shape
    parts = ops.transpose(ops.reshape(last, (-1, height * width, channels)), (1, 0, 2))
    layers = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    kernel, bias = layers[0].get_weights()
    parts = ops.matmul(parts, kernel.reshape(height * width, channels, -1))
    embedding, sums = flat(last), ops.sum(parts, axis=0) + bias
    for before, layer in pairwise(layers):
        embedding = before.activation(sums)
        parts = parts * (embedding / ops.where(ops.equal(sums, 0.0), 1.0, sums))
        kernel, bias = layer.get_weights()
        parts, sums = ops.matmul(parts, kernel), ops.matmul(embedding, kernel) + bias
    maps = ops.reshape(ops.transpose(parts, (1, 0, 2)), (-1, height, width, sums.shape[-1]))
    return {"logits": sums, "embedding": embedding, "class_maps": maps * (height * width)}
