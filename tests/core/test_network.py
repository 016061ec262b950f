"""A model file opens and answers, or a sentence says what is wrong with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from florapp.core.errors import FlorAppError, ModelFileError
from florapp.core.geometry import Geometry
from florapp.core.model_file import to_metadata
from florapp.core.network import Network


def images(plain, *colours):
    return np.stack([plain(colour, 32, 32) for colour in colours])


def refusal(path):
    with pytest.raises(ModelFileError) as error:
        Network(path)
    return str(error.value)


def test_a_model_opens_with_its_card(tiny_model, card):
    assert Network(tiny_model).card == card
    assert Network(str(tiny_model)).card == card


def test_onnxruntime_that_cannot_be_loaded_is_a_sentence(tiny_model, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(FlorAppError, match="onnxruntime, which runs the model, cannot be loaded"):
        Network(tiny_model)


def test_onnxruntime_is_told_not_to_report_home(tiny_model, monkeypatch):
    told = []
    monkeypatch.setattr("onnxruntime.disable_telemetry_events", lambda: told.append(True))
    Network(tiny_model)
    assert told


def test_it_opens_from_a_path_of_any_name(tiny_model, tmp_path, card):
    path = tmp_path / "Blüten 花.onnx"
    path.write_bytes(tiny_model.read_bytes())
    assert Network(path).card == card


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text elsewhere")
def test_it_opens_from_a_path_that_is_not_in_the_systems_encoding(tiny_model, tmp_path, card):
    path = tmp_path / os.fsdecode(b"Bl\xfcten.onnx")
    path.write_bytes(tiny_model.read_bytes())
    assert Network(path).card == card


@pytest.mark.parametrize("factor", [100.0, -1.0, 0.5])
def test_what_are_no_probabilities_is_refused(tiny_model, plain, tmp_path, factor):
    model = onnx.load(str(tiny_model))
    (last,) = (node for node in model.graph.node if "probabilities" in node.output)
    last.output[:] = ["before"]
    model.graph.initializer.append(
        onnx.numpy_helper.from_array(np.array(factor, np.float32), "factor")
    )
    model.graph.node.append(onnx.helper.make_node("Mul", ["before", "factor"], ["probabilities"]))
    onnx.save(model, str(tmp_path / "odd.onnx"))
    with pytest.raises(ModelFileError, match="probabilities"):
        Network(tmp_path / "odd.onnx").run(images(plain, "blue"))


def test_it_answers_each_picture_of_a_batch(tiny_model, plain):
    outputs = Network(tiny_model).run(images(plain, "blue", "red", "green", "red"))
    assert outputs.logits.shape == outputs.probabilities.shape == (4, 3)
    assert outputs.logits.argmax(axis=1).tolist() == [2, 0, 1, 0]
    assert outputs.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_the_probabilities_are_those_of_the_temperature_in_the_card(tiny_model, plain, card):
    outputs = Network(tiny_model).run(images(plain, "blue"))
    powers = np.exp(outputs.logits / card.temperature)
    assert np.allclose(outputs.probabilities, powers / powers.sum(), atol=1e-6)


def test_what_a_model_need_not_give_may_be_missing(tiny_model, make_model, plain):
    outputs = Network(tiny_model).run(images(plain, "red"))
    assert outputs.embedding is not None
    assert outputs.embedding[0] == pytest.approx([1, 0, 0])
    assert outputs.class_maps is None
    short = Network(make_model(outputs=("probabilities", "logits"))).run(images(plain, "red"))
    assert short.embedding is None
    assert np.array_equal(short.probabilities, outputs.probabilities)


def test_a_missing_file_or_a_folder_is_no_model(tmp_path):
    assert f"no model file {tmp_path / 'gone.onnx'}" in refusal(tmp_path / "gone.onnx")
    assert "no model file" in refusal(tmp_path)


def test_a_file_that_may_not_be_read_is_told_as_that(tmp_path, tiny_model, monkeypatch):
    assert "cannot be read: File name too long" in refusal(tmp_path / ("a" * 300))

    def refuse(self, *_):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    assert f"{tiny_model} cannot be read: Permission denied" in refusal(tiny_model)


@pytest.mark.parametrize("content", [b"", b"garbage" * 100, b"\x08\x0a"])
def test_any_other_file_is_no_model(tmp_path, content):
    path = tmp_path / "garbage.onnx"
    path.write_bytes(content)
    sentence = refusal(path)
    assert str(path) in sentence
    assert "not an ONNX model" in sentence or "not a FlorApp model" in sentence


@pytest.mark.skipif(sys.platform != "linux", reason="such names, and files with holes, of Linux")
def test_a_file_larger_than_onnx_allows_is_not_read(tmp_path):
    """Nor is one whose name is no text, all of which onnxruntime would be given."""
    for name in (b"large.onnx", b"\xff.onnx"):
        path = tmp_path / os.fsdecode(name)
        path.touch()
        os.truncate(path, 5_000_000_000)
        assert "is larger than 2 GB" in refusal(path)


def test_a_model_that_was_cut_short_is_refused(tiny_model, tmp_path):
    path = tmp_path / "cut.onnx"
    path.write_bytes(tiny_model.read_bytes()[:300])
    assert "not an ONNX model that can be opened, or it is damaged" in refusal(path)


def test_an_onnx_file_without_labels_is_refused(make_model):
    assert "not a FlorApp model" in refusal(make_model(metadata={}))


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        ({"image_type": onnx.TensorProto.FLOAT}, "must be 'image', uint8"),
        ({"image_name": "pixels"}, "must be 'image', uint8"),
        ({"image_shape": ("batch", 64, 64, 3)}, "card says [batch, 32, 32, 3]"),
        ({"classes": 4}, "4], and its card says [batch, 3]"),
        ({"classes": 2}, "2], and its card says [batch, 3]"),
        ({"batched": False}, "'logits' are [], and its card says [batch, 3]"),
        ({"outputs": ("logits", "embedding")}, "no output 'probabilities'"),
        ({"outputs": ("probabilities", "embedding")}, "no output 'logits'"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_graph_that_is_not_of_the_contract_is_refused(make_model, variant, words):
    assert words in refusal(make_model(**variant))


def test_a_card_that_does_not_fit_the_graph_is_refused(make_model, changed_card):
    assert "card says [batch, 2" in refusal(make_model(card=changed_card(geometry=Geometry(2))))
    labels = changed_card().labels[:2]
    assert "card says [batch, 2]" in refusal(make_model(card=changed_card(labels=labels)))


def test_a_model_of_any_size_of_picture_opens(make_model, changed_card, plain):
    path = make_model(
        image_shape=("batch", "height", "width", 3), card=changed_card(geometry=Geometry(48))
    )
    assert Network(path).run(np.zeros((1, 48, 48, 3), np.uint8)).logits.shape == (1, 3)


def test_a_model_that_opens_but_fails_says_so(make_model, plain):
    network = Network(make_model(broken=True))
    with pytest.raises(ModelFileError, match="opens but cannot be run"):
        network.run(images(plain, "red", "red"))


@pytest.mark.parametrize("shape", [[], None, ["batch"]], ids=str)
def test_a_model_that_takes_no_picture_is_refused(tmp_path, card, shape):
    kinds, classes = onnx.TensorProto, len(card.labels)
    share = onnx.helper.make_tensor("share", kinds.FLOAT, [1, classes], [1 / classes] * classes)
    given = onnx.helper.make_tensor_value_info("image", kinds.UINT8, shape)
    names = ("logits", "probabilities")
    nodes = [onnx.helper.make_node("Constant", [], [name], value=share) for name in names]
    outputs = [onnx.helper.make_tensor_value_info(name, kinds.FLOAT, [None, 3]) for name in names]
    nodes.append(onnx.helper.make_node("Identity", ["image"], ["unused"]))
    graph = onnx.helper.make_graph(nodes, "none", [given], outputs)
    imports = [onnx.helper.make_opsetid("", 17)]
    model = onnx.helper.make_model(graph, opset_imports=imports, ir_version=8)
    onnx.helper.set_model_props(model, to_metadata(card))
    onnx.save(model, str(tmp_path / "none.onnx"))
    assert "card says [batch, 32, 32, 3]" in refusal(tmp_path / "none.onnx")


def test_a_model_that_takes_a_fixed_number_of_pictures_is_refused(make_model):
    with pytest.raises(ModelFileError, match="1 pictures at a time"):
        Network(make_model(image_shape=(1, 32, 32, 3)))


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("class_maps", []),
        ("class_maps", ["batch", 3]),
        ("class_maps", ["batch", 3, 7, 7]),
        ("novelty", ["batch", 3]),
    ],
    ids=str,
)
def test_maps_and_novelty_of_another_form_are_refused(tiny_model, tmp_path, name, shape):
    """They would break what uses them, in the middle of the work."""
    model = onnx.load(str(tiny_model))
    model.graph.node.append(onnx.helper.make_node("Identity", ["embedding"], [name]))
    kind = onnx.TensorProto.FLOAT
    model.graph.output.append(onnx.helper.make_tensor_value_info(name, kind, shape))
    onnx.save(model, str(tmp_path / "odd.onnx"))
    with pytest.raises(ModelFileError, match=f"'{name}' is"):
        Network(tmp_path / "odd.onnx")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("class_maps", np.zeros((1, 0, 0, 3))),
        ("class_maps", np.full((1, 2, 2, 3), np.nan)),
    ],
    ids=("no maps", "maps that are no numbers"),
)
def test_maps_without_anything_in_them_are_refused(tiny_model, tmp_path, plain, name, value):
    model, kind = onnx.load(str(tiny_model)), onnx.TensorProto.FLOAT
    given = onnx.helper.make_tensor("given", kind, value.shape, value.ravel())
    model.graph.node.append(onnx.helper.make_node("Constant", [], [name], value=given))
    shape: list[str | int] = ["batch", "height", "width", 3]
    own = onnx.helper.make_tensor_value_info(name, kind, shape[: value.ndim])
    model.graph.output.append(own)
    onnx.save(model, str(tmp_path / "empty.onnx"))
    with pytest.raises(ModelFileError, match=f"'{name}' breaks the contract"):
        Network(tmp_path / "empty.onnx").run(images(plain, "red"))


def test_what_else_a_model_gives_is_its_own_affair(tiny_model, tmp_path, plain):
    model = onnx.load(str(tiny_model))
    given = onnx.helper.make_tensor("given", onnx.TensorProto.INT64, [2], [1, 2])
    model.graph.node.append(onnx.helper.make_node("Constant", [], ["more"], value=given))
    kind = onnx.TensorProto.INT64
    model.graph.output.append(onnx.helper.make_tensor_value_info("more", kind, [2]))
    onnx.save(model, str(tmp_path / "more.onnx"))
    assert len(Network(tmp_path / "more.onnx").run(images(plain, "red")).logits) == 1
