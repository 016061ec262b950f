"""The diagrams of the report."""

import re

import numpy as np

from tests.workshop.hands import texts
from training.report import charts

HOSTILE = "<script>alert(1)</script> & $x$ 花"


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
