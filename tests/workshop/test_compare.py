import dataclasses
import json
import re

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from florapp.core.errors import DataError
from florapp.core.model_file import Label
from tests.workshop.hands import plain_text
from training.__main__ import app
from training.compare import Comparison, answered, by_class, compare
from training.config import Data
from training.dataset import find
from training.evaluate import opened
from training.measure import expected_calibration_error


@pytest.mark.parametrize(
    ("both", "only_b", "only_a", "neither", "low", "high"),
    [  # Newcombe (1998), table III, method 10
        (36, 12, 2, 0, 0.0569, 0.3404),
        (18, 12, 2, 18, 0.0562, 0.3290),
        (36, 14, 0, 0, 0.1528, 0.4167),
        (54, 0, 0, 0, -0.0664, 0.0664),
        (30, 0, 0, 24, -0.0358, 0.0358),
    ],
)
def test_the_interval_is_newcombes(both, only_b, only_a, neither, low, high):
    found = Comparison(both, only_a, only_b, neither).difference
    assert found.value == pytest.approx((only_b - only_a) / (both + only_a + only_b + neither))
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)
    mirrored = Comparison(both, only_b, only_a, neither).difference
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low))


@pytest.mark.parametrize(
    ("only_a", "only_b", "p", "verdict"),
    [  # p by hand: twice the lower tail of so many throws of a coin
        (3, 12, 1152 / 2**15, "B is better: 12 photographs right that A missed, 3 the other way"),
        (6, 0, 2 / 2**6, "A is better: 6 photographs right that B missed, 0 the other way"),
        (1, 5, 14 / 2**6, "No difference can be told: 5 photographs right by B alone, 1 by A"),
        (4, 4, 1, "No difference can be told: 4 photographs right by B alone, 4 by A"),
        (0, 1, 1, "No difference can be told: 1 photograph right by B alone, 0 by A"),
    ],
)
def test_the_verdict_follows_mcnemars_test(only_a, only_b, p, verdict):
    found = Comparison(500, only_a, only_b, 20)
    assert found.p == pytest.approx(p)
    assert found.verdict.startswith(verdict)
    assert found.verdict.endswith(f"p = {p:.2g}.")


def test_the_same_answers_tell_nothing():
    found = Comparison(7, 0, 0, 2)
    assert found.p == 1
    assert found.verdict.startswith("No difference can be told: both are right about")


def test_much_is_not_written_with_many_digits():
    assert Comparison(10, 0, 40, 0).verdict.endswith("p < 0.001.")


@pytest.fixture
def colours(tmp_path, plain):
    """A folder of 5 red, 4 green and 3 blue pictures, a blue one among the red."""
    root = tmp_path / "colours"
    for name, count in (("red", 5), ("green", 4), ("blue", 3)):
        (root / name).mkdir(parents=True)
        for number in range(count):
            shown = "blue" if (name, number) == ("red", 0) else name
            pixels = plain(shown).copy()
            pixels[:3, :3] = 20 * number
            Image.fromarray(pixels).save(root / name / f"{name}_{number}.png")
    return root


@pytest.fixture
def other_model(make_model, changed_card):
    """A function that gives a model whose outputs are called otherwise."""
    return lambda *names, **changes: make_model(
        card=changed_card(labels=tuple(Label(name, name.capitalize()) for name in names), **changes)
    )


def test_the_same_photographs_decide(tiny_model, other_model, colours):
    good, bad = opened(tiny_model), opened(other_model("green", "red", "blue"))
    what, a, b = answered(bad, good, colours)
    told = (f". {letter} was trained with something else" for letter in "AB")
    assert what.startswith(f"all photographs in {colours}.")
    assert all(words in what for words in told)
    found = compare(a, b)
    # The blue one among the red is wrong for both; the bad model calls red green and green red.
    assert dataclasses.astuple(found) == (3, 0, 8, 1)
    assert found.verdict.startswith("B is better: 8 photographs right that A missed")
    assert [(one.id, one.only_b, one.photographs) for one in by_class(a, b)] == [
        ("green", 4, 4),
        ("red", 4, 5),
        ("blue", 0, 3),
    ]


