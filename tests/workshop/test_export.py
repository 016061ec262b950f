import hashlib
import json
import math
import shutil

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper
from scipy.special import softmax
from typer.testing import CliRunner

from florapp.core.errors import DataError
from florapp.core.geometry import Geometry
from florapp.core.network import Network
from florapp.core.selftest import check as self_test
from training.__main__ import app, main
from training.backbones import BACKBONES, Backbone
from training.batches import PlainBatches
from training.dataset import Dataset, Photo
from training.export import _spread, check, compare, export
from training.files import write_whole
from training.graph import nodes_up_to
from training.learnt import from_photos


@pytest.fixture(params=["fp32", "int8"])
def file(request, exported):
    return getattr(exported, request.param)


@pytest.fixture(scope="session")
def images(dataset):
    batches = PlainBatches(dataset.valid, 3, Geometry(32, "stretch"))
    return np.concatenate([batches[i][0] for i in range(len(batches))])


def test_the_card_says_what_the_file_is(file, exported, run, dataset, weights):
    card = Network(file).card
    assert card.precision == ("fp32" if file == exported.fp32 else "int8")
    assert file.name == f"tiny-{card.precision}.onnx"
    assert card.title == "Three drawn flowers"
    assert card.labels == run.labels
    assert card.geometry == Geometry(32, "stretch")
    assert card.temperature == 1
    assert card.recipe == run.facts["recipe"]
    assert card.licence == "drawn"
    assert card.data == {
        "fingerprint": dataset.fingerprint,
        "photographs": {"train": 45, "valid": 15},
        "weights": hashlib.sha256(weights.read_bytes()).hexdigest(),
        **from_photos(dataset.train).as_facts(),
        "history": run.history,
        "before": run.before,
    }
    assert run.history and run.before


def test_the_comparison_with_keras_is_in_the_card(file, run, images, dataset):
    network = Network(file)
    given, comparison = network.run(images).probabilities, network.card.comparison
    expected = softmax(run.network.predict(images, verbose=0), axis=1)
    truth = np.array([photo.label for photo in dataset.valid])
    assert comparison["photographs"] == 15
    assert comparison["top1"] == pytest.approx((given.argmax(axis=1) == truth).mean())
    assert comparison["top1_keras"] == pytest.approx((expected.argmax(axis=1) == truth).mean())
    difference = np.abs(given - expected).max()
    assert comparison["largest_probability_difference"] == pytest.approx(difference, abs=1e-5)
    if network.card.precision == "fp32":
        assert difference < 1e-4
        assert comparison["top1_agreement"] == 1


def test_the_self_test_is_in_the_card(file):
    network = Network(file)
    assert set(network.card.self_test.probabilities) == {"sunflower", "tulip", "water_lily"}
    assert sum(network.card.self_test.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert self_test(network) < 1e-5


def test_the_outputs_agree_with_one_another(file, run, images):
    out = Network(file).run(images)
    kernel, bias = run.network.get_layer("head").get_weights()
    scale = np.abs(out.logits).max()
    assert out.class_maps is not None
    assert out.class_maps.shape == (15, 8, 8, 3)
    assert out.embedding is not None
    assert out.embedding.shape == (15, 16)
    for logits in (out.class_maps.mean(axis=(1, 2)) + bias, out.embedding @ kernel + bias):
        np.testing.assert_allclose(logits, out.logits, rtol=1e-4, atol=1e-5 * scale)
    np.testing.assert_allclose(out.probabilities, softmax(out.logits, axis=1), atol=1e-5)


def test_any_number_of_pictures_at_once(file, images):
    network = Network(file)
    together = network.run(images).probabilities
    for part in (images[:1], images[:4]):
        np.testing.assert_allclose(
            network.run(part).probabilities, together[: len(part)], atol=1e-5
        )
    graph = onnx.load(str(file)).graph
    assert {v.type.tensor_type.shape.dim[0].dim_param for v in (*graph.input, *graph.output)} == {
        "batch"
    }


def test_int8_ends_with_the_last_feature_map(exported):
    model = onnx.load(str(exported.int8))
    made = {output: node for node in model.graph.node for output in node.output}
    constants = {c.name: numpy_helper.to_array(c) for c in model.graph.initializer}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    assert len(convolutions) == 3
    for node in convolutions:
        image, kernel = made[node.input[0]], made[node.input[1]]
        assert image.op_type == kernel.op_type == "DequantizeLinear"
        assert constants[image.input[2]].dtype == np.uint8
        values = constants[kernel.input[0]]
        assert values.dtype == np.int8
        assert np.abs(values.astype(int)).max() == 127
        assert constants[kernel.input[1]].shape == (len(values),)  # a scale for each channel
    back_to_float = set()
    waiting = ["embedding", "logits", "class_maps", "probabilities"]
    while waiting:  # from the answers backwards
        node = made.get(waiting.pop())
        if node is not None and node.op_type == "DequantizeLinear":
            back_to_float.add(node.name)
        elif node is not None:
            assert node.op_type not in ("QuantizeLinear", "Conv")
            waiting += node.input
    (last,) = back_to_float  # one: the feature map; the head's kernel was float all along
    before = nodes_up_to(model, next(n for n in model.graph.node if n.name == last).output[0])
    assert {node.name for node in convolutions} <= before


def test_int8_does_not_overflow_on_processors_without_vnni(exported, images):
    """What a convolution reads takes 7 of 8 bits: two products fit into 16 bits."""
    model = onnx.load(str(exported.int8))
    made = {output: node for node in model.graph.node for output in node.output}
    read = [made[node.input[0]].input[0] for node in model.graph.node if node.op_type == "Conv"]
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in set(read))
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    levels = session.run(read, {"image": images})
    assert all(level.dtype == np.uint8 for level in levels)
    for level in levels:
        assert level.dtype == np.uint8
        assert level.max(axis=(1, 2, 3)).mean() == pytest.approx(127, rel=0.15)


