"""A model file may hold anything: it is refused in a sentence or it answers, and does no more."""

from __future__ import annotations

import os
import pickle
import random
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from florapp.core.errors import ModelFileError
from florapp.core.model_file import Card, Label
from florapp.core.network import Network
from tests.robustness.opener import opened
from tests.robustness.reader import MEGABYTES
from tests.robustness.run import classify

pytestmark = pytest.mark.timeout(300)

ModelMaker = Callable[..., Path]
ChangedCard = Callable[..., Card]


def test_a_model_cut_short_anywhere_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    content = tiny_model.read_bytes()
    paths = []
    for length in range(0, len(content), 9):
        paths.append(tmp_path / f"{length}.onnx")
        paths[-1].write_bytes(content[:length])
    for said, _ in opened(*paths):
        assert said.endswith("."), said


def test_a_damaged_model_is_refused_or_answers(tiny_model: Path, tmp_path: Path) -> None:
    content, dice, paths = tiny_model.read_bytes(), random.Random(0), []
    for number in range(600):
        damaged = bytearray(content)
        for _ in range(dice.choice((1, 1, 2, 5))):
            damaged[dice.randrange(len(damaged))] = dice.choice(
                (0, 1, 127, 255, dice.randrange(256))
            )
        paths.append(tmp_path / f"{number}.onnx")
        paths[-1].write_bytes(damaged)
    said = opened(*paths)
    assert {True, False} == {bool(sentence) for sentence, _ in said}
    assert max(megabytes for _, megabytes in said) < MEGABYTES


def _linked(path: Path, to: Path) -> None:
    path.unlink()
    path.symlink_to(to)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(5_000_000_000)


def _with_huge_weights(path: Path) -> None:
    """A graph that wants a terabyte for one tensor, and holds a name for it."""
    model = onnx.load(str(path))
    shape = helper.make_tensor("many", TensorProto.INT64, [2], [1_000_000, 250_000])
    model.graph.initializer.append(shape)
    model.graph.node.insert(0, helper.make_node("ConstantOfShape", ["many"], ["huge"]))
    model.graph.node.insert(1, helper.make_node("ReduceSum", ["huge"], ["sum"], keepdims=0))
    kind = helper.make_tensor_value_info("embedding2", TensorProto.FLOAT, [])
    model.graph.node.append(helper.make_node("Identity", ["sum"], ["embedding2"]))
    model.graph.output.append(kind)
    path.write_bytes(model.SerializeToString())


OTHERS: dict[str, Callable[[Path], object]] = {
    "a text": lambda path: path.write_text("Roses are red."),
    "a picture": lambda path: Image.new("RGB", (64, 64)).save(path, "PNG"),
    "an archive": lambda path: path.write_bytes(b"PK\3\4" + bytes(1000)),
    "a link to itself": lambda path: _linked(path, path),
    "a device": lambda path: _linked(path, Path("/dev/zero")),
    "a graph that wants a terabyte": _with_huge_weights,
}


@pytest.mark.parametrize("other", OTHERS)
def test_anything_else_is_refused(make_model: ModelMaker, other: str) -> None:
    path = make_model()
    OTHERS[other](path)
    ((said, megabytes),) = opened(path)
    assert said.endswith("."), said
    assert megabytes < MEGABYTES


def _with_3_gibibytes(path: Path) -> None:
    """Behind the model, fields that nobody knows: zeros, which lie nowhere on the disk."""
    with path.open("r+b") as file:
        for _ in range(3):
            file.seek(0, os.SEEK_END)
            file.write(b"\xc2\x3e" + b"\x80\x80\x80\x80\x04")  # its number, and how many bytes
            file.truncate(file.tell() + 2**30)


HUGE: dict[str, Callable[[Path], object]] = {
    "a sound model and 3 GB of anything": _with_3_gibibytes,
    "zeros, 5 GB of them": _sparse,
}


@pytest.mark.parametrize("name", ["huge.onnx", "\udcff.onnx"], ids=["text", "no text"])
@pytest.mark.parametrize("huge", HUGE)
def test_a_huge_file_is_refused_unread(make_model: ModelMaker, huge: str, name: str) -> None:
    path = make_model()
    HUGE[huge](path)
    ((said, megabytes),) = opened(path.rename(path.with_name(name)))
    assert "larger than" in said
    assert megabytes < MEGABYTES / 2


class _Trace:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, (str(self._path),)


def test_a_pickle_is_not_unpickled(make_model: ModelMaker, tmp_path: Path) -> None:
    path, trace = make_model(), tmp_path / "trace"
    path.write_bytes(pickle.dumps(_Trace(trace)))
    ((said, _),) = opened(path)
    assert said.endswith("."), said
    assert not trace.exists()
    pickle.loads(path.read_bytes())
    assert trace.exists()  # so it would have been seen


def test_an_operator_that_is_code_is_refused(make_model: ModelMaker) -> None:
    path = make_model()
    model = onnx.load(str(path))
    for node in model.graph.node:
        if node.op_type == "Softmax":
            node.domain, node.op_type = "ai.onnx.contrib", "PyOp"
    model.opset_import.append(helper.make_opsetid("ai.onnx.contrib", 1))
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelFileError):
        Network(path)


CODE = (
    "__import__('os').system('touch {0}') ${{IFS}} $(touch {0}) `touch {0}` {{{{7*7}}}} %(x)s {{0}}"
)


def test_what_a_model_says_is_never_run(
    make_model: ModelMaker, changed_card: ChangedCard, tmp_path: Path
) -> None:
    trace, code = tmp_path / "trace", CODE.format(tmp_path / "trace")
    card = changed_card(
        title=code,
        labels=tuple(Label(f"{code}{n}", code, code, "species", code, code) for n in range(3)),
        recipe={"name": code, "command": code},
        provenance=code,
    )
    path = make_model(card=card)
    Image.new("RGB", (40, 30), "red").save(tmp_path / "a.png")
    run = classify("--model", path, tmp_path / "a.png")
    assert run.answers[0]["predictions"][0]["name"] == code
    assert not trace.exists()
