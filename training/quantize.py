"""From the fp32 graph to int8 convolutions, calibrated on training photographs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from training.graph import nodes_up_to

#: The work of a ResNet. What comes after the last feature map stays float: quantised
#: probabilities move in steps of 1/256 and reach 0.
_QUANTISED = ["Conv", "Add", "MaxPool", "Relu"]


def quantize(model: onnx.ModelProto, images: Sequence[NDArray[np.uint8]]) -> onnx.ModelProto:
    """Quantise the convolutions of ``model`` to int8 (QDQ, per channel, unsigned activations).

    ``images``, uint8 ``[size, size, 3]`` each, give the ranges of the activations. Weights use 7
    of their 8 bits: on processors without VNNI instructions two products of full range overflow
    the 16 bits they are added in (onnxruntime's quantisation guide), and the answers would
    depend on the machine.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain, prepared, done = (str(Path(folder) / f"{n}.onnx") for n in ("fp32", "pre", "int8"))
        onnx.save(model, plain)
        quant_pre_process(plain, prepared)
        graph = onnx.load(prepared)
        body = nodes_up_to(graph, _last_map(graph))
        quantize_static(
            prepared,
            done,
            _Photographs(images),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=_QUANTISED,
            nodes_to_exclude=[node.name for node in graph.graph.node if node.name not in body],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return onnx.load(done)


def _last_map(model: onnx.ModelProto) -> str:
    """Return the name of the last feature map: what is flattened, or pooled to the embedding."""
    if any(output.name == "class_maps" for output in model.graph.output):
        return "embedding"
    flattened = (n for n in model.graph.node if n.op_type in ("Reshape", "Flatten"))
    return str(next(flattened).input[0])


class _Photographs(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime is untyped
    def __init__(self, images: Sequence[NDArray[np.uint8]]) -> None:
        self._images: Iterator[NDArray[np.uint8]] = iter(images)

    def get_next(self) -> dict[str, Any] | None:
        image = next(self._images, None)
        return None if image is None else {"image": image[np.newaxis]}
