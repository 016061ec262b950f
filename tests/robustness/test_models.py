"""A model file may hold anything: it is refused in a sentence or it answers, and does no more."""

from __future__ import annotations

import json
import pickle
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from florapp.core.drawing import draw
from florapp.core.errors import ModelFileError
from florapp.core.model_file import Card, Label
from florapp.core.network import Network
from florapp.core.pipeline import classify as answers
from florapp.core.source import Source
from tests.robustness.reader import MEGABYTES, ROOT
from tests.robustness.run import classify

pytestmark = pytest.mark.timeout(300)

ModelMaker = Callable[..., Path]
ChangedCard = Callable[..., Card]

#: Opens models, one after another, and runs each: what it says of them, and what that took.
_OPENER = """
import json, sys
from pathlib import Path
import numpy as np
from florapp.core.errors import FlorAppError
from florapp.core.network import Network
for path in sys.stdin:
    try:
        network = Network(path.strip())
        size = network.card.geometry.size
        network.run(np.zeros((1, size, size, 3), np.uint8))
        said = ""
    except FlorAppError as error:
        said = str(error)
    # Not ru_maxrss: what started this process, however much it held, counts there.
    status = Path("/proc/self/status").read_text()
    megabytes = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    print(json.dumps([said, megabytes]), flush=True)
"""


def opened(*paths: Path) -> list[tuple[str, float]]:
    """What a process of its own says of models, "" of those that work, and the most it held."""
    ended = subprocess.run(
        [sys.executable, "-c", _OPENER],
        cwd=ROOT,
        input="".join(f"{path}\n" for path in paths),
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    said = [tuple(json.loads(line)) for line in ended.stdout.splitlines()]
    assert ended.returncode == 0, f"{paths[len(said)]}: {ended.returncode} {ended.stderr[-2000:]}"
    return said


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
    "a pickle": lambda path: path.write_bytes(pickle.dumps({"weights": [1.0]})),
    "zeros, 5 GB of them": _sparse,
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


@pytest.mark.parametrize(
    "location", ["../../../../../../../../../../etc/passwd", "/etc/passwd", "link", "/dev/zero"]
)
def test_weights_that_lie_elsewhere_are_not_read(make_model: ModelMaker, location: str) -> None:
    path = make_model()
    (path.parent / "link").symlink_to("/etc/passwd")
    keep_weights(path, location)
    with pytest.raises(ModelFileError, match="not an ONNX model that can be opened"):
        Network(path)


def keep_weights(path: Path, location: str) -> None:
    """Let the weights of the model in ``path`` lie elsewhere."""
    model = onnx.load_model_from_string(path.read_bytes())
    weights = next(tensor for tensor in model.graph.initializer if tensor.name == "weights")
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    del weights.external_data[:]
    for key, value in (("location", location), ("offset", "0"), ("length", "36")):
        entry = weights.external_data.add()
        entry.key, entry.value = key, value
    path.write_bytes(model.SerializeToString())


def test_nor_from_the_current_folder_whatever_the_model_is_called(
    make_model: ModelMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is no text is not given to onnxruntime, which then knows no folder."""
    path = make_model()
    path = path.rename(path.with_name("\udcff.onnx"))
    assert Network(path)
    monkeypatch.chdir("/")
    for location in ("etc/passwd", "../../etc/passwd", "/etc/passwd"):
        keep_weights(path, location)
        with pytest.raises(ModelFileError, match="not an ONNX model that can be opened"):
            Network(path)


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


#: What may harm whoever shows it as more than text.
TEXTS = [
    "\x1b[31mred\x1b]0;title\x07\x1b[2J\x9b31m\r\n\t\0",
    "<b>bold</b><img src='file:///etc/passwd'><script>alert(1)</script>&lt;",
    "[bold red]rich[/] [link=http://x]y[/link] %s {0} {name}",
    "\u202egnp.exe\u2066\u200b\ufeff e\u0301" + "\u0301" * 50,
    "x" * 10_000,
]


@pytest.mark.parametrize("form", ["--json", "--csv", "table"])
def test_a_label_is_shown_as_text(
    make_model: ModelMaker, changed_card: ChangedCard, learnt: Any, tmp_path: Path, form: str
) -> None:
    labels = tuple(Label(f"{n}", text, text, "species", text) for n, text in enumerate(TEXTS))
    card = changed_card(labels=labels, calibration=learnt)
    path = make_model(card=card, classes=len(TEXTS))
    Image.fromarray(draw("rose", 96, 80)).save(tmp_path / "a.png")
    command = [sys.executable, "-m", "florapp", "classify", "--model", str(path)]
    command += [str(tmp_path / "a.png")] if form == "table" else [form, str(tmp_path / "a.png")]
    ended = subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=ROOT, check=True, timeout=250
    )
    assert ended.stderr == ""
    if form == "table":
        assert not {"\x1b", "\x07", "\x9b", "\0", "\r"} & set(ended.stdout)
        words = "".join(ended.stdout.split())
        for text in ("<b>bold</b>", "[boldred]rich[/]", "x" * 10_000, "%s{0}{name}"):
            assert text in words
    if form == "--json":
        named = {each["name"] for each in json.loads(ended.stdout)["predictions"]}
        assert named == set(TEXTS)


def test_a_model_of_20_000_classes_works(
    make_model: ModelMaker, changed_card: ChangedCard, tmp_path: Path
) -> None:
    labels = tuple(
        Label(f"id-{n}", f"Name {n}", f"Genus {n}", genus=f"Genus {n}") for n in range(20_000)
    )
    path = make_model(card=changed_card(labels=labels), classes=20_000)
    for number in range(100):
        Image.new("RGB", (40, 30), "blue").save(tmp_path / f"{number}.png")
    run = classify("--model", path, tmp_path)
    assert len(run.answers) == 100
    assert run.answers[0]["predictions"][0]["id"] == "id-2"
    assert len(run.answers[0]["predictions"]) == 5
    assert run.megabytes < 400


def test_many_answers_of_20_000_classes_are_kept_in_little_memory(
    make_model: ModelMaker, changed_card: ChangedCard
) -> None:
    """As in the strip of the window."""
    labels = tuple(Label(f"id-{n}", f"Name {n}") for n in range(20_000))
    network = Network(make_model(card=changed_card(labels=labels), classes=20_000))
    picture = Image.new("RGB", (40, 30), "blue")
    tracemalloc.start()
    try:
        kept = list(answers(network, [Source(str(n), picture) for n in range(30)]))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(kept) == 30
    assert held < 30 * 400_000
