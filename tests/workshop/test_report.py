import base64
import dataclasses
import io
import json
import re
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from florapp.core.model_file import Label
from tests.workshop.hands import evaluated, plain_text, texts
from training.answers import Answers
from training.config import DataSource, Recipe, recipe_from
from training.dataset import Photo
from training.evaluate import opened
from training.measure import confusions, ece_if_perfect, expected_calibration_error, per_class
from training.measure import figures as measure
from training.report.mistakes import best_known, confused_pairs, worst
from training.report.page import write_report
from training.report.recipe_text import recipe_text

HOSTILE = "<script>alert(1)</script> & $x$ 花"


@pytest.fixture(scope="module")
def colours(tmp_path_factory, plain):
    """A folder of 6 red, 6 green and 6 blue pictures; 2 green ones are really red, one blue."""
    root = tmp_path_factory.mktemp("colours")
    for name in ("red", "green", "blue"):
        (root / name).mkdir(parents=True)
        for number in range(6):
            shown = {0: "red", 1: "red", 2: "blue"}.get(number, name) if name == "green" else name
            pixels = plain(shown, 400, 300).copy()
            pixels[:100, : 10 + 30 * number] = 128  # the more of it, the less sure
            exif = Image.Exif()
            exif[0x010E] = "taken at home"
            file = root / name / f"{name}_{number}.jpg"
            Image.fromarray(pixels).save(file, quality=95, exif=exif)
    (root / "blue" / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    return root


@pytest.fixture(scope="module")
def written(tiny_model, colours, tmp_path_factory):
    """The file of a page, in a folder that was not there; its figures lie beside it."""
    path = tmp_path_factory.mktemp("pages") / "new" / "page.html"
    evaluated(tiny_model, colours, path)
    return path


@pytest.fixture(scope="module")
def page(written):
    return written.read_text(encoding="utf-8")


@pytest.fixture
def copied_colours(colours, tmp_path):
    return Path(shutil.copytree(colours, tmp_path / "colours"))


def pictures(page):
    for data in re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page):
        yield Image.open(io.BytesIO(base64.b64decode(data)))


def test_what_the_page_says(page):
    text = plain_text(page)
    assert "83.3 %" in text
    assert "It named 15 of 18 photographs of 3 classes rightly." in text
    assert "Green 3 of 6 Red (2 times), Blue" in text
    assert "Red and Green: 2 mistakes" in text
    assert "Green and Blue" not in text  # only once: among the worst mistakes
    assert re.search(r"Red \((over )?9\S+ %\); the truth got (under )?0\S+ %", text)
    for number in range(3):
        assert f"green/green_{number}.jpg" in text
    assert "blue/torn.jpg" in text and "1 photograph could not be read" in text
    assert "This file does not remember any epochs" in text
    assert "There are no class maps" in text
    assert 'name = "tiny"' in text


def percent(share):
    return f"{100 * share:.1f} %"


def span(figure):
    return f"{percent(figure['low'])} to {percent(figure['high'])}"


def test_the_figures_on_the_page_are_those_of_the_json(page, written):
    text, found = plain_text(page), figures(written)
    top1 = found["top1"]
    assert f"{percent(top1['value'])} right at first 95 % interval {span(top1)}" in text
    for name in ("precision", "recall", "f1"):
        figure = found[f"macro_{name}"]
        said = f"{name.capitalize()}, by class {percent(figure['value'])} {span(figure)}"
        assert said in text
    error = f"{percent(found['ece'])} {percent(found['ece_if_perfect'])} if it were perfect"
    assert f"Calibration error (ECE) {error}" in text
    for name, one in found["per_class"].items():
        row = [percent(one[key]) for key in ("precision", "recall", "f1")]
        assert " ".join((name.capitalize(), str(one["photographs"]), *row)) in text
    assert f"Fingerprint of these photographs {found['fingerprint']}" in text
    assert "Fingerprint of the training data not known" in text
    for diagram in ("Confusion matrix", "Reliability diagram"):
        assert page.count(f'aria-label="{diagram}"') == 1
    assert {"Red", "Green", "Blue"} <= set(texts(re.findall(r"<svg.*?</svg>", page, re.DOTALL)[0]))


@pytest.mark.parametrize(
    ("right", "says"),
    [
        (0.85, "It is as sure as it may be"),
        (0.6, "It is too sure: it claims 85.0 % on average and keeps 60.0 %."),
        (1, "It is not sure enough: it claims 85.0 % on average and keeps 100.0 %."),
    ],
)
def test_the_page_says_whether_it_is_too_sure(tiny_model, colours, tmp_path, right, says):
    photo, found = Photo(colours / "red" / "red_5.jpg", 0), 200
    photos = tuple(dataclasses.replace(photo, label=int(i >= right * found)) for i in range(found))
    answers = Answers(photos, np.array([[0.85, 0.1, 0.05]] * found, np.float32))
    subject = opened(tiny_model)
    measured = measure(answers.truth, answers.probabilities)
    write_report(tmp_path / "page.html", subject, "drawn ones", answers, measured)
    assert says in plain_text((tmp_path / "page.html").read_text(encoding="utf-8"))


