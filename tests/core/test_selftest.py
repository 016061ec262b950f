"""The self-test compares with what the model file recorded, and says when it recorded nothing."""

from __future__ import annotations

import pytest

from florapp.core.errors import FlorAppError, ModelFileError
from florapp.core.model_file import SelfTest
from florapp.core.network import Network
from florapp.core.paths import ASSETS, NEEDED
from florapp.core.selftest import answer, check


def test_every_asset_is_looked_for():
    there = {path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*") if path.is_file()}
    assert set(NEEDED) == there


@pytest.fixture
def model(make_model, changed_card):
    """Return a function that opens the tiny model with an answer recorded."""
    return lambda *recorded: Network(make_model(card=changed_card(self_test=SelfTest(*recorded))))


def test_the_recorded_answer_is_right(network, model):
    found = {c.label.id: c.probability for c in answer(network, "rose").candidates}
    assert check(model("rose", found)) < 1e-6


def test_another_answer_is_an_error(model):
    with pytest.raises(FlorAppError, match="answers differently here"):
        check(model("rose", {"blue": 1.0}))


@pytest.mark.parametrize("recorded", [("", {}), ("rose", {}), ("orchid", {"red": 1.0})])
def test_no_answer_recorded_is_an_error(model, recorded):
    with pytest.raises(ModelFileError, match="self_test records no answer"):
        check(model(*recorded))