@pytest.mark.parametrize("wrong", ["nothing", "rgb", "scaled"])
def test_a_wrong_preprocessing_is_found_and_nothing_written(
    wrong, run, dataset, tmp_path, monkeypatch
):
    right = BACKBONES["resnet50"]
    preprocess = {
        "nothing": lambda image: image,
        "rgb": lambda image: right.preprocess(image)[..., ::-1],
        "scaled": lambda image: right.preprocess(image) / 127.5,
    }[wrong]
    monkeypatch.setitem(BACKBONES, "resnet50", Backbone(right.build, preprocess))
    with pytest.raises(DataError, match=r"fp32 file's probabilities differ .* nothing was written"):
        export(run, dataset, tmp_path / "out" / "wrong.onnx", Geometry(32, "stretch"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("photos", [1, 255, 256, 300, 511, 8349])
def test_the_photographs_to_quantise_on_are_spread_over_all(photos, tmp_path):
    train = tuple(Photo(tmp_path / str(i), i) for i in range(photos))
    chosen = [int(path.name) for path in _spread(Dataset(tmp_path, (), train, (), ""))]
    assert len(set(chosen)) == len(chosen) == min(photos, 256)
    assert (chosen[0], chosen[-1]) == (0, photos - 1)
    assert max(np.diff(chosen), default=0) <= math.ceil(photos / 255)


def test_a_run_of_before_is_exported_with_its_folder_alone(
    finished, photographs, tmp_path, monkeypatch, capsys
):
    old = shutil.copytree(finished, tmp_path / "old")
    facts = json.loads((old / "run.json").read_text())
    assert facts.pop("folder") == str(photographs)
    del facts["weights"], facts["learnt_from"]
    (old / "run.json").write_text(json.dumps(facts))
    arguments = ["export", str(old), "--out", str(tmp_path / "m.onnx")]
    monkeypatch.setattr("sys.argv", ["training", *arguments])
    assert main() == 1
    assert "Pass them with --data" in capsys.readouterr().err
    again = CliRunner().invoke(app, [*arguments, "--data", str(photographs)])
    assert again.exit_code == 0, again.output
    card = Network(tmp_path / "m-fp32.onnx").card
    assert set(card.data) == {"fingerprint", "photographs", "history", "before"}


def test_the_command_at_another_size(finished, tmp_path):
    arguments = ["export", str(finished), "--size", "48"]  # the run knows its photographs
    out = tmp_path / "new" / "larger.onnx"
    result = CliRunner().invoke(app, [*arguments, "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 0
    assert "quantising on 45 training photographs" in result.output
    for precision in ("fp32", "int8"):
        network = Network(out.with_name(f"larger-{precision}.onnx"))
        assert network.card.geometry == Geometry(48, "stretch")
        maps = network.run(np.zeros((2, 48, 48, 3), np.uint8)).class_maps
        assert maps is not None
        assert maps.shape == (2, 12, 12, 3)
        assert self_test(network) < 1e-5


def test_a_size_that_no_model_file_may_have_is_told_at_once(finished, tmp_path):
    arguments = ["export", str(finished), "--out", str(tmp_path / "m.onnx"), "--size", "4096"]
    with pytest.raises(DataError, match="at most 2048 pixels"):
        CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_compare():
    truth = np.array([0, 1, 1, 0])
    keras = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]], np.float32)
    given = np.array([[0.9, 0.1], [0.7, 0.3], [0.4, 0.6], [0.4, 0.6]], np.float32)
    found = compare(truth, keras, given)
    assert found["largest_probability_difference"] == pytest.approx(0.5)
    del found["largest_probability_difference"]
    assert found == {"photographs": 4, "top1_agreement": 0.25, "top1_keras": 0.75, "top1": 0.5}


def comparison(photographs, lost, difference=0.0):
    return {
        "photographs": photographs,
        "top1_keras": 0.9,
        "top1": 0.9 - lost,
        "largest_probability_difference": difference,
    }


@pytest.mark.parametrize("photographs", [10, 200, 1000, 8000])
def test_int8_may_lose_half_a_point_or_one_photograph(photographs):
    allowed = max(0.005, 1 / photographs)
    check("int8", comparison(photographs, allowed, difference=0.3))
    check("int8", comparison(photographs, -0.1))
    with pytest.raises(DataError, match=r"int8 file loses .* nothing was written"):
        check("int8", comparison(photographs, allowed + 1 / photographs))
    with pytest.raises(DataError, match="int8"):
        check("int8", comparison(photographs, math.nan))


def test_fp32_may_not_differ():
    check("fp32", comparison(100, 0.0, 1e-4))
    for difference in (1.1e-4, math.nan):
        with pytest.raises(DataError, match="fp32 file's probabilities differ"):
            check("fp32", comparison(100, 0.0, difference))


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_text("old")

    def half(part):
        part.write_text("ne")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_whole(path, half)
    assert path.read_text() == "old"
    write_whole(path, lambda part: part.write_text("new"))
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]
