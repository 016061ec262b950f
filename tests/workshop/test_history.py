"""What each epoch has given is taken only where it can be drawn."""

import pytest

from training.history import sound

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