def test_the_page_needs_nothing_but_itself(page):
    assert not re.search(r'(src|href)="(?!data:|#)', page.replace("xlink:href", "href"))
    assert not re.search(r"url\((?!#)|@import|<script|<link", page)


def test_its_pictures_are_small_and_tell_nothing_else(page, colours):
    with Image.open(colours / "red" / "red_0.jpg") as original:
        assert original.getexif()[0x010E] == "taken at home"
    shown = list(pictures(page))
    assert len(shown) >= 7  # three mistakes; two of them again, beside the best of their classes
    for picture in shown:
        assert max(picture.size) == 240
        assert not picture.getexif()
    assert len(page) < 250_000


def test_names_are_text_whatever_they_are(make_model, changed_card, colours, tmp_path):
    labels = (Label("red", HOSTILE), Label("green", "Green"), Label("blue", "Blue"))
    card = changed_card(labels=labels, title=HOSTILE, recipe={"note": HOSTILE})
    page = evaluated(make_model(card=card), colours, tmp_path / "page.html")
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; $x$ 花") >= 5


def figures(page):
    return json.loads(Path(f"{page}.json").read_text(encoding="utf-8"))


def test_the_json_beside_it(written, page):
    found = figures(written)
    assert found["photographs"] == 18
    assert found["per_class"]["green"] == {
        "precision": 1.0,
        "recall": 0.5,
        "f1": pytest.approx(2 / 3),
        "photographs": 6,
    }
    assert found["per_class"]["red"]["precision"] == 0.75
    assert found["confusions"] == [
        {"class": "green", "taken_for": "red", "photographs": 2},
        {"class": "green", "taken_for": "blue", "photographs": 1},
    ]
    assert [one["photograph"] for one in found["left_out"]] == ["blue/torn.jpg"]
    assert found["fingerprint"] in page


def test_other_photographs_have_another_fingerprint(tiny_model, copied_colours, written, tmp_path):
    before = figures(written)["fingerprint"]
    page = tmp_path / "page.html"
    evaluated(tiny_model, copied_colours, page)
    assert figures(page)["fingerprint"] == before
    (copied_colours / "red" / "red_5.jpg").unlink()
    evaluated(tiny_model, copied_colours, page)
    assert figures(page)["fingerprint"] != before


def test_a_model_without_a_mistake(tiny_model, copied_colours, tmp_path):
    for number in range(3):
        (copied_colours / "green" / f"green_{number}.jpg").unlink()
    text = plain_text(evaluated(tiny_model, copied_colours, tmp_path / "page.html"))
    assert "It made none on these photographs" in text
    assert "The worst mistakes" not in text


def said(*rows):
    """Answers by hand: (true class, probabilities)."""
    photos = tuple(Photo(None, label) for label, _ in rows)  # type: ignore[arg-type]
    return Answers(photos, np.array([row for _, row in rows], np.float32))


def test_which_mistakes_are_shown_first():
    answers = said(
        (0, [0.9, 0.1, 0.0]),
        (0, [0.3, 0.7, 0.0]),
        (1, [0.8, 0.2, 0.0]),
        (2, [0.0, 0.95, 0.05]),
        (0, [0.6, 0.3, 0.1]),
    )
    assert worst(answers, 9) == [3, 2, 1]
    assert worst(answers, 2) == [3, 2]
    first, second = confused_pairs(answers, 9)
    assert (first.one, first.other, first.mistaken) == (0, 1, (2, 1))
    assert (second.one, second.other, second.mistaken) == (1, 2, (3,))
    assert len(confused_pairs(answers, 1)) == 1
    assert best_known(answers, 0) == 0
    assert best_known(answers, 1) is None


def test_the_classes_by_hand():
    truth, given = np.array([0, 0, 2, 2]), np.array([0, 3, 2, 3])
    assert [dataclasses.astuple(one) for one in per_class(truth, given)] == [
        (0, 1.0, 0.5, pytest.approx(2 / 3), 2),
        (2, 1.0, 0.5, pytest.approx(2 / 3), 2),
    ]
    assert confusions(truth, given) == [(0, 3, 1), (2, 3, 1)]


def test_what_a_perfect_model_would_show():
    random = np.random.default_rng(5)
    top = random.uniform(0.5, 1, 400)
    probabilities = np.stack([top, 1 - top], axis=1)
    honest = (random.random(400) > top).astype(int)
    perfect = ece_if_perfect(probabilities)
    assert 0 < perfect.low < perfect.value < perfect.high
    assert expected_calibration_error(honest, probabilities) < perfect.high
    boastful = (random.random(400) > top - 0.2).astype(int)
    assert expected_calibration_error(boastful, probabilities) > perfect.high
    assert ece_if_perfect(probabilities[:40]).value > perfect.value  # fewer photographs


def test_a_recipe_reads_back():
    recipe = Recipe(name='"odd" \\ Ж')
    data = dataclasses.replace(
        recipe.data, sources=[DataSource("a"), DataSource("b", {"blue flag": "iris", "x": "y"})]
    )
    recipe = dataclasses.replace(recipe, data=data)
    assert recipe_from(tomllib.loads(recipe_text(dataclasses.asdict(recipe)))) == recipe
    assert tomllib.loads(recipe_text({"a": None, "b": {}, "c": [], "d": True})) == {
        "c": [],
        "d": True,
    }
