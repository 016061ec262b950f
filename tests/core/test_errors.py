"""A sentence keeps its template, wherever it is handed on to."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable

import pytest

from florapp.core.errors import DataError, FlorAppError, PictureError, Sentence


def same(sentence: Sentence) -> Sentence:
    return sentence


@pytest.mark.parametrize(
    "through",
    [
        same,
        Sentence,
        copy.copy,
        copy.deepcopy,
        lambda sentence: pickle.loads(pickle.dumps(sentence)),
        lambda sentence: str(PictureError(sentence)),
        lambda sentence: str(pickle.loads(pickle.dumps(PictureError(sentence)))),
        lambda sentence: Sentence("{0}", PictureError(sentence)).values[0],
    ],
)
def test_it_keeps_its_template(through: Callable[[Sentence], Sentence]) -> None:
    kept = through(Sentence("The file {0} is {1}.", "rose.jpg", Sentence("empty")))
    assert kept == "The file rose.jpg is empty."
    assert (kept.text, kept.values) == ("The file {0} is {1}.", ("rose.jpg", "empty"))
    assert isinstance(kept.values[1], Sentence)


def test_it_is_a_text_to_whoever_knows_no_better() -> None:
    sentence = Sentence("The file {0} is empty.", "rose.jpg")
    assert json.dumps(sentence) == '"The file rose.jpg is empty."'
    assert f"{sentence}" == "The file rose.jpg is empty."


def test_it_keeps_the_words_of_an_error_and_not_the_error() -> None:
    assert Sentence("It broke ({0}).", OSError("disk")).values == ("disk",)


@pytest.mark.parametrize("kind", [FlorAppError, DataError])
def test_a_text_without_values_may_hold_braces(kind: type[FlorAppError]) -> None:
    assert str(kind("No {class} is {}.")) == "No {class} is {}."
