"""A tiny model whose class maps follow the pixels, and a picture with a red blob to be found."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image, ImageDraw

from florapp.core.geometry import Fit, Geometry
from florapp.core.model_file import Card, to_metadata

SIZE, CELLS = 64, 8
BLOB = (0.7, 0.25)  # its middle, in parts of the upright picture's width and height

#: How an upright picture is turned to be stored in an orientation.
_Turn = Image.Transpose
_STORED = {
    2: _Turn.FLIP_LEFT_RIGHT,
    3: _Turn.ROTATE_180,
    4: _Turn.FLIP_TOP_BOTTOM,
    5: _Turn.TRANSPOSE,
    6: _Turn.ROTATE_90,
    7: _Turn.TRANSVERSE,
    8: _Turn.ROTATE_270,
}


def save_mapped_model(path: Path, card: Card, fit: Fit) -> Path:
    """Write a model like the tiny one, whose logits are the means of its 8 x 8 maps."""
    cell = SIZE // CELLS
    constants = {
        "cells": np.array([-1, CELLS, cell, CELLS, cell, 3]),
        "within": np.array([2, 4]),
        "all": np.array([1, 2]),
        "weights": np.eye(3, dtype=np.float32) / np.float32(16),  # 255 gives 16 logits
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["float", "cells"], ["parted"]),
        helper.make_node("ReduceMean", ["parted", "within"], ["means"], keepdims=0),
        helper.make_node("MatMul", ["means", "weights"], ["class_maps"]),
        helper.make_node("ReduceMean", ["class_maps", "all"], ["logits"], keepdims=0),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
    ]
    shapes: dict[str, list[str | int | None]] = {
        "logits": ["batch", 3],
        "probabilities": ["batch", 3],
        "class_maps": ["batch", CELLS, CELLS, 3],
    }
    graph = helper.make_graph(
        nodes,
        "mapped",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", SIZE, SIZE, 3])],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items()],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])
    onnx.checker.check_model(model)
    card = dataclasses.replace(card, geometry=Geometry(SIZE, fit))
    helper.set_model_props(model, dict(to_metadata(card)))
    path.write_bytes(model.SerializeToString())
    return path


def blob_picture(width: int, height: int, orientation: int = 1) -> bytes:
    """Return a PNG file, stored in ``orientation``: black with a red blob, upright at BLOB.

    A green one lies across the middle from it.
    """
    image = Image.new("RGB", (width, height))
    draw, radius = ImageDraw.Draw(image), 0.11 * min(width, height)
    for (x, y), colour in ((BLOB, (255, 0, 0)), ((1 - BLOB[0], 1 - BLOB[1]), (0, 200, 0))):
        draw.circle((x * width, y * height), radius, fill=colour)
    if orientation in _STORED:
        image = image.transpose(_STORED[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    image.save(file, "PNG", exif=exif)
    return file.getvalue()
