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
from onnxruntime.quantization.calibrate import (
    TensorData,
    TensorsData,
    create_calibrator,
    save_tensors_data,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from training.graph import nodes_up_to

#: The work of a ResNet. What comes after the last feature map stays float: quantised
#: probabilities move in steps of 1/256 and reach 0.
_QUANTISED = ["Conv", "Add", "MaxPool", "Relu"]
_LEVELS, _USED = 255, 127  # steps of a byte, and those that the usual range of a tensor takes


def quantize(model: onnx.ModelProto, images: Sequence[NDArray[np.uint8]]) -> onnx.ModelProto:
    """Quantise the convolutions of ``model`` to int8 (QDQ, per channel, unsigned activations).

    ``images``, uint8 ``[size, size, 3]`` each, give the ranges of the activations. What a
    convolution reads has 7 of 8 bits for its usual range, and the eighth for what goes beyond: on
    processors without VNNI instructions two products of full range overflow the 16 bits they are
    added in (onnxruntime's quantisation guide), and the answers would depend on the machine.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain, prepared, ranges, done = (
            Path(folder) / name for name in ("fp32.onnx", "pre.onnx", "ranges.json", "int8.onnx")
        )
        onnx.save(model, str(plain))
        quant_pre_process(str(plain), str(prepared))
        graph = onnx.load(str(prepared))
        body = _body(graph)
        given = _ranges(prepared, images, usual=False)
        usual = _ranges(prepared, images, usual=True)
        for name in {node.input[0] for node in graph.graph.node if node.op_type == "Conv"}:
            given[name] = _widened(usual[name])
        save_tensors_data(given, ranges)
        quantize_static(
            str(prepared),
            str(done),
            calibration_cache_path=ranges,
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=_QUANTISED,
            nodes_to_exclude=[node.name for node in graph.graph.node if node.name not in body],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return onnx.load(str(done))


def _ranges(model: Path, images: Sequence[NDArray[np.uint8]], *, usual: bool) -> TensorsData:
    """Find from where to where each tensor goes, in any of the images or, usually, in one."""
    calibrator = create_calibrator(
        model,
        _QUANTISED,
        augmented_model_path=str(model.with_name("augmented.onnx")),
        extra_options={"moving_average": usual},  # the mean of all, as they are collected at once
    )
    calibrator.collect_data(_Photographs(images))
    return calibrator.compute_data()


def _widened(usual: TensorData) -> TensorData:
    """Stretch a range so far upwards that what is usual takes the lower of its levels."""
    least, greatest = np.minimum(usual.lowest, 0), np.maximum(usual.highest, 0)
    highest = least + (greatest - least) * (_LEVELS / _USED)
    return TensorData(lowest=np.asarray(least), highest=np.asarray(highest, least.dtype))


def _body(model: onnx.ModelProto) -> set[str]:
    """Return the names of the nodes up to the last feature map.

    They are those of the embedding, but for dense layers and what comes after one.
    """
    after: set[str] = set()
    for node in model.graph.node:
        if node.op_type in ("MatMul", "Gemm") or after.intersection(node.input):
            after.update(node.output)
    up_to = nodes_up_to(model, "embedding")
    return {n.name for n in model.graph.node if n.name in up_to and not after & {*n.output}}


class _Photographs(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime is untyped
    def __init__(self, images: Sequence[NDArray[np.uint8]]) -> None:
        self._images: Iterator[NDArray[np.uint8]] = iter(images)

    def get_next(self) -> dict[str, Any] | None:
        image = next(self._images, None)
        return None if image is None else {"image": image[np.newaxis]}
