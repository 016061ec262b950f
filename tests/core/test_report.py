"""The card is told in words, whoever wrote the file; what is missing or odd is no error."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from florapp.core.errors import Sentence
from florapp.core.measured import measured
from florapp.core.model_file import Label, from_metadata, to_metadata
from florapp.core.report import lines, report

SHARE = {"value": 0.957, "low": 0.945, "high": 0.968}
#: As ``training calibrate`` writes them.
FIGURES: dict[str, Any] = {
    "top1": SHARE,
    "top5": SHARE,
    "macro_precision": SHARE,
    "macro_recall": SHARE,
    "macro_f1": SHARE,
    "photographs": 1266,
    "ece": 0.0123,
    "ece_if_perfect": 0.0098,
    "ece_before": 0.232,
    "nll": 0.2544,
    "nll_before": 0.524,
    "brier": 0.08,
    "brier_before": 0.19,
    "reliability": [[0.97, 0.981, 812], [0.5, 0.25, 4], [0.12, 1.0, 1]],
    "sets": {
        "0.9": {"coverage": 0.957, "size": 1.0, "best_alone": True},
        "0.995": {"coverage": 0.994, "size": 1.318, "best_alone": False},
    },
    "verdicts": {
        "sure": {"photographs": 80, "right": 79},
        "one_of": {"photographs": 15, "right": 12},
        "group": {"photographs": 0, "right": 0},
        "unknown": {"photographs": 5, "right": 0},
    },
    "together": {
        "1": {"groups": 100, "top1": SHARE, "nll": 0.2, "ece": 0.012},
        "2": {"groups": 50, "top1": SHARE, "nll": 0.1, "ece": 0.01},
    },
    "weak_classes": [
        {"id": "red", "photographs": 20, "right": 14, "taken_for": {"blue": 4, "mauve": 2}}
    ],
    "strangers": {"cats_dogs": {"photographs": 500, "auroc": 0.9931, "told": 0.974}},
}
OLD = ("top1", "top5", "macro_precision", "macro_recall", "macro_f1", "photographs", "ece")


def rows(card, title):
    """Return the rows of the one section of that title."""
    (section,) = (each for each in report(card) if title in each.title)
    return dict(section.rows)


def says(card, title):
    (section,) = (each for each in report(card) if title in each.title)
    return " ".join(section.says)


def titles(card):
    return [section.title for section in report(card)]


@pytest.fixture
def full(changed_card, learnt):
    return changed_card(figures=FIGURES, calibration=learnt)


def test_shares_stand_with_their_interval_and_the_photographs(full):
    assert rows(full, "How often it is right")["Right at first"] == "95.7 % (94.5 to 96.8 %)"
    assert "Measured on 1266 photographs" in says(full, "How often it is right")


def test_the_error_of_a_perfect_model_stands_beside_its_own(full):
    told = rows(full, "percentages")
    assert told["Off on average (ECE)"] == "1.2 %"
    assert told["ECE of a perfect model"] == "1.0 %"
    assert told["ECE before calibration"] == "23.2 %"
    assert told["Log loss (NLL)"] == "0.254"
    assert "calibrated on 100 photographs" in says(full, "percentages")


def test_reliability_is_told_from_the_left_and_drawn(full):
    assert list(rows(full, "Reliability").items()) == [
        ("About 12.0 %", "100.0 % right, of one photograph"),
        ("About 50.0 %", "25.0 % right, of 4 photographs"),
        ("About 97.0 %", "98.1 % right, of 812 photographs"),
    ]
    (bins,) = (section.bins for section in report(full) if section.bins)
    assert bins == ((0.12, 1.0, 1), (0.5, 0.25, 4), (0.97, 0.981, 812))


def test_how_often_each_verdict_occurs_and_errs(full):
    assert rows(full, "verdicts") == {
        "Sure": "Given to 80.0 % (80 of 100), right for 98.8 % of these (79)",
        "One of these": "Given to 15.0 % (15 of 100), right for 80.0 % of these (12)",
        "Only its group is clear": "Given to none",
        "Not one that I know": "Given to 5.0 % (5 of 100), always wrongly: it knows them",
    }


def test_promises_and_several_photographs_with_what_flatters(full):
    kept = rows(full, "promises")
    assert kept["Right in 90 of 100"] == (
        "Kept for 95.7 %; classes in the set: 1.00; the most probable alone would do"
    )
    assert kept["Right in 99.5 of 100"] == "Kept for 99.4 %; classes in the set: 1.32"
    together = rows(full, "Several photographs")
    assert list(together) == ["one photograph", "2 photographs"]
    assert together["2 photographs"] == (
        "Right at first: 95.7 % (94.5 to 96.8 %), of 50 plants; off by 1.0 % (ECE)"
    )
    assert "that flatters" in says(full, "Several photographs")


def test_weak_classes_are_named_with_what_they_are_taken_for(full, changed_card):
    assert rows(full, "knows least") == {
        "Red": "70.0 % found (14 of 20), taken for Blue (4), mauve (2)"
    }
    none = changed_card(figures=FIGURES | {"weak_classes": []})
    assert "No class" in says(none, "knows least")


def test_strangers_and_that_a_model_cannot_tell_them(full, learnt, changed_card):
    assert rows(full, "anything else") == {
        "cats dogs": "97.4 % of 500 photographs recognised as strange (AUROC 0.993)"
    }
    blind = changed_card(calibration=dataclasses.replace(learnt, novelty=None))
    for card in (blind, changed_card()):
        assert "cannot tell" in says(card, "anything else")


def test_what_is_known_is_not_told_again_among_the_rest(full):
    assert not any("What else" in title for title in titles(full))


def test_an_older_model_tells_what_it_has_and_that_it_is_uncalibrated(changed_card):
    old = changed_card(figures={name: FIGURES[name] for name in OLD})
    assert len(rows(old, "How often it is right")) == 5
    assert rows(old, "percentages") == {"Off on average (ECE)": "1.2 %"}
    assert "uncalibrated" in says(old, "percentages")
    for missing in (
        "verdicts, and",
        "Reliability",
        "promises",
        "Several",
        "least",
        "What else",
    ):
        assert not any(missing in title for title in titles(old))


def test_without_any_figure_nothing_is_claimed(changed_card):
    bare = changed_card(figures={}, comparison={}, data={}, recipe={}, licence="", provenance="")
    assert "Nobody has measured it" in says(bare, "How often it is right")
    assert "does not say" in says(bare, "On whose photographs")
    assert rows(bare, "On whose photographs") == {}


@pytest.mark.parametrize(
    "odd",
    [None, True, 7, -0.5, 1e300, float("nan"), "", "many", [], [1], [[1, 2]], [["a", "b", "c"]],
     [[95.0, 90.0, 3]], [[0.5, 0.5, 0]], {}, {"a": 1}, {"sure": {}}, {"0.95": None},
     {"sure": {"photographs": "x", "right": []}}, [{"id": [], "photographs": 0}], [None],
     "9" * 5000],
    ids=repr,
)  # fmt: skip
def test_an_odd_figure_is_shown_as_it_is_and_the_others_stay(full, odd):
    for name in FIGURES:
        card = dataclasses.replace(full, figures=FIGURES | {name: odd})
        card = from_metadata(to_metadata(card))  # as it comes from a file
        others = {each: told for each, told in FIGURES.items() if each != name}
        expected = measured(dataclasses.replace(card, figures=others))
        assert {section.title for section in expected} <= set(titles(card))
        assert max(map(len, lines(report(card)))) < 600
        if odd == "many":
            assert rows(card, "What else")[name.replace("_", " ")] == "many"


def test_foreign_figures_comparison_data_and_recipe_are_told_as_they_are(changed_card):
    foreign = changed_card(
        figures={"accuracy": {"value": 1.0, "n": 3}, "top1": 0.9},
        comparison={"top1": "?", "shoe_size": 44},
        data={"photographs": 0, "season": "spring"},
        recipe={"data": "mine"},
    )
    assert rows(foreign, "What else") == {"accuracy": "value 1, n 3", "top1": "0.9"}
    assert rows(foreign, "against the network") == {"top1": "?", "shoe size": "44"}
    assert rows(foreign, "On whose photographs") == {
        "photographs": "0", "season": "spring", "Terms": "MIT",
    }  # fmt: skip
    assert json.dumps([section.rows for section in report(foreign)])  # all of it is text


def test_data_and_licence_stand_with_whose_photographs_they_are(changed_card):
    card = changed_card(
        data={
            **{"photographs": {"train": 8349, "valid": 1266}, "fingerprint": "6d0b"},
            **{"history": [{"epoch": 1}], "learnt_from": ["5f"]},  # for the workshop
        },
        recipe={"name": "tiny", "data": {"sources": [{"folder": "a"}, {"folder": "b"}]}},
    )
    assert rows(card, "On whose photographs") == {
        "Collections": "a, b",
        "Trained with": "8349 photographs",
        "Held back to measure with": "1266 photographs",
        "Fingerprint of the data": "6d0b",
        "Recipe": "tiny",
        "Terms": "MIT",
    }
    assert says(card, "On whose photographs") == card.provenance


def test_every_model_says_what_it_is_not_for(card, full):
    for each in (card, full):
        told = rows(each, "must not be used")
        assert {"Eating", "Medicine", "People"} <= set(told)
        assert "kill" in told["Eating"]


def test_classes_are_told_by_what_they_are(changed_card):
    labels = (
        Label("r", "Rose", "Rosa", "genus", "Rosa", "Rosaceae"),
        Label("d", "daisy", "", "", "", "Asteraceae"),
    )
    card = changed_card(labels=labels)
    assert list(rows(card, "these 2 classes").items()) == [
        ("daisy", "Asteraceae"),
        ("Rose", "Rosa, genus, Rosaceae"),
    ]


def test_what_the_program_says_can_be_translated(full):
    own = {full.title, full.provenance, full.licence, full.precision, "tiny"}
    for section in report(full)[:-1]:  # the last one lists the classes
        assert isinstance(section.title, Sentence)
        names = {name for name, _ in section.rows} - {
            "Red",
            "cats dogs",
            "photographs",
            "largest difference",
        }
        assert all(isinstance(name, Sentence) for name in names)
        for said in {*section.says, *(value for _, value in section.rows)} - own:
            assert isinstance(said, Sentence) or said.replace(".", "").isdigit()
