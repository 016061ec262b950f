"""A tiny real model of the contract: it names a picture by its mean colour. No TensorFlow."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, settings
from onnx import TensorProto, helper, numpy_helper

from florapp.core.geometry import Geometry
from florapp.core.model_file import Calibration, Card, Label, SelfTest, to_metadata

# No window appears while the tests run, unless someone wants to see them.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# The machine may be busy; how long one example takes says nothing of FlorApp.
settings.register_profile(
    "florapp", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("florapp")

SIZE = 32
COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
OUTPUTS = ("logits", "probabilities", "embedding")

CARD = Card(
    title="Tiny colours",
    labels=tuple(Label(name, name.capitalize(), rank="group") for name in COLOURS),
    geometry=Geometry(SIZE, "stretch"),
    temperature=2.0,
    precision="float32",
    self_test=SelfTest("rose", {"red": 0.8, "green": 0.1}),
    comparison={"largest_difference": 0.0},
    recipe={"name": "tiny"},
    data={"photographs": 0},
    licence="MIT",
    provenance="Made by hand for the tests: Grün, Ж, 花.",
    figures={"accuracy": {"value": 1.0, "n": 3}},
)

ModelMaker = Callable[..., Path]


def save_model(
    path: Path,
    *,
    card: Card = CARD,
    metadata: Mapping[str, str] | None = None,
    outputs: tuple[str, ...] = OUTPUTS,
    image_name: str = "image",
    image_type: int = TensorProto.UINT8,
    image_shape: tuple[Any, ...] = ("batch", SIZE, SIZE, 3),
    classes: int = len(COLOURS),
    batched: bool = True,
    broken: bool = False,
) -> Path:
    """Write a model to ``path``; what is given otherwise than it is here breaks the contract.

    ``metadata`` replaces the card's texts, ``batched=False`` gives outputs without any axis,
    ``broken`` a graph that opens, and fails when it is run.
    """
    weights = 16 * np.eye(3, dtype=np.float32)[:, np.arange(classes) % 3] - 4
    constants = {
        "weights": weights,
        "axes": np.array([1, 2]),
        "white": np.array(255, np.float32),
        "temperature": np.array(card.temperature, np.float32),
        "shape": np.array([7 if broken else -1, 3]),
    }
    nodes = [
        helper.make_node("Cast", [image_name], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float", "axes"], ["mean"], keepdims=0),
        helper.make_node("Div", ["mean", "white"], ["colour"]),
        helper.make_node("Reshape", ["colour", "shape"], ["embedding"]),
        helper.make_node("MatMul", ["embedding", "weights"], ["scores"]),
        helper.make_node("Div", ["scores", "temperature"], ["cooled"]),
        helper.make_node("Softmax", ["cooled"], ["shares"]),
    ]
    for value, name in (("scores", "logits"), ("shares", "probabilities")):
        given = helper.make_node("Identity", [value], [name])
        whole = helper.make_node("ReduceMax", [value], [name], keepdims=0)
        nodes.append(given if batched else whole)
    shapes: dict[str, Any] = {"embedding": ["batch", 3]}
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(image_name, image_type, image_shape)],
        [
            helper.make_tensor_value_info(
                name, TensorProto.FLOAT, shapes.get(name, ["batch", classes] if batched else [])
            )
            for name in outputs
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])
    onnx.checker.check_model(model)
    helper.set_model_props(model, dict(to_metadata(card) if metadata is None else metadata))
    path.write_bytes(model.SerializeToString())
    return path


@pytest.fixture(scope="session")
def card() -> Card:
    return CARD


@pytest.fixture(scope="session")
def learnt() -> Calibration:
    """What a calibrated model has learnt."""
    return Calibration(
        photographs=100,
        reach={"0.9": 0.0, "0.95": 0.7, "0.99": 0.97},
        sure=0.9,
        usual=2.0,
        novelty=3.0,
        together={"2": 0.8, "3": 0.7},
    )


@pytest.fixture(scope="session")
def changed_card() -> Callable[..., Card]:
    """Return the tiny model's card with the fields given changed."""
    return lambda **changes: dataclasses.replace(CARD, **changes)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of a model that answers red, green or blue, whichever the picture is most."""
    return save_model(tmp_path_factory.mktemp("model") / "tiny.onnx")


@pytest.fixture
def make_model(tmp_path: Path) -> ModelMaker:
    """Return a function that writes a variant of the tiny model; see save_model."""
    return lambda **variant: save_model(tmp_path / "variant.onnx", **variant)


@pytest.fixture(scope="session")
def plain() -> Callable[..., np.ndarray]:
    """Return a function that gives pixels of one colour, by name, [height, width, 3]."""

    def pixels(colour: str, width: int = 40, height: int = 30) -> np.ndarray:
        return np.full((height, width, 3), COLOURS[colour], np.uint8)

    return pixels
