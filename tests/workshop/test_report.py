import base64
import dataclasses
import io
import json
import re
import shutil
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from florapp.core.geometry import FITS
from florapp.core.model_file import Label
from florapp.core.prediction import Answer
from tests.core.mapped import BLOB, blob_picture, save_mapped_model
from tests.workshop.hands import plain_text
from training.__main__ import app
from training.answers import Answers
from training.config import DataSource, Recipe, recipe_from
from training.dataset import Photo
from training.evaluate import opened
from training.measure import confusions, ece_if_perfect, expected_calibration_error, per_class
from training.measure import figures as measure
from training.report import charts
from training.report.examples import examples
from training.report.mistakes import best_known, confused_pairs, worst
from training.report.page import write_report
from training.report.recipe_text import recipe_text

HOSTILE = "<script>alert(1)</script> & $x$ 花"


def evaluated(model, data, page):
    command = ["evaluate", str(model), "--data", str(data), "--out", str(page) + ".json"]
    result = CliRunner().invoke(app, [*command, "--html", str(page)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return page.read_text(encoding="utf-8")


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


def test_a_run_shows_how_it_learnt(finished, photographs, tmp_path, state_of):
    page = evaluated(finished, photographs, tmp_path / "page.html")
    text = plain_text(page)
    assert f"Epoch {state_of(finished)['best_epoch']} has the lowest validation loss" in text
    assert 'aria-label="Learning curves"' in page
    assert "speaks most for the class named" in text and page.count("what speaks for") >= 4
    assert "Three drawn flowers" in text


def test_a_network_kept_from_before_the_first_epoch_is_told(finished, photographs, tmp_path):
    run = shutil.copytree(finished, tmp_path / "run")
    state = json.loads((run / "state.json").read_text())
    before = {"valid_loss": 0.01, "valid_accuracy": 1.0}
    (run / "state.json").write_text(json.dumps(state | {"best_epoch": 0, "before": before}))
    text = plain_text(evaluated(run, photographs, tmp_path / "page.html"))
    assert "No epoch has a lower validation loss than the network had before the first" in text
    assert "has the lowest validation loss" not in text


def test_a_run_stopped_before_an_epoch_was_over_is_not_called_a_mean(
    finished, photographs, tmp_path
):
    run = shutil.copytree(finished, tmp_path / "run")
    (run / "state.json").unlink()  # what is there when it is stopped in its first epoch
    text = plain_text(evaluated(run, photographs, tmp_path / "page.html"))
    assert "No epoch of it has ended: this is the network that it began with" in text
    facts = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(facts | {"mean_of": {"one": 0.5, "other": 0.5}}))
    text = plain_text(evaluated(run, photographs, tmp_path / "page.html"))
    assert "It is the mean of other runs" in text


def test_the_file_exported_from_it_shows_that_and_its_class_maps(exported, photographs, tmp_path):
    page = evaluated(exported.int8, photographs, tmp_path / "page.html")
    assert 'aria-label="Learning curves"' in page
    assert "There are no class maps" not in plain_text(page)


def test_a_run_explains_itself_as_its_file_does(finished, exported, dataset):
    run, file = (opened(path).explained(dataset.valid[:2]) for path in (finished, exported.fp32))
    for ours, theirs in zip(run, file, strict=True):
        assert isinstance(ours, Answer) and isinstance(theirs, Answer)
        assert ours.class_maps is not None and theirs.class_maps is not None
        assert [one.label for one in ours.candidates] == [one.label for one in theirs.candidates]
        assert (ours.size, ours.placement) == (theirs.size, theirs.placement)
        largest = np.abs(theirs.class_maps).max()
        np.testing.assert_allclose(ours.class_maps, theirs.class_maps, atol=1e-4 * largest)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("size", [(300, 200), (200, 300)], ids=["wide", "tall"])
def test_a_map_lies_on_what_speaks_for_the_class(fit, size, card, tmp_path):
    subject = opened(save_mapped_model(tmp_path / "mapped.onnx", card, fit))
    path = tmp_path / "blob.png"
    path.write_bytes(blob_picture(*size))
    (example,) = examples(subject, subject.answer([Photo(path, 0)]))
    (map_,) = (one for one in example.maps if one.name == "Red")
    assert map_.right and example.name == "Red"
    changed = np.abs(np.asarray(map_.image, float) - np.asarray(example.image, float)).sum(axis=2)
    row, column = np.argwhere(changed > 0.8 * changed.max()).mean(axis=0)
    height, width = changed.shape
    assert (column / width, row / height) == pytest.approx(BLOB, abs=0.1)


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


def texts(svg):
    root = ET.fromstring(str(svg))
    return [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]


def test_a_matrix_names_and_counts():
    svg = charts.confusion_matrix(np.array([[17, 0], [3, 29]]), [HOSTILE, "Tulip"])
    written = texts(svg)
    assert sorted(written) == sorted([HOSTILE[:25] + "…", "Tulip"] * 2 + ["17", "3", "29"])
    assert not re.search(r"#0[0-9]0[0-9]0[0-9]\b", svg)  # every colour is the page's
    assert "var(--good)" in svg and "var(--bad)" in svg


def test_a_row_of_a_matrix_is_a_true_class():
    svg = charts.confusion_matrix(np.array([[17, 0], [3, 29]]), ["Rose", "Tulip"])
    numbers = re.findall(r' x="(\S+)" y="(\S+)" [^>]*>(17|3|29)<', str(svg))
    place = {number: (float(x), float(y)) for x, y, number in numbers}
    assert place["17"][0] == place["3"][0] < place["29"][0]  # what they were taken for
    assert place["17"][1] < place["3"][1] == place["29"][1]
    (corner,) = re.findall(r'"M (\S+) (\S+) [^"]*"[^>]*fill: var\(--bad\)', str(svg))
    assert float(corner[0]) < place["3"][0] and place["17"][1] < float(corner[1]) < place["3"][1]


def test_a_matrix_of_many_classes_shows_those_that_are_confused():
    counts = 9 * np.eye(103, dtype=int)
    assert not len(charts.shown_classes(counts))
    counts[3, 90] = counts[7, 8] = 1
    assert list(charts.shown_classes(counts)) == [3, 7, 8, 90]
    counts[10:60, 60] = 1  # one class is taken for all the others
    counts[100, 101] = 5
    shown = charts.shown_classes(counts)
    assert 20 < len(shown) < 40
    assert {100, 101} <= set(shown)
    assert list(charts.shown_classes(counts[:12, :12])) == list(range(12))


def test_the_diagrams_can_be_read_by_machines_too():
    bins = [(0.3, 0.5, 4), (0.97, 1.0, 211)]
    svg = charts.reliability_diagram(bins)
    assert {"4", "211", "100 %"} <= set(texts(svg))
    assert {"how sure the model says it is", "right"} <= set(texts(svg))
    dot = r' x="(\S+)" y="(\S+)" style="fill: var\(--good\)'
    ((x, y),) = re.findall(dot, str(charts.reliability_diagram([(0.1, 0.9, 4)])))
    assert float(x) < 140 and float(y) < 120  # hardly sure, on the left; right, above
    entry = {"epoch": 1, "loss": 2.0, "valid_loss": 1.5, "accuracy": 0.5, "valid_accuracy": 0.6}
    curves = texts(charts.learning_curves([entry], {}))
    assert {"epoch", "loss", "training", "validation"} <= set(curves)
