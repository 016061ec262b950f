"""A set keeps its promise on new draws, is never empty, and grows with the promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from florapp.core.conformal import PROMISES, quantile, reaches, set_size

RANKED = st.lists(st.floats(0.001, 1), min_size=2, max_size=40).map(
    lambda shares: sorted((share / sum(shares) for share in shares), reverse=True)
)


def draws(count: int, seed: int) -> list[tuple[list[float], int]]:
    """Rankings of ten classes, and the rank of the true one, drawn by these very probabilities."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        ranked = np.sort(random.dirichlet(np.full(10, random.uniform(0.05, 0.6))))[::-1]
        found.append((ranked.tolist(), int(random.choice(10, p=ranked))))
    return found


@pytest.mark.parametrize("promise", PROMISES)
def test_the_promise_holds_on_pictures_that_it_was_not_learnt_from(promise):
    learnt = quantile([list(reaches(ranked))[rank] for ranked, rank in draws(2000, 1)], promise)
    kept = [rank < set_size(ranked, learnt) for ranked, rank in draws(4000, 2)]
    assert np.mean(kept) >= promise - 0.01


def test_a_larger_promise_needs_larger_sets():
    learnt = [list(reaches(ranked))[rank] for ranked, rank in draws(1000, 1)]
    sizes = [
        np.mean([set_size(ranked, quantile(learnt, promise)) for ranked, _ in draws(500, 2)])
        for promise in PROMISES
    ]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


@given(ranked=RANKED, reach=st.floats(0, 2))
def test_a_set_is_never_empty_and_is_the_head_of_the_ranking(ranked, reach):
    size = set_size(ranked, reach)
    assert 1 <= size <= len(ranked)
    assert list(reaches(ranked))[size - 1] <= reach or size == 1
    assert all(each > reach for each in list(reaches(ranked))[size:])


def test_no_more_classes_are_looked_at_than_it_takes():
    ranked = iter([0.9, 0.06, 0.03, 0.01])
    assert set_size(ranked, 0.0) == 1
    assert list(ranked) == [0.03, 0.01]


def test_where_the_best_alone_keeps_the_promise_it_is_all_there_is():
    learnt = quantile([0.0] * 97 + [0.4, 0.5, 0.6], 0.95)
    assert learnt == 0
    assert set_size([0.3, 0.3, 0.2, 0.2], learnt) == 1


def test_an_unclear_picture_has_a_larger_set_than_a_clear_one():
    assert set_size([0.96, 0.02, 0.01, 0.01], 0.5) == 1
    assert set_size([0.3, 0.25, 0.25, 0.2], 0.5) == 2
    assert set_size([0.3, 0.25, 0.25, 0.2], 0.56) == 3


def test_a_class_just_as_far_as_the_reach_is_in_the_set():
    """The reach is that of a held-out photograph, whose own class is to be counted in."""
    ranked = [0.5, 0.3, 0.2]
    assert [set_size(ranked, reach) for reach in reaches(ranked)] == [1, 2, 3]


def test_quantile_by_hand():
    tenths = [i / 10 for i in range(1, 10)]  # nine of them: 0.9 asks for the ninth
    assert quantile(tenths, 0.9) == 0.9
    assert quantile(tenths, 0.5) == 0.5
    assert set_size([0.4, 0.3, 0.2, 0.1], quantile(tenths, 0.995)) == 4  # too few: only all will do
