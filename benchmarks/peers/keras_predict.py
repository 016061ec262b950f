"""Keras on TensorFlow: the same architecture with random weights, answered by ``predict``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.peers.task import BATCH, Many, One, Task

#: Whether it is the very network, or one of the same architecture.
SAME = False


def network(task: Task) -> Any:
    """Build the network for RGB pixels made ready by its ``preprocess_input``."""
    shape = task.size, task.size, 3
    return keras.applications.ResNet50(weights=None, classes=task.classes, input_shape=shape)


def one(task: Task) -> dict[str, One]:
    """Answer what ``load_img`` read, as Keras' guide has it, and what TensorFlow decoded."""
    model, sides = network(task), (task.size, task.size)

    def answer(pixels: Any) -> Any:
        ready = keras.applications.resnet50.preprocess_input(pixels[None])
        return model.predict(ready, verbose=0)[0]

    def with_load_img(path: str) -> Any:
        image = keras.utils.load_img(path, target_size=sides)
        return answer(keras.utils.img_to_array(image))

    def with_tensorflow(path: str) -> Any:
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        return answer(tf.image.resize(image, sides).numpy())

    return {
        "Keras predict, load_img": with_load_img,
        "Keras predict, tf.io": with_tensorflow,
    }


def many(task: Task) -> dict[str, Many]:
    """Answer a dataset of the folder in which the pictures lie."""
    model = network(task)

    def answers(paths: Sequence[str]) -> Iterator[Any]:
        folder = Path(paths[0]).parent
        dataset = keras.utils.image_dataset_from_directory(
            folder,
            labels=None,
            shuffle=False,
            batch_size=BATCH,
            image_size=(task.size, task.size),
            verbose=False,
        )
        ready = dataset.map(keras.applications.resnet50.preprocess_input)
        yield from model.predict(ready.prefetch(tf.data.AUTOTUNE), verbose=0)

    return {"Keras predict, image_dataset_from_directory": answers}


def convert(folder: str, size: str, classes: str) -> None:
    """Child: write the network as files for LiteRT: float32, int8 weights, all int8."""
    task = Task(Path(), Path(), int(size), int(classes), 1, Path(folder))
    model = network(task)
    some = np.random.default_rng(1).normal(0, 60, (8, 1, task.size, task.size, 3))
    for name in ("float32", "int8 weights", "int8"):
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        if name != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if name == "int8":
            converter.representative_dataset = lambda: ([x.astype(np.float32)] for x in some)
        (task.folder / f"{name}.tflite").write_bytes(converter.convert())


if __name__ == "__main__":
    convert(*sys.argv[1:])
