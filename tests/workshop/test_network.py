"""The networks a recipe can ask for, up to the file that the program opens."""

import dataclasses
import json
from types import SimpleNamespace
from typing import cast

import keras
import numpy as np
import onnx
import pytest
from PIL import Image
from scipy.special import expit, log_softmax

from florapp.core.drawing import draw
from florapp.core.errors import DataError
from florapp.core.geometry import Geometry
from florapp.core.network import Network
from training.backbones import BACKBONES, build_backbone
from training.config import Cnn, FineTune, Model, Recipe
from training.dataset import find
from training.evaluate import opened
from training.export import FP32_TOLERANCE, convert, export
from training.fit import fit
from training.labels import read_labels
from training.network import build, every_layer, freeze_before, gelu, new_epoch
from training.quantize import quantize
from training.run import Run, load

IMAGES = np.random.default_rng(2).integers(0, 256, (4, 64, 64, 3), np.uint8)


def test_the_cnn_of_a_recipe_is_built_as_it_says():
    layout = Cnn(filters=(8, 16, 24), kernel=5, activation="gelu", dense=(20, 10))
    network = build(Model(backbone="cnn", size=64, cnn=layout), 3, None)
    convolutions = [x for x in network.layers if isinstance(x, keras.layers.Conv2D)]
    assert [(x.filters, x.kernel_size) for x in convolutions] == [(8, (5, 5)), (16, (5, 5)),
                                                                  (24, (5, 5))]  # fmt: skip
    pools = [x for x in network.layers if isinstance(x, keras.layers.MaxPooling2D)]
    assert [x.pool_size for x in pools] == [(2, 2)] * 3
    dense = [x for x in network.layers if isinstance(x, keras.layers.Dense)]
    assert [x.units for x in dense] == [20, 10, 3]
    assert {x.activation.__name__ for x in (*convolutions, *dense[:-1])} == {"gelu"}
    assert network.get_layer("embedding").output.shape == (None, 10)
    assert network.predict(IMAGES, verbose=0).shape == (4, 3)


def test_gelu_is_what_keras_calls_so():
    x = np.linspace(-6, 6, 101, dtype=np.float32)
    given = keras.ops.convert_to_numpy(gelu(x))
    wanted = keras.ops.convert_to_numpy(keras.activations.gelu(x, approximate=False))
    np.testing.assert_allclose(given, wanted, atol=1e-6)


def test_random_layers_draw_different_numbers_in_every_step():
    network = build(Model(start="random", backbone="efficientnetv2b0", size=32), 3, None)

    def states(epoch):
        new_epoch(network, 7, epoch)
        random = [layer for layer in every_layer(network) if hasattr(layer, "seed_generator")]
        return [tuple(layer.seed_generator.state.numpy().tolist()) for layer in random]

    first, second = states(1), states(2)
    assert len(set(first)) == len(first) > 10
    assert all(b[1] - a[1] > 100_000 for a, b in zip(first, second, strict=True))
    assert states(1) == first


def test_the_layers_of_inceptionv3_have_the_same_names_every_time():
    names = [[x.name for x in build_backbone("inceptionv3", None).layers[1:]] for _ in range(2)]
    assert names[0] == names[1]
    assert {"conv2d", "conv2d_93"} <= set(names[0])
    assert len(set(names[0])) == len(names[0])


def test_a_cnn_normalises_after_every_pooling_where_its_recipe_says_so():
    for asked, after in ((False, "Conv2D"), (True, "BatchNormalization")):
        layout = Cnn(filters=(8, 16), batch_norm=asked)
        kinds = [type(x).__name__ for x in build(Model("cnn", size=64, cnn=layout), 3, None).layers]
        pools = [number for number, kind in enumerate(kinds) if kind == "MaxPooling2D"]
        assert [kinds[number + 1] for number in pools] == [after, "Flatten" if not asked else after]


def test_the_tutorial_s_network_has_its_numbers_of_weights():
    """Chollet's network for cats and dogs, by the count that his book prints: 3,453,121."""
    model = Model(backbone="cnn", output="sigmoid", size=150)
    assert build(model, 2, None).count_params() == 3_453_121


@pytest.mark.parametrize("backbone", ["resnet50", "cnn"])
def test_dropout_leaves_out_as_much_as_the_recipe_says(backbone):
    network = build(Model(backbone=backbone, size=64, dropout=0.4, cnn=Cnn((8,), 3)), 3, None)
    layer = network.get_layer("dropout")
    around = keras.Model(network.input, [layer.input, layer.output])
    images = IMAGES.repeat(64, axis=0) if backbone == "resnet50" else IMAGES
    for training, part in ((True, 0.4), (False, 0.0)):
        before, after = (np.asarray(x) for x in around(images, training=training))
        kept = after[before > 0] / before[before > 0]
        assert (kept == 0).mean() == pytest.approx(part, abs=0.05)
        assert kept[kept > 0] == pytest.approx(1 / (1 - part), rel=1e-5)


def test_a_single_output_is_the_binary_cross_entropy():
    network = build(Model(backbone="cnn", output="sigmoid", size=64, cnn=Cnn((4,), 3)), 2, None)
    logits = network.predict(IMAGES, verbose=0)
    assert logits.shape == (4, 2)
    assert np.all(logits[:, 0] == 0)
    z, truth = logits[:, 1], np.array([0, 1, 1, 0])
    binary = -np.where(truth, np.log(expit(z)), np.log(expit(-z)))
    np.testing.assert_allclose(-log_softmax(logits, axis=1)[np.arange(4), truth], binary, rtol=1e-5)
    with pytest.raises(DataError, match="for two classes, and there are 3"):
        build(Model(backbone="cnn", output="sigmoid", size=64), 3, None)


