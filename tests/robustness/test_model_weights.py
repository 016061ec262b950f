"""Weights may lie in a file beside their model, and nowhere else: a stranger's model reads none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from florapp.core.errors import ModelFileError
from florapp.core.network import Network

ModelMaker = Callable[..., Path]
REFUSED = "not an ONNX model that can be opened"


def _given(model: onnx.ModelProto) -> TensorProto:
    """The weights, where the tiny model has them."""
    return next(tensor for tensor in model.graph.initializer if tensor.name == "weights")


def _taken(model: onnx.ModelProto, name: str) -> TensorProto:
    weights = TensorProto()
    weights.CopyFrom(_given(model))
    weights.name = name
    model.graph.initializer.remove(_given(model))
    return weights


def _in_a_constant(model: onnx.ModelProto) -> TensorProto:
    node = helper.make_node("Constant", [], ["weights"], value=_taken(model, "constant"))
    model.graph.node.insert(0, node)
    return model.graph.node[0].attribute[0].t


def _in_a_branch(model: onnx.ModelProto) -> TensorProto:
    """In a graph that an If goes to."""
    weights = _taken(model, "within")
    result = helper.make_tensor_value_info("result", TensorProto.FLOAT, weights.dims)
    identity = helper.make_node("Identity", ["within"], ["result"])
    branch = helper.make_graph([identity], "branch", [], [result], [weights])
    model.graph.initializer.append(helper.make_tensor("yes", TensorProto.BOOL, [], [True]))
    node = helper.make_node("If", ["yes"], ["weights"], then_branch=branch, else_branch=branch)
    model.graph.node.insert(0, node)
    return model.graph.node[0].attribute[0].g.initializer[0]


PLACES = {"its graph": _given, "a constant": _in_a_constant, "a branch": _in_a_branch}


def keep_weights(path: Path, location: str, place: str = "its graph") -> bytes:
    """Let the weights of the tiny model in ``path`` lie elsewhere, and return them."""
    model = onnx.load_model_from_string(path.read_bytes())
    weights = PLACES[place](model)
    content = weights.raw_data
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", str(len(content)))):
        entry = weights.external_data.add()
        entry.key, entry.value = key, value
    path.write_bytes(model.SerializeToString())
    return content


@pytest.mark.parametrize("place", PLACES)
def test_weights_may_lie_beside_the_model(make_model: ModelMaker, place: str) -> None:
    path = make_model()
    content = keep_weights(path, "weights", place)
    with pytest.raises(ModelFileError, match=REFUSED):
        Network(path)
    path.with_name("weights").write_bytes(content)
    assert Network(path)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "location",
    [
        "../elsewhere/weights",
        "{}/elsewhere/weights",
        "link",
        "../../../../../../../../../../etc/passwd",
        "/etc/passwd",
        "/dev/zero",
    ],
)
def test_weights_that_lie_elsewhere_are_not_read(
    make_model: ModelMaker, tmp_path: Path, location: str, place: str
) -> None:
    for name in ("here", "elsewhere"):
        (tmp_path / name).mkdir()
    path = make_model().rename(tmp_path / "here/model.onnx")
    content = keep_weights(path, location.format(tmp_path), place)
    (tmp_path / "elsewhere/weights").write_bytes(content)
    (tmp_path / "here/link").symlink_to(tmp_path / "elsewhere/weights")
    with pytest.raises(ModelFileError, match=REFUSED):
        Network(path)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("location", ["weights", "{}/weights", "/etc/passwd"])
def test_nor_from_the_current_folder_whatever_the_model_is_called(
    make_model: ModelMaker, monkeypatch: pytest.MonkeyPatch, location: str, place: str
) -> None:
    """A name that is no text is not given to onnxruntime, which then knows no folder."""
    path = make_model()
    path = path.rename(path.with_name("\udcff.onnx"))
    assert Network(path)
    content = keep_weights(path, location.format(path.parent), place)
    path.with_name("weights").write_bytes(content)
    monkeypatch.chdir(path.parent)
    with pytest.raises(ModelFileError, match=REFUSED):
        Network(path)
