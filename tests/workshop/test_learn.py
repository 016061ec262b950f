"""What is learnt from outputs: the temperature, the sets, what is sure."""

import numpy as np
import pytest
from scipy.special import softmax

from training.learn import (
    NEVER,
    Said,
    fit_temperature,
    learn,
    negative_log_likelihood,
    reaches_of,
    sure_from,
)


def drawn(temperature, photos=6000, classes=5):
    """Logits that are too sure by ``temperature``, and truths drawn from what would be right."""
    random = np.random.default_rng(1)
    logits = random.normal(scale=2.0, size=(photos, classes))
    right = softmax(logits, axis=1)
    truth = (random.random((photos, 1)) > right.cumsum(axis=1)).sum(axis=1)
    return truth, (logits * temperature).astype(np.float32)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 1.7, 6.0])
def test_the_temperature_is_found_again(temperature):
    truth, logits = drawn(temperature)
    found = fit_temperature(truth, logits)
    assert found == pytest.approx(temperature, rel=0.05)
    best = negative_log_likelihood(truth, logits, found)
    assert best <= negative_log_likelihood(truth, logits, 1.0) + 1e-6
    assert best <= negative_log_likelihood(truth, logits, found * 1.05)
    assert best <= negative_log_likelihood(truth, logits, found / 1.05)


def test_negative_log_likelihood_by_hand():
    logits = np.log(np.array([[0.25, 0.75], [0.5, 0.5]], np.float32))
    truth = np.array([1, 0])
    expected = -(np.log(0.75) + np.log(0.5)) / 2
    assert negative_log_likelihood(truth, logits, 1.0) == pytest.approx(expected)


def test_reaches_by_hand():
    probabilities = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.1, 0.2, 0.7]])
    found = reaches_of(np.array([0, 2, 0]), probabilities)
    assert found == pytest.approx([0.0, 0.0, 0.7 + 0.2 + 2 * 0.002])


def test_sure_is_what_was_right_nearly_always():
    top = np.array([0.99] * 60 + [0.9] * 140 + [0.8] * 10)
    probabilities = np.stack([top, 1 - top], axis=1)
    truth = np.zeros(210, int)
    truth[59] = 1  # one of the 60 surest is wrong: 98.3 %; one of 200, and one more of 201: 99.0 %
    truth[205:] = 1
    assert sure_from(truth, probabilities) == 0.9
    assert sure_from(np.zeros(210, int), probabilities) == 0.8  # all are right, to the last
    truth[100] = 1  # two of 200
    assert sure_from(truth, probabilities) == NEVER
    assert sure_from(np.ones(210, int), probabilities) == NEVER


@pytest.mark.parametrize(("photos", "known"), [(23, False), (98, False), (99, True)])
def test_few_photographs_make_nothing_sure(photos, known):
    """However well they are answered: what is right 99 times in 100 is not known from 98."""
    random = np.random.default_rng(4)
    truth = np.arange(photos) % 3
    logits = (random.normal(size=(photos, 3)) + 9 * np.eye(3)[truth]).astype(np.float32)
    temperature, learnt = learn(Said(truth, logits))
    probabilities = softmax(logits / temperature, axis=1)
    assert bool(learnt.sure <= probabilities.max()) is known
    wrong = (1 - probabilities.max(axis=1)).mean()  # as it says itself
    assert 1 / (20 * photos) < wrong < 3 / photos
    assert all(temperature > 0.1 for temperature in learnt.together.values())


def test_learnt_numbers_fit_what_was_said():
    truth, logits = drawn(1.7)
    novelty = np.random.default_rng(3).normal(size=len(truth)).astype(np.float32)
    temperature, learnt = learn(Said(truth, logits, novelty))
    assert temperature == pytest.approx(1.7, rel=0.05)
    assert learnt.novelty is not None
    assert (novelty <= learnt.novelty).mean() == pytest.approx(0.95, abs=0.001)
    assert learnt.photographs == len(truth)
    reaches = [learnt.reach[promise] for promise in ("0.9", "0.95", "0.98", "0.99", "0.995")]
    assert reaches == sorted(reaches)
    assert set(learnt.together) == {"2", "3"}
    assert learn(Said(truth, logits))[1].novelty is None


def test_however_sure_a_file_sounds_the_same_is_learnt_of_it():
    """All but the temperature is learnt of calibrated answers."""
    truth, logits = drawn(1.0, photos=900)
    (usual, plain), (hot, sharp) = (learn(Said(truth, by * logits)) for by in (1, 3))
    assert hot == pytest.approx(3 * usual, rel=1e-3)
    for found, expected in ((sharp.together, plain.together), (sharp.reach, plain.reach)):
        assert found == pytest.approx(expected, rel=0.01)


def test_the_limit_lets_as_many_pass_as_it_says_and_of_a_few_all():
    """Of further photographs, not of those that it was learnt from: these are a little fewer."""
    truth, logits = np.zeros(99, int), np.tile(np.array([4.0, 0.0], np.float32), (99, 1))
    novelty = np.arange(1, 100, dtype=np.float32)
    _, learnt = learn(Said(truth, logits, novelty))
    assert (learnt.usual, learnt.novelty) == (90.0, 95.0)
    _, learnt = learn(Said(truth[:10], logits[:10], novelty[:10]))
    assert (learnt.usual, learnt.novelty) == (10.0, 10.0)