def test_what_was_never_trained_learns_its_normalisation_too(recipe):
    for start, learns in (("imagenet", False), ("random", True)):
        model = dataclasses.replace(recipe.model, start=start)
        network = build(model, 3, None)
        freeze_before(network, model, "")
        assert network.get_layer("resnet50").get_layer("conv1_bn").trainable is learns


@pytest.mark.parametrize("name", ["vgg16", "inceptionv3", "efficientnetv2b0"])
def test_every_backbone_that_can_be_named_is_built_and_answers(name):
    network = build(Model(backbone=name, start="random", size=96), 3, None)
    freeze_before(network, Model(backbone=name, start="random"), "")
    assert network.get_layer(name).trainable
    answers = network.predict(IMAGES[:1].repeat(2, axis=1).repeat(2, axis=2), verbose=0)
    assert answers.shape == (1, 3) and np.isfinite(answers).all()


def test_every_convolution_of_a_backbone_is_quantised():
    model = Model(backbone="efficientnetv2b0", start="random", size=32)
    run = SimpleNamespace(network=build(model, 3, None), recipe=Recipe(model=model))
    graph = quantize(convert(cast(Run, run), Geometry(32)), [IMAGES[0, :32, :32]]).graph
    made = {output: node.op_type for node in graph.node for output in node.output}
    read = [made[i] for node in graph.node if node.op_type == "Conv" for i in node.input[:2]]
    assert len(read) == 2 * 91 and set(read) == {"DequantizeLinear"}
    assert made["embedding"] != "DequantizeLinear"


@pytest.mark.parametrize("name", ["vgg16", "inceptionv3", "efficientnetv2b0"])
def test_the_preprocessing_of_a_backbone_is_that_of_keras(name):
    applications = {
        "vgg16": keras.applications.vgg16,
        "inceptionv3": keras.applications.inception_v3,
    }
    image = np.random.default_rng(1).uniform(0, 255, (2, 5, 7, 3)).astype(np.float32)
    ours = keras.ops.convert_to_numpy(BACKBONES[name].preprocess(keras.ops.array(image)))
    if name in applications:
        theirs = applications[name].preprocess_input(image.copy())
    else:  # it is inside their network, up to the first convolution
        whole = keras.applications.EfficientNetV2B0(
            include_top=False, weights=None, input_shape=(32, 32, 3)
        )
        before = keras.Model(whole.input, whole.get_layer("normalization").output)
        image = np.random.default_rng(1).uniform(0, 255, (2, 32, 32, 3)).astype(np.float32)
        ours = keras.ops.convert_to_numpy(BACKBONES[name].preprocess(keras.ops.array(image)))
        theirs = before.predict(image, verbose=0)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.fixture(scope="module")
def two_classes(tmp_path_factory):
    """Red tulips and sunflowers, 30 drawings each."""
    root, random = tmp_path_factory.mktemp("two"), np.random.default_rng(3)
    for name in ("sunflower", "tulip"):
        (root / name).mkdir()
        for number in range(30):
            place = tuple(random.uniform(0.3, 0.7, 2))
            pixels = draw(name, 60, 48, centre=place, radius=random.uniform(0.25, 0.45))
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    return root


@pytest.mark.parametrize(("batch_norm", "activation"), [(False, "relu"), (True, "gelu")])
def test_a_network_from_nothing_ends_in_the_same_contract(
    two_classes, tmp_path, batch_norm, activation
):
    """Two classes, one output, dense layers: trained, exported, and answering as Keras does."""
    layout = Cnn(filters=(8, 16), dense=(16,), batch_norm=batch_norm, activation=activation)
    recipe = Recipe(
        name="two",
        model=Model(backbone="cnn", output="sigmoid", size=48, dropout=0.0, cnn=layout),
        fine_tune=FineTune(
            sizes=(48,), epochs=6, batch=8, optimizer="rmsprop", learning_rate=3e-3,
            schedule="plateau", label_smoothing=0.0, class_weights=True, l2=1e-5, patience=6,
        ),
    )  # fmt: skip
    dataset = find(two_classes, recipe.data)
    labels = read_labels(None, dataset.classes)
    state = fit(recipe, labels, dataset, None, tmp_path / "run")
    assert not (tmp_path / "run" / "head.npz").exists()  # there is no phase 1
    assert max(line["valid_accuracy"] for line in state.history) >= 0.9
    run = load(tmp_path / "run")
    with pytest.raises(DataError, match="the size it was trained with, 48"):
        export(run, dataset, tmp_path / "two.onnx", Geometry(64))
    files = export(run, dataset, tmp_path / "two.onnx", Geometry(48))
    for file in (files.fp32, files.int8):
        network = Network(file)
        assert network.card.comparison["top1_agreement"] == 1
        given = opened(file).answer(dataset.valid)
        assert (given.given == given.truth).mean() >= 0.9
        outputs = network.run(np.zeros((1, 48, 48, 3), np.uint8))
        assert outputs.class_maps is not None and outputs.class_maps.shape == (1, 10, 10, 2)
        assert outputs.embedding is not None and outputs.embedding.shape == (1, 16)
    steps = [node.op_type for node in onnx.load(str(files.int8)).graph.node]
    assert "QuantizeLinear" in steps[: steps.index("MatMul")]
    assert "QuantizeLinear" not in steps[steps.index("MatMul") :]  # the dense layers stay float
    assert Network(files.fp32).card.comparison["largest_probability_difference"] <= FP32_TOLERANCE
    recorded = json.loads((tmp_path / "run" / "run.json").read_text())["recipe"]["model"]
    assert recorded["cnn"]["filters"] == [8, 16]
