"""A model file is enough to go on from: without its rounding, and as a network that learns."""

import dataclasses
import json

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from florapp.core.errors import DataError
from florapp.core.geometry import Geometry
from florapp.core.network import Network
from training.backbones import build_backbone
from training.batches import PlainBatches
from training.config import Model, Recipe
from training.dataset import find
from training.dequantize import dequantize
from training.export import convert
from training.fit import fit
from training.graph import add_probabilities, set_card
from training.learnt import from_facts, from_photos
from training.network import build
from training.prepare import start_of
from training.run import Run, begin, load


@pytest.fixture(scope="module")
def images(dataset):
    batches = PlainBatches(dataset.valid, 3, Geometry(32, "stretch"))
    return np.concatenate([batches[i][0] for i in range(len(batches))])


@pytest.fixture(scope="module")
def plain(exported, tmp_path_factory):
    """The int8 file without its rounding."""
    path = tmp_path_factory.mktemp("plain") / "plain.onnx"
    onnx.save(dequantize(onnx.load(str(exported.int8))), str(path))
    return path


def test_nothing_in_it_is_rounded_any_more(plain, exported, images):
    model = onnx.load(str(plain))
    onnx.checker.check_model(model)
    assert not {node.op_type for node in model.graph.node} & {"QuantizeLinear", "DequantizeLinear"}
    exact, rounded = Network(exported.fp32).run(images), Network(exported.int8).run(images)
    given = Network(plain).run(images)
    off = [np.abs(answers.logits - exact.logits).max() for answers in (given, rounded)]
    assert 0 < off[0] < off[1]  # the weights are still rounded, what they multiply is not
    assert Network(plain).card == Network(exported.int8).card


def test_a_file_that_was_never_rounded_stays_as_it_is(exported):
    model = onnx.load(str(exported.fp32))
    same = dequantize(model)
    assert list(same.graph.node) == list(model.graph.node)
    assert list(same.graph.initializer) == list(model.graph.initializer)
    assert list(same.graph.output) == list(model.graph.output)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_network_of_a_model_file_comes_back(precision, exported, plain, recipe, images):
    network = build(recipe.model, 3, getattr(exported, precision))
    body = keras.Model(network.input, network.get_layer("embedding").output)
    expected = Network(exported.fp32 if precision == "fp32" else plain).run(images).embedding
    assert expected is not None
    np.testing.assert_allclose(body.predict(images, verbose=0), expected, rtol=1e-4, atol=1e-4)


@pytest.fixture
def once(recipe):
    """A recipe of a single epoch."""
    return dataclasses.replace(recipe, fine_tune=dataclasses.replace(recipe.fine_tune, sizes=(32,)))


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_of_the_same_classes_it_goes_on_with_its_head(
    precision, exported, plain, once, labels, dataset, tmp_path, images
):
    still = dataclasses.replace(once.fine_tune, learning_rate=1e-9, weight_decay=0.0)
    file = getattr(exported, precision)
    fit(dataclasses.replace(once, fine_tune=still), labels, dataset, file, tmp_path)
    expected = Network(exported.fp32 if precision == "fp32" else plain).run(images).logits
    given = load(tmp_path).network.predict(images, verbose=0)
    np.testing.assert_allclose(given, expected, rtol=1e-3, atol=1e-3)


def test_what_the_file_has_learnt_from_is_known_to_the_training(
    exported, once, labels, photographs, dataset, tmp_path, capsys
):
    other = dataclasses.replace(once, data=dataclasses.replace(once.data, valid_fraction=0.5))
    split = find(photographs, other.data)
    begin(tmp_path / "run", other, labels, split, exported.int8)
    learnt = from_photos(split.train) | from_photos(dataset.train)
    taught = len(split.valid) - len(from_photos(dataset.train).unseen(split.valid))
    assert 0 < taught < len(split.valid)
    said = capsys.readouterr().out + capsys.readouterr().err
    assert f"{taught} of the {len(split.valid)} photographs held back have taught" in said
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert from_facts(facts) == learnt
    assert from_facts(Network(exported.int8).card.data) == from_photos(dataset.train)


