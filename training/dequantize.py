"""From an int8 graph back to a float one; what was rounded for int8 stays rounded.

So a model file is enough to go on learning from, and to compare with: the run that it was exported
from need not be kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

_Array = NDArray[Any]


def dequantize(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return ``model`` without its QuantizeLinear and DequantizeLinear nodes.

    Constants become float32; what other nodes compute is handed on as it is, but where 0 is the
    least that a tensor's bytes can hold: the quantisation has left the Relu there to the rounding,
    and it comes back. A graph that has none of these nodes keeps those it has.
    """
    plain = onnx.ModelProto()
    plain.CopyFrom(model)
    graph = plain.graph
    constants = {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}
    outputs = {output.name for output in graph.output}
    same: dict[str, str] = {}  # a tensor, and the one that it was rounded from
    nodes = []
    for node in graph.node:
        node.input[:] = [same.get(name, name) for name in node.input]
        if node.op_type == "QuantizeLinear":
            zero = constants[node.input[2]] if len(node.input) > 2 else np.zeros((), np.uint8)
            if zero == np.iinfo(zero.dtype).min:
                nodes.append(helper.make_node("Relu", node.input[:1], node.output))
            else:
                same[node.output[0]] = node.input[0]
        elif node.op_type != "DequantizeLinear":
            nodes.append(node)
        elif node.input[0] in constants:
            values = _as_float(node, *(constants[name] for name in node.input))
            graph.initializer.append(numpy_helper.from_array(values, node.output[0]))
        elif node.output[0] in outputs:
            nodes.append(helper.make_node("Identity", node.input[:1], node.output))
        else:
            same[node.output[0]] = node.input[0]
    used = {name for node in nodes for name in node.input}
    kept = [constant for constant in graph.initializer if constant.name in used]
    graph.CopyFrom(helper.make_graph(nodes, graph.name, graph.input, graph.output, kept))
    return plain


def _as_float(
    node: onnx.NodeProto, values: _Array, scale: _Array, zero: _Array | None = None
) -> _Array:
    """Compute what a DequantizeLinear does, by tensor or, along its ``axis``, by channel."""
    shape = [1] * values.ndim
    if scale.ndim:
        axis = next((given.i for given in node.attribute if given.name == "axis"), 1)
        shape[axis] = -1
    moved = values.astype(np.float32)
    if zero is not None:
        moved -= zero.astype(np.float32).reshape(shape)
    return np.asarray(moved * scale.reshape(shape), np.float32)
