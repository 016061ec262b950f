"""The networks that a recipe can name: constructor, explicit preprocessing, smallest input."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np

from florapp.core.errors import DataError
from training.from_model import PLAIN, is_model_file, load_body


@dataclass(frozen=True)
class Backbone:
    """A convolutional network without its top, as keras.applications has it.

    ``preprocess`` is plain arithmetic on float RGB 0..255, so that it survives the export: the
    ready-made ``preprocess_input`` of Keras gives ONNX files that fail at their first run.
    ``options`` are further arguments of the constructor.
    """

    build: Callable[..., keras.Model]
    preprocess: Callable[[Any], Any]
    options: tuple[tuple[str, Any], ...] = ()


def _caffe(image: Any) -> Any:
    """RGB 0..255 to the BGR minus ImageNet's mean that Keras' ResNet50 and VGG16 learnt from."""
    mean = np.array([103.939, 116.779, 123.68], dtype=np.float32)
    return keras.ops.take(image, [2, 1, 0], axis=-1) - mean  # torch has no image[..., ::-1]


def _signed(image: Any) -> Any:
    """RGB 0..255 to -1..1, as InceptionV3 has it."""
    return image / 127.5 - 1.0


def _standardised(image: Any) -> Any:
    """RGB 0..255 to ImageNet's mean 0 and variance 1, as EfficientNetV2-B0 does it inside."""
    mean = np.array([0.485, 0.456, 0.406], dtype=np.float32)
    spread = np.array([0.229, 0.224, 0.225], dtype=np.float32)
    return (image / 255.0 - mean) / spread


#: Where the weights come from: a file (Keras' or a model file), the folder of another run, Keras'
#: download for ImageNet, or random numbers (None).
Start = Path | Literal["imagenet"] | None

BACKBONES = {
    "resnet50": Backbone(keras.applications.ResNet50, _caffe),
    "vgg16": Backbone(keras.applications.VGG16, _caffe),
    "inceptionv3": Backbone(keras.applications.InceptionV3, _signed),
    "efficientnetv2b0": Backbone(
        keras.applications.EfficientNetV2B0, _standardised, (("include_preprocessing", False),)
    ),
}

#: Of the running means of BatchNormalizations that learn. Keras' own 0.99 takes some 500 steps to
#: come near, of which a small data set has too few: until then the network is right in training and
#: guesses elsewhere.
MOMENTUM = 0.9


_NUMBERED = {"conv2d", "batch_normalization", "activation", "concatenate"}
_NUMBERED |= {"average_pooling2d", "max_pooling2d"}


def build_backbone(name: str, weights: Start) -> keras.Model:
    """Build ``name`` without its top, for any input size; it is a layer of that name.

    Raises DataError when the weights cannot be downloaded or do not fit.
    """
    model_file = weights if isinstance(weights, Path) and is_model_file(weights) else None
    network = _built(name, None if model_file else weights)
    _number_again(network)
    network.name = name  # not given to the constructor: EfficientNetV2 finds its blocks by its own
    if model_file:
        load_body(network, model_file)
    if weights is None:
        for layer in network.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = MOMENTUM
    return network


def _number_again(network: keras.Model) -> None:
    """Name layers that Keras numbers through the whole process, as InceptionV3's, from 0 again.

    A recipe's ``train_from`` is then the same layer in every network of the kind.
    """
    counts: Counter[str] = Counter()
    for layer in network.layers:
        base = re.sub(r"_\d+$", "", layer.name)
        if base in _NUMBERED:
            layer.name = f"{base}_{counts[base]}" if counts[base] else base
            counts[base] += 1


def _built(name: str, weights: Start) -> keras.Model:
    kind = BACKBONES[name]
    options = {"include_top": False, "input_shape": (None, None, 3), **dict(kind.options)}
    if weights is None:
        return kind.build(weights=None, **options)
    if weights == "imagenet":
        try:
            return kind.build(weights=weights, **options)
        except Exception as error:  # each backend's downloader raises its own kinds
            also = ", or a model file of one, as assets/models/flowers103.onnx is of a resnet50"
            raise DataError(
                "Keras' ImageNet weights could not be downloaded. Without a network, pass a file "
                f"with --weights FILE (a Keras .h5 of a {name} without its top"
                f"{also if name in PLAIN else ''}), or begin from random ones with "
                'start = "random" under [model] in the recipe.'
            ) from error
    if not weights.is_file():
        raise DataError(f"There is no weights file {weights}.")
    try:
        return kind.build(weights=str(weights), **options)
    except (ValueError, OSError, KeyError) as error:
        raise DataError(f"The weights in {weights} do not fit {name}: {error}") from error
