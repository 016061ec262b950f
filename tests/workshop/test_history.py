"""What each epoch has given is taken only where it can be drawn."""

import pytest

from training.history import sound, sound_before

LINE = {
    **{"epoch": 1, "size": 32, "loss": 1.5, "accuracy": 0.5},
    **{"valid_loss": 1.2, "valid_accuracy": 0.6, "seconds": 9},
}


def test_whole_lines_are_taken():
    assert sound([LINE, LINE]) == [LINE, LINE]


@pytest.mark.parametrize(
    "lines",
    [
        *(None, "lines", {"epoch": 1}, [1], [{}]),
        *([LINE, {**LINE, "loss": odd}] for odd in (None, "1", float("nan"), 10**400, -1e308)),
    ],
    ids=str,
)
def test_odd_lines_are_not(lines):
    assert sound(lines) == []


BEFORE = {"valid_loss": 1.9, "valid_accuracy": 0.4}


def test_what_was_before_them_is_taken_without_what_else_a_file_says():
    assert sound_before(BEFORE | {"epoch": "x", "loss": None}) == BEFORE


@pytest.mark.parametrize(
    "given", [None, [BEFORE], {}, BEFORE | {"valid_loss": "1"}, BEFORE | {"valid_loss": 10**400}]
)
def test_odd_figures_of_before_are_not(given):
    assert sound_before(given) == {}
