"""A model may call its classes anything, and have many: they are told as text, in little memory."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from florapp.core.drawing import draw
from florapp.core.model_file import Card, Label
from florapp.core.network import Network
from florapp.core.pipeline import classify as answers
from florapp.core.source import Source
from tests.robustness.reader import ROOT
from tests.robustness.run import classify

pytestmark = pytest.mark.timeout(300)

ModelMaker = Callable[..., Path]
ChangedCard = Callable[..., Card]

#: What may harm whoever shows it as more than text.
TEXTS = [
    "\x1b[31mred\x1b]0;title\x07\x1b[2J\x9b31m\r\n\t\0",
    "<b>bold</b><img src='file:///etc/passwd'><script>alert(1)</script>&lt;",
    "[bold red]rich[/] [link=http://x]y[/link] %s {0} {name}",
    "\u202egnp.exe\u2066\u200b\ufeff e\u0301" + "\u0301" * 50,
    "x" * 10_000,
]
#: The first, as it is written in CSV: what a terminal would obey has become blanks.
IN_CSV = [" [31mred ]0;title [2J 31m ", *TEXTS[1:]]


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
        predictions = json.loads(ended.stdout)["predictions"]
        assert {each["name"] for each in predictions} == set(TEXTS)
    if form == "--csv":
        head, *rows = csv.reader(io.StringIO(ended.stdout, newline=""))
        assert head[:5] == ["path", "rank", "id", "name", "scientific_name"]
        assert len(rows) == len(TEXTS)
        for _, _, number, *named, _, _ in rows:
            assert named == [IN_CSV[int(number)]] * 2


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
