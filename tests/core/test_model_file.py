"""What a model says of itself survives the file, and what is missing or wrong is named."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florapp.core.errors import ModelFileError
from florapp.core.geometry import FITS, Geometry
from florapp.core.model_file import Card, Label, from_metadata, to_metadata

TWO_LABELS = [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]


def refusal(metadata):
    with pytest.raises(ModelFileError) as error:
        from_metadata(metadata)
    return str(error.value)


def test_a_card_comes_back_as_it_was_written(card):
    metadata = to_metadata(card)
    assert all(isinstance(text, str) for text in metadata.values())
    assert from_metadata(metadata) == card


TEXTS = st.text(max_size=20)
IDS = st.lists(TEXTS, min_size=2, max_size=5, unique=True)


@given(
    ids=IDS,
    name=TEXTS,
    fit=st.sampled_from(FITS),
    size=st.integers(1, 1024),
    temperature=st.floats(0.01, 99),
)
def test_any_card_comes_back_as_it_was_written(card, ids, name, fit, size, temperature):
    changed = dataclasses.replace(
        card,
        title=name,
        labels=tuple(Label(each, name, rank="species", family=name) for each in ids),
        geometry=Geometry(size, fit),
        temperature=temperature,
    )
    assert from_metadata(to_metadata(changed)) == changed


def test_a_label_needs_no_botany(card):
    metadata = to_metadata(card) | {"labels": json.dumps(TWO_LABELS)}
    assert from_metadata(metadata).labels == (Label("a", "A"), Label("b", "B"))


def test_what_other_programs_add_is_passed_over(card):
    assert from_metadata(to_metadata(card) | {"author": "someone"}) == card


def test_any_other_onnx_file_is_refused():
    assert "not a FlorApp model" in refusal({})
    assert "training export" in refusal({"author": "someone"})


def test_another_version_of_the_contract_is_refused(card):
    sentence = refusal(to_metadata(card) | {"florapp_contract": "2"})
    assert "version 2" in sentence
    assert "Update FlorApp" in sentence


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Card)])
def test_each_field_that_is_missing_or_no_json_is_named(card, name):
    metadata = to_metadata(card)
    assert f"'{name}' is not valid JSON" in refusal(metadata | {name: "{"})
    del metadata[name]
    if name == "calibration":  # older files have none
        assert from_metadata(metadata) == card
    else:
        assert f"incomplete: its metadata has no '{name}'" in refusal(metadata)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("temperature", 0, "temperature is 0"),
        ("temperature", -1.5, "temperature is -1.5"),
        ("temperature", float("nan"), "temperature is nan"),
        ("temperature", "warm", "temperature has an unexpected form: 'warm'"),
        ("temperature", None, "temperature has an unexpected form: None"),
        ("labels", [], "two labels with different ids"),
        ("labels", TWO_LABELS[:1], "two labels with different ids"),
        ("labels", [*TWO_LABELS, TWO_LABELS[0]], "two labels with different ids"),
        ("labels", [{"id": ["a"], "name": "A"}] * 2, "labels[0].id has an unexpected form: ['a']"),
        ("labels", [*TWO_LABELS, {"id": "c", "name": None}], "labels[2].name"),
        ("labels", [{**label, "family": 3} for label in TWO_LABELS], "labels[0].family"),
        ("labels", [{"id": "a"}, {"id": "b"}], "name"),
        ("labels", [{**label, "colour": "red"} for label in TWO_LABELS], "colour"),
        ("labels", ["rose", "tulip"], "unexpected form"),
        ("labels", 7, "unexpected form"),
        ("labels", None, "unexpected form"),
        ("geometry", {"size": 32, "fit": "squash"}, "squash"),
        ("geometry", {"size": "32"}, "geometry.size"),
        ("geometry", {"size": True}, "geometry.size"),
        ("geometry", {"size": 32, "fit": ["cover"]}, "geometry.fit"),
        ("geometry", {"size": 0}, "geometry is not understood"),
        ("geometry", {"size": -32}, "geometry is not understood"),
        ("geometry", {"size": 10**9}, "geometry is not understood: size=1000000000."),
        ("geometry", {"fit": "cover"}, "size"),
        ("geometry", 32, "unexpected form"),
        ("self_test", {"drawing": "rose"}, "probabilities"),
        ("self_test", None, "unexpected form"),
        ("self_test", {"drawing": 1, "probabilities": {}}, "self_test.drawing"),
        ("self_test", {"drawing": "rose", "probabilities": [0.5]}, "self_test.probabilities"),
        (
            "self_test",
            {"drawing": "rose", "probabilities": {"a": "1"}},
            "self_test.probabilities.a",
        ),
        ("title", None, "title"),
        ("licence", 1, "licence"),
        ("figures", 0.9, "figures"),
        ("recipe", "quick", "recipe"),
        ("data", [], "data"),
    ],
)
def test_what_is_wrong_is_named(card, name, value, words):
    assert words in refusal(to_metadata(card) | {name: json.dumps(value)})


@pytest.mark.parametrize(
    ("name", "value"),
    [("temperature", 10**400), ("geometry", {"size": 10**400})],
    ids=["temperature", "geometry"],
)
def test_what_is_wrong_is_named_in_a_line_however_long_it_is(card, name, value):
    sentence = refusal(to_metadata(card) | {name: json.dumps(value)})
    assert name in sentence
    assert len(sentence) < 120


def test_json_of_any_depth_is_refused(card):
    assert "'figures' is not valid JSON" in refusal(to_metadata(card) | {"figures": "[" * 100_000})


def test_a_calibration_comes_back(card, learnt):
    for calibration in (learnt, dataclasses.replace(learnt, usual=None, novelty=None)):
        calibrated = dataclasses.replace(card, calibration=calibration)
        assert from_metadata(to_metadata(calibrated)) == calibrated


@pytest.mark.parametrize(
    "wrong",
    [
        {"reach": {}},
        {"reach": {"95 %": 0.5}},
        {"reach": {"1.5": 0.5}},
        {"reach": {"0.95": "much"}},
        {"reach": {"0.95": -0.1}},
        {"reach": {"0.95": float("nan")}},
        {"sure": None},
        {"novelty": "3"},
        {"together": {"2": 0}},
        {"photographs": 1.5},
        {"more": 1},
    ],
    ids=str,
)
def test_a_calibration_of_another_form_is_refused(card, learnt, wrong):
    metadata = to_metadata(card)
    metadata["calibration"] = json.dumps(dataclasses.asdict(learnt) | wrong)
    assert "calibration" in refusal(metadata)
