import numpy as np
import pytest
from scipy.special import log_softmax

from florapp.core.fusion import fuse
from training.together import fit_together, measure_together


def photographs(of_class, classes=5, sure=2.0, plant=0.0, seed=0):
    """Return (truth, log-probabilities) of a model that is calibrated.

    Its logits are of Gaussian evidence of a known strength. ``of_class`` is the number of
    photographs of each class.
    """
    random = np.random.default_rng(seed)
    truth = np.repeat(np.arange(classes), of_class)
    evidence = random.normal(size=(len(truth), classes)) * sure + sure**2 * np.eye(classes)[truth]
    return truth, log_softmax(evidence, axis=1)


def halves(truth):
    return np.arange(0, len(truth), 2), np.arange(1, len(truth), 2)


def test_independent_photographs_multiply():
    """The right answer to independent evidence is the product: the mean at temperature 1 / n."""
    learnt = fit_together(*photographs(1200, sure=1.0))
    assert learnt == {
        "2": pytest.approx(1 / 2, rel=0.06),
        "3": pytest.approx(1 / 3, rel=0.06),
    }


def test_copies_of_one_photograph_add_nothing():
    """What two of a class have in common is found: no more is made of them than of one."""
    truth, logs = photographs(1, classes=400, sure=2.5)
    truth, logs = np.repeat(truth, 3), np.repeat(logs, 3, axis=0)
    learnt = fit_together(truth, logs)
    assert learnt == {"2": pytest.approx(1, rel=0.15), "3": pytest.approx(1, rel=0.15)}


def test_only_photographs_of_one_class_are_drawn_together():
    """Were they mixed, the fused answers of a faultless model would be torn."""
    truth = np.repeat(np.arange(4), 6)
    logs = log_softmax(30 * np.eye(4)[truth], axis=1)
    found = measure_together(truth, logs, halves(truth))
    for count, groups in (("1", 24), ("2", 8), ("3", 8)):  # three of a class in each half
        assert found[count]["groups"] == groups
        assert found[count]["top1"]["value"] == 1
        assert found[count]["nll"] < 0.3  # of four or eight groups not much is known


def test_more_photographs_are_better_and_stay_calibrated():
    truth, logs = photographs(400, sure=1.2)
    found = measure_together(truth, logs, halves(truth))
    top1, nll, ece = (
        [found[n][name]["value"] if name == "top1" else found[n][name] for n in ("1", "2", "3")]
        for name in ("top1", "nll", "ece")
    )
    assert top1 == sorted(top1) and top1[2] > top1[0] + 0.1
    assert nll == sorted(nll, reverse=True)
    assert max(ece) < 0.05
    assert found["1"]["groups"] == 2000 and found["1"]["top1"]["low"] < top1[0]
    assert found["1"]["nll"] == pytest.approx(-logs[np.arange(2000), truth].mean(), rel=1e-3)


def test_nothing_is_measured_on_what_it_was_fitted_to():
    """Of one half every answer is right, of the other none: fitted on itself, it would know."""
    truth = np.repeat(np.arange(4), 20)
    one, other = halves(truth)
    given = truth.copy()
    given[other] = (truth[other] + 1) % 4
    logs = log_softmax(4 * np.eye(4)[given], axis=1)
    assert measure_together(truth, logs, (one, other))["2"]["nll"] > 2


def test_the_temperature_is_the_one_of_least_loss():
    truth, logs = photographs(300, sure=1.0)
    found = fit_together(truth, logs, (2,))["2"]
    pairs = np.arange(len(truth)).reshape(-1, 2)  # other pairs than were drawn

    def loss(temperature):
        fused = fuse(logs[pairs], temperature)
        return -np.log(fused[np.arange(len(pairs)), truth[pairs[:, 0]]]).mean()

    assert loss(found) < loss(1.0)
    assert loss(found) < min(loss(found * 1.5), loss(found / 1.5))


def test_the_same_every_time():
    truth, logs = photographs(10)
    assert fit_together(truth, logs) == fit_together(truth, logs)
    assert fit_together(truth, logs) != fit_together(truth, logs, seed=1)
    once, again = (measure_together(truth, logs, halves(truth)) for _ in range(2))
    assert once == again


def test_numbers_without_photographs_are_left_out():
    truth, logs = photographs(2)
    assert set(fit_together(truth, logs)) == {"2"}
    single = np.arange(5), logs[:5]
    assert fit_together(*single) == {}
    assert set(measure_together(*single, (np.array([0, 1]), np.array([2, 3, 4])))) == {"1"}
