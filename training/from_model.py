"""What a training takes over from a model file: its body, and for the same classes its head.

So the file that the program loads is enough to go on from, int8 or not; its run need not be kept.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnxruntime.quantization.shape_inference import quant_pre_process

from florapp.core.errors import DataError, ModelFileError
from florapp.core.network import Network
from training.dequantize import dequantize

#: Those whose convolutions have biases, which can take what the BatchNormalizations add.
PLAIN = ("resnet50", "vgg16")


def is_model_file(weights: Path) -> bool:
    """Whether it is a file of the program's, and none of Keras'."""
    return weights.suffix.lower() == ".onnx"


def check_model_file(name: str, path: Path) -> None:
    """Raise DataError where no backbone ``name`` can begin from the model file ``path``."""
    if name not in PLAIN:
        raise DataError(f"A training of {name} cannot begin from a model file ({path}).")
    try:
        card = Network(path).card
    except ModelFileError as error:
        raise DataError(str(error)) from error
    model = card.recipe.get("model")
    if not isinstance(model, dict) or model.get("backbone") != name:
        raise _another(name, path)


def load_body(network: keras.Model, path: Path) -> None:
    """Give the convolutions of ``network``, a backbone, the weights they have in a model file.

    Its BatchNormalizations then change nothing: the export has multiplied them into the
    convolutions before them. Raises DataError where they do not fit.
    """
    check_model_file(network.name, path)
    nodes, constants = _graph(path)
    convolutions = [node for node in nodes if node.op_type == "Conv"]
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            one = np.ones(layer.gamma.shape)
            layer.set_weights([one, 0 * one, 0 * one, one - layer.epsilon])
        elif isinstance(layer, keras.layers.Conv2D):
            named = re.compile(rf"/{re.escape(layer.name)}(_\d+)?/")  # Keras counts its calls
            try:
                (node,) = (node for node in convolutions if named.search(node.input[1]))
                kernel, *bias = (constants[name] for name in node.input[1:])
                bias = bias or [np.zeros(len(kernel), np.float32)]  # left out where it is 0
                layer.set_weights([kernel.transpose(2, 3, 1, 0), *bias])
            except (ValueError, KeyError) as error:
                raise _another(network.name, path) from error


def head_of(
    path: Path, classes: Sequence[str], inputs: int, outputs: int
) -> list[NDArray[np.float32]] | None:
    """Return the kernel ``[inputs, outputs]`` and the bias of a model file's head.

    None where it is that of other classes, or of another shape.
    """
    if [label.id for label in Network(path).card.labels] != list(classes):
        return None
    nodes, constants = _graph(path)
    for node in nodes:
        if node.op_type == "Gemm" and node.input[0] == "embedding":
            kernel, bias = (constants[name] for name in node.input[1:])
            if kernel.shape == (inputs, outputs):
                return [kernel, bias]
    return None


def _another(name: str, path: Path) -> DataError:
    return DataError(f"{path} holds another network than {name}, or not all of it.")


def _graph(path: Path) -> tuple[Sequence[onnx.NodeProto], dict[str, NDArray[np.float32]]]:
    """Return a file's nodes without its rounding, and its constants by name."""
    graph = _fused(dequantize(onnx.load(str(path)))).graph
    return graph.node, {value.name: numpy_helper.to_array(value) for value in graph.initializer}


def _fused(model: onnx.ModelProto) -> onnx.ModelProto:
    """Multiply what follows a convolution into it, as an int8 file has it already."""
    with tempfile.TemporaryDirectory() as folder:
        plain, fused = Path(folder) / "plain.onnx", Path(folder) / "fused.onnx"
        onnx.save(model, str(plain))
        quant_pre_process(str(plain), str(fused))
        return onnx.load(str(fused))
