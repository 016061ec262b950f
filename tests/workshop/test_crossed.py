"""How well what is learnt holds is measured on photographs that it was not learnt from."""

import numpy as np
import pytest
from scipy.special import softmax

from florapp.core.conformal import reaches
from florapp.core.errors import Sentence
from florapp.core.model_file import Label
from florapp.core.prediction import Candidate
from florapp.core.verdict import Kind, Verdict
from training.crossed import (
    HALVINGS,
    calibration_figures,
    halvings,
    holds,
    set_figures,
    together_figures,
    verdict_figures,
)
from training.learn import Said, all_reaches

LABELS = tuple(Label(str(i), str(i), genus=f"g{i // 2}", family=f"f{i // 2}") for i in range(6))


@pytest.fixture(scope="module")
def said():
    """Logits twice as modest as what their truths were drawn by; a tenth of them are strange."""
    random = np.random.default_rng(1)
    logits = random.normal(scale=3.0, size=(900, 6))
    truth = (random.random((900, 1)) > softmax(logits, axis=1).cumsum(axis=1)).sum(axis=1)
    novelty = random.normal(size=900).astype(np.float32)
    return Said(truth, (logits / 2).astype(np.float32), novelty)


def test_halves_share_out_every_class(said):
    pairs = list(halvings(said.truth, 5))
    for one, other in pairs:
        assert sorted([*one, *other]) == list(range(900))
        for label in range(6):
            assert abs((said.truth[one] == label).sum() - (said.truth[other] == label).sum()) <= 1
    assert any((pairs[0][0][:50] != pair[0][:50]).any() for pair in pairs[1:])


def test_of_classes_of_one_photograph_either_half_has_as_many():
    for one, other in halvings(np.array([*range(10), 10, 10]), 100):
        assert len(one) == len(other) == 6


def test_the_temperature_mends_what_is_too_modest(said):
    found = calibration_figures(said)
    assert found["ece"] < 0.5 * found["ece_before"]
    assert found["ece"] < found["ece_if_perfect"] + 0.02
    assert found["nll"] < found["nll_before"]
    assert found["brier"] < found["brier_before"]
    assert sum(count for _, _, count in found["reliability"]) == 900


def test_nothing_is_measured_on_what_it_was_fitted_to(said, monkeypatch):
    """Each temperature is fitted on one half; it is then used for the other alone."""
    fitted: list[float] = []

    def fit(truth, logits):
        assert len(truth) == len(logits) == pytest.approx(450, abs=6)
        fitted.append(float(logits.sum()))
        return 0.5

    monkeypatch.setattr("training.crossed.fit_temperature", fit)
    monkeypatch.setattr(
        "training.crossed.probabilities_of",
        lambda part, _: (
            pytest.fail("measured on the half it was fitted to")
            if fitted and float(part.logits.sum()) == fitted[-1]
            else softmax(part.logits, axis=1)
        ),
    )
    calibration_figures(said)
    assert len(fitted) == 20


def test_what_is_learnt_of_one_half_is_counted_on_the_other(monkeypatch):
    """Of one half every answer is right, of the other, which sounds as sure, none."""
    truth = np.repeat(np.arange(6), 100)
    one, other = next(halvings(truth, 1))
    given = truth.copy()
    given[other] = (truth[other] + 1) % 6
    logits = np.random.default_rng(1).normal(size=(600, 6)) + 9 * np.eye(6)[given]
    said = Said(truth, logits.astype(np.float32))
    monkeypatch.setattr("training.crossed.halvings", lambda *_: iter([(one, other)]))
    assert set_figures(said)["0.95"]["coverage"] < 0.1
    sure = verdict_figures(said, LABELS)["sure"]
    assert sure["photographs"] > 250
    assert sure["right"] == 0


def test_sets_are_counted_as_the_program_makes_them():
    probabilities = np.random.default_rng(1).dirichlet(np.full(6, 0.3), 20)
    expected = [list(reaches(sorted(row, reverse=True))) for row in probabilities.tolist()]
    np.testing.assert_allclose(all_reaches(probabilities), expected)


def test_a_group_is_right_of_all_that_belong_to_it():
    members = (Candidate(LABELS[0], 0.9),)
    verdict = Verdict(Kind.GROUP, 0.95, members, Sentence("g0"), group="g0", rank="genus")
    assert [holds(verdict, label) for label in LABELS[:3]] == [True, True, False]


def test_sets_keep_their_promises(said):
    found = set_figures(said)
    assert HALVINGS == 100
    for promise, figures in found.items():
        assert figures["coverage"] >= float(promise) - 0.005
        assert figures["best_alone"] is False
    sizes = [figures["size"] for figures in found.values()]
    assert sizes == sorted(sizes) and sizes[0] > 1


def test_verdicts_are_counted_with_how_often_they_are_right(said):
    found = verdict_figures(said, LABELS)
    assert sum(kind["photographs"] for kind in found.values()) == 900
    assert found["unknown"]["photographs"] == pytest.approx(45, abs=20)  # the most novel 5 %
    assert found["unknown"]["right"] == 0
    assert found["one_of"]["right"] > 0.9 * found["one_of"]["photographs"]
    assert found["sure"]["right"] >= 0.97 * found["sure"]["photographs"]


def test_more_photographs_of_a_class_are_right_more_often(said):
    found = together_figures(said)
    assert found["1"]["groups"] == 900
    assert found["1"]["top1"]["value"] < found["2"]["top1"]["value"] < found["3"]["top1"]["value"]
