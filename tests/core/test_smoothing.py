"""The mean of what was given within a second."""

from __future__ import annotations

import numpy as np
import pytest

from florapp.core.smoothing import Smoothing


def shares(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_the_mean_of_the_last_second_is_given() -> None:
    smoothing = Smoothing()
    assert smoothing.add(10.0, shares(1, 0)).tolist() == [1, 0]
    assert smoothing.add(10.5, shares(0, 1)).tolist() == [0.5, 0.5]
    assert smoothing.add(11.0, shares(0, 1)).tolist() == pytest.approx([1 / 3, 2 / 3])
    assert smoothing.add(11.25, shares(0, 1)).tolist() == [0, 1]


def test_after_a_pause_only_the_newest_counts() -> None:
    smoothing = Smoothing(seconds=0.5)
    smoothing.add(1.0, shares(1, 0))
    assert smoothing.add(60.0, shares(0.25, 0.75)).tolist() == [0.25, 0.75]


def test_probabilities_stay_probabilities() -> None:
    smoothing, random = Smoothing(), np.random.default_rng(0)
    for i in range(100):
        given = random.random(20, np.float32)
        mean = smoothing.add(i / 30, given / given.sum())
        assert mean.dtype == np.float32 and mean.sum() == pytest.approx(1, abs=1e-5)