def test_a_training_of_other_classes_begins_from_a_model_file(
    exported, once, labels, dataset, tmp_path
):
    others = tuple(f"new {name}" for name in dataset.classes)
    labels = tuple(dataclasses.replace(label, id=f"new {label.id}") for label in labels)
    dataset = dataclasses.replace(dataset, classes=others)
    state = fit(once, labels, dataset, exported.int8, tmp_path)
    assert (tmp_path / "head.npz").exists()  # its head is fitted anew
    assert state.history[0]["valid_accuracy"] >= 0.6
    before = build_backbone("resnet50", exported.int8).get_layer("conv1_conv").get_weights()
    after = load(tmp_path).network.get_layer("resnet50").get_layer("conv1_conv").get_weights()
    for old, new in zip(before, after, strict=True):  # before train_from
        np.testing.assert_array_equal(old, new)


def test_a_graph_that_somebody_else_has_rounded_comes_back_too():
    """Without zero points, which are 0 then, and with an output that was rounded last."""
    numbers = numpy_helper.from_array(np.array(0.5, np.float32), "scale")
    nodes = [
        helper.make_node("QuantizeLinear", ["image", "scale"], ["bytes"]),
        helper.make_node("DequantizeLinear", ["bytes", "scale"], ["answer"]),
    ]
    image, answer = (
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [2])
        for name in ("image", "answer")
    )
    model = helper.make_model(
        helper.make_graph(nodes, "rounded", [image], [answer], [numbers]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    plain = dequantize(model).SerializeToString()
    session = onnxruntime.InferenceSession(plain, providers=["CPUExecutionProvider"])
    (given,) = session.run(None, {"image": np.array([-1.0, 1.3], np.float32)})
    np.testing.assert_array_equal(given, np.array([0.0, 1.3], np.float32))


def test_a_vgg16_comes_back(exported, tmp_path, images):
    model = Model(backbone="vgg16", start="random", size=32)
    before = build(model, 3, None)
    path = tmp_path / "vgg16.onnx"
    card = dataclasses.replace(Network(exported.fp32).card, recipe={"model": {"backbone": "vgg16"}})
    run = Run(Recipe(model=model), card.labels, {}, before)
    converted = convert(run, Geometry(32))
    add_probabilities(converted, 3)
    set_card(converted, card)
    onnx.save(converted, str(path))
    after = build(dataclasses.replace(model, start="imagenet"), 3, path)
    given, expected = (
        keras.Model(network.input, network.get_layer("embedding").output).predict(images, verbose=0)
        for network in (after, before)
    )
    np.testing.assert_allclose(given, expected, rtol=1e-4, atol=1e-5)


def test_a_file_of_a_network_with_other_layers_is_refused(exported, tmp_path):
    model = onnx.load(str(exported.int8))
    for node in model.graph.node:
        node.input[:] = [name.replace("conv2_conv", "conv9_conv") for name in node.input]
        node.output[:] = [name.replace("conv2_conv", "conv9_conv") for name in node.output]
    for constant in model.graph.initializer:
        constant.name = constant.name.replace("conv2_conv", "conv9_conv")
    onnx.save(model, str(tmp_path / "other.onnx"))
    with pytest.raises(DataError, match=r"other\.onnx holds another network than resnet50"):
        build_backbone("resnet50", tmp_path / "other.onnx")


def test_a_file_that_does_not_fit_is_refused_before_anything_long_starts(exported, tmp_path):
    (tmp_path / "none.ONNX").write_bytes(b"none")
    odd, card = onnx.load(str(exported.int8)), Network(exported.int8).card
    set_card(odd, dataclasses.replace(card, recipe={"model": [1]}))
    onnx.save(odd, str(tmp_path / "odd.onnx"))
    for weights, model, words in (
        (exported.int8, Model("vgg16"), "holds another network than vgg16"),
        (exported.int8, Model("inceptionv3"), "inceptionv3 cannot begin from a model file"),
        (tmp_path / "odd.onnx", Model("resnet50"), "holds another network than resnet50"),
        (tmp_path / "none.ONNX", Model("resnet50"), "is not an ONNX model"),
    ):
        with pytest.raises(DataError, match=words):
            start_of(Recipe(model=model), weights)
    assert start_of(Recipe(), exported.int8) == exported.int8
