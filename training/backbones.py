"""The networks that a recipe can name: constructor, explicit preprocessing, where they end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np

from florapp.core.errors import DataError


@dataclass(frozen=True)
class Backbone:
    """A convolutional network without its top.

    ``preprocess`` is plain arithmetic on float RGB 0..255, so that it survives the export: the
    ready-made ``preprocess_input`` of Keras gives ONNX files that fail at their first run.
    """

    build: Callable[..., keras.Model]
    preprocess: Callable[[Any], Any]


def _caffe(image: Any) -> Any:
    """RGB 0..255 to the BGR minus ImageNet's mean that Keras' ResNet50 was trained on."""
    mean = np.array([103.939, 116.779, 123.68], dtype=np.float32)
    return keras.ops.take(image, [2, 1, 0], axis=-1) - mean  # torch has no image[..., ::-1]


#: Where the weights come from: a file, Keras' download for ImageNet, or random numbers (None).
Start = Path | Literal["imagenet"] | None

BACKBONES = {"resnet50": Backbone(keras.applications.ResNet50, _caffe)}


def build_backbone(name: str, weights: Start) -> keras.Model:
    """Build ``name`` without its top, for any input size.

    Raises DataError when the weights cannot be downloaded or do not fit.
    """
    options = {"include_top": False, "input_shape": (None, None, 3), "name": name}
    if weights is None:
        return BACKBONES[name].build(weights=None, **options)
    if weights == "imagenet":
        try:
            return BACKBONES[name].build(weights=weights, **options)
        except Exception as error:  # each backend's downloader raises its own kinds
            raise DataError(
                "Keras' ImageNet weights could not be downloaded. Without a network, pass a file "
                "with --weights FILE (a Keras .h5 of this network without its top)."
            ) from error
    if not weights.is_file():
        raise DataError(f"There is no weights file {weights}.")
    try:
        return BACKBONES[name].build(weights=str(weights), **options)
    except (ValueError, OSError, KeyError) as error:
        raise DataError(f"The weights in {weights} do not fit {name}: {error}") from error