def test_only_classes_of_both_count(tiny_model, other_model, colours):
    what, a, b = answered(opened(tiny_model), opened(other_model("red", "violet", "blue")), colours)
    assert what.startswith(f"the photographs in {colours} that both can name")
    assert set(a.ids) == {"red", "blue"}
    assert [p.path for p in a.answers.photos] == [p.path for p in b.answers.photos]
    assert list(a.ids) == list(b.ids)
    (colours / "red").rename(colours / "violet")
    (colours / "blue").rename(colours / "brown")
    with pytest.raises(DataError, match="no photograph of a class of both"):
        answered(opened(tiny_model), opened(other_model("red", "violet", "blue")), colours)


def test_what_one_of_them_was_trained_with_does_not_count(tiny_model, other_model, colours):
    dataset = find(colours, Data())
    knows = opened(
        other_model("red", "green", "blue", data={"fingerprint": dataset.fingerprint}, recipe={})
    )
    what, a, b = answered(opened(tiny_model), knows, colours)
    assert {photo.path for photo in a.answers.photos} == {photo.path for photo in dataset.valid}
    assert "that B kept back. A was trained with something else" in what
    what, a, b = answered(knows, knows, colours)
    assert what == "the photographs that both kept back"
    assert len(b.right) == len(dataset.valid)


def test_the_command_writes_a_page_and_the_figures(tiny_model, other_model, colours, tmp_path):
    (colours / "green" / "broken.png").write_bytes(b"no picture")
    page = tmp_path / "new" / "page.html"
    searched = {"fine_tune.batch": {"choices": [8, 16]}}
    recipe = {"name": "tiny", "model": {"size": 48}, "search": searched}
    bad = other_model("green", "red", "blue", recipe=recipe)
    command = ["compare", str(bad), str(tiny_model), "--data", str(colours), "--html", str(page)]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert result.exit_code == 0
    verdict = "B is better: 8 photographs right that A missed, 0 the other way, p = 0.0078."
    assert verdict in result.output
    text = page.read_text(encoding="utf-8")
    assert verdict in text
    assert "green/<wbr>green_<wbr>2.png" in text  # only B is right about it
    assert "red/<wbr>red_<wbr>0.png" not in text  # both are wrong
    assert "blue/<wbr>blue_<wbr>0.png" not in text  # both are right
    assert "green/broken.png" in text
    assert re.search(r"<td>model.size</td><td>48</td><td>(?!48)", text)
    assert "fine_tune.batch" not in text  # that it might have been searched decided nothing
    figures = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    assert figures["verdict"] == verdict
    assert figures["photographs"] == 12
    assert figures["difference"]["low"] < figures["difference"]["value"] == pytest.approx(8 / 12)
    assert figures["p"] == pytest.approx(2 / 2**8)
    assert sum(one["only_b"] for one in figures["per_class"]) == figures["only_b"] == 8
    low, high = (f"{100 * figures['difference'][end]:+.1f}" for end in ("low", "high"))
    said = plain_text(text)
    assert f"+66.7 points, B minus A 95 % interval {low} to {high}" in said
    assert re.search(r"Right at first 25.0 % \S+ % to \S+ % 91.7 % ", said)
    sides = answered(opened(bad), opened(tiny_model), colours)[1:]
    errors = (f"{100 * error(side):.1f} % \\S+ % if it were perfect" for side in sides)
    assert re.search("Calibration error \\(ECE\\) " + " ".join(errors), said)
    assert "B right B wrong A right 3 0 A wrong 8 1" in said
    assert "photographs A found B found only A only B Green 4 0 4 0 4 Red 5 0 4 0 4" in said
    assert "Green, taken for Red" in said.split("Right by B, missed by A")[1]


def error(side):
    return expected_calibration_error(side.answers.truth, side.answers.probabilities)


def test_without_a_page_nothing_is_written(tiny_model, colours, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    command = ["compare", str(tiny_model), str(tiny_model), "--data", str(colours)]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert "No difference can be told" in result.output
    assert set(tmp_path.iterdir()) == before


def test_a_photograph_that_one_cannot_read_is_no_photograph_of_the_other(tiny_model, colours):
    """As where a disk fails in between."""
    subject = opened(tiny_model)
    blind = dataclasses.replace(subject, answer=lambda photos: subject.answer(photos[1:]))
    for pair in ((blind, subject), (subject, blind)):
        _, a, b = answered(*pair, colours)
        assert len(a.right) == len(b.right) == 11
        np.testing.assert_array_equal(a.answers.probabilities, b.answers.probabilities)
