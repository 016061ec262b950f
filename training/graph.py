"""Changes to an ONNX graph: its names, its last step, its card."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from florapp.core.errors import DataError
from florapp.core.model_file import Card, to_metadata

TEMPERATURE = "temperature"


def name_batch_axis(model: onnx.ModelProto) -> None:
    """Call the first axis of every input and output ``batch`` (tf2onnx calls it ``unk__N``)."""
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"


def add_probabilities(model: onnx.ModelProto, classes: int) -> None:
    """Append ``probabilities`` = softmax(logits / temperature), the temperature being 1 for now.

    It is done last, neither in Keras nor before the quantisation, because both optimise a division
    by a constant 1 away, and the calibration must find it.
    """
    graph = model.graph
    graph.initializer.append(_scalar(1.0))
    graph.node.extend(
        [
            helper.make_node("Div", ["logits", TEMPERATURE], ["scaled"], "scaled"),
            helper.make_node("Softmax", ["scaled"], ["probabilities"], "probabilities", axis=-1),
        ]
    )
    graph.output.append(
        helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", classes])
    )


def set_temperature(model: onnx.ModelProto, temperature: float) -> None:
    """Put ``temperature`` where :func:`add_probabilities` left it.

    Raises DataError for a graph without it.
    """
    for constant in model.graph.initializer:
        if constant.name == TEMPERATURE:
            constant.CopyFrom(_scalar(temperature))
            return
    raise DataError(
        "The model cannot be calibrated: its graph has no initializer called 'temperature'. Export "
        "it with 'python -m training export'."
    )


def set_card(model: onnx.ModelProto, card: Card) -> None:
    """Write ``card`` into the file's metadata."""
    onnx.helper.set_model_props(model, to_metadata(card))


def nodes_up_to(model: onnx.ModelProto, tensor: str) -> set[str]:
    """Return the names of the nodes that ``tensor`` is computed from, its own included."""
    producers = {output: node for node in model.graph.node for output in node.output}
    names: set[str] = set()
    waiting = [tensor]
    while waiting:
        node = producers.get(waiting.pop())
        if node is not None and node.name not in names:
            names.add(node.name)
            waiting += node.input
    return names


def _scalar(temperature: float) -> TensorProto:
    return numpy_helper.from_array(np.array(temperature, dtype=np.float32), TEMPERATURE)
