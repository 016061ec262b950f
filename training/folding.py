"""BatchNormalizations that never learn, computed within the convolutions before them.

In inference mode one multiplies each channel and adds to it, which the convolution's kernel and
bias can do at no cost. Done by itself it goes over every map again, in float32 even where all else
is bfloat16 (docs/training.md has what that takes). The weights stay where they were, and learn the
same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
from keras import ops


def folded(body: keras.Model) -> keras.Model:
    """Return ``body``, for inference mode, with copies of its weights and what can be folded.

    That is where a plain convolution goes into a BatchNormalization and nowhere else.
    """
    uses = Counter(id(given) for layer in body.layers for given in _inputs(layer))
    convolutions = {
        id(layer.output): layer.name
        for layer in body.layers
        if type(layer) is keras.layers.Conv2D
        and layer.activation is keras.activations.linear
        and uses[id(layer.output)] == 1
    }
    within = {
        layer.name: convolutions[id(layer.input)]
        for layer in body.layers
        if isinstance(layer, keras.layers.BatchNormalization) and id(layer.input) in convolutions
    }
    kinds: dict[str, type[keras.layers.Layer]] = dict.fromkeys(within, _Folded)
    kinds |= dict.fromkeys(within.values(), _Folding)
    network = keras.models.clone_model(
        body,
        clone_function=lambda layer: kinds.get(layer.name, type(layer)).from_config(
            layer.get_config()
        ),
    )
    for norm, convolution in within.items():
        network.get_layer(convolution).norm = partial(_factor_and_term, network.get_layer(norm))
    network.set_weights(body.get_weights())
    return network


def _inputs(layer: keras.layers.Layer) -> list[Any]:
    return layer.input if isinstance(layer.input, list) else [layer.input]


def _factor_and_term(norm: keras.layers.BatchNormalization) -> tuple[Any, Any]:
    """Return what it multiplies each channel by, and what it then adds."""
    factor = ops.rsqrt(norm.moving_variance + norm.epsilon)
    if norm.scale:
        factor *= norm.gamma
    term = -norm.moving_mean * factor
    return factor, term + norm.beta if norm.center else term


class _Folding(keras.layers.Conv2D):  # type: ignore[misc]  # keras is untyped
    """A convolution with the normalisation after it; ``norm`` says what that does."""

    norm: Callable[[], tuple[Any, Any]] | None = None  # a function: a layer would be counted twice

    def add_weight(self, *args: Any, **options: Any) -> Any:
        """Keep kernel and bias in float32: they are rounded once, when they are multiplied."""
        return super().add_weight(*args, **options | {"autocast": False})

    def call(self, inputs: Any) -> Any:
        # There is none yet while the network is put together.
        factor, term = self.norm() if self.norm else (1.0, 0.0)
        if self.use_bias:
            term += self.bias * factor
        kernel = ops.cast(self.kernel * factor, self.compute_dtype)
        return self.convolution_op(inputs, kernel) + ops.cast(term, self.compute_dtype)


class _Folded(keras.layers.BatchNormalization):  # type: ignore[misc]
    """A normalisation that the convolution before it has done."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        return inputs
