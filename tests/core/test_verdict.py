"""Four kinds of verdict, each for the answer that deserves it."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florapp.core.geometry import Placement
from florapp.core.model_file import Calibration, Label
from florapp.core.prediction import Answer, Candidate
from florapp.core.quality import Flaw
from florapp.core.source import Source
from florapp.core.verdict import Kind, Verdict, judge, promises

LEARNT = Calibration(
    photographs=100,
    reach={"0.9": 0.0, "0.95": 0.7, "0.99": 0.97},
    sure=0.9,
    usual=2.0,
    novelty=3.0,
    together={"2": 0.8},
)
#: Name, genus, family: four poppies of two genera, and two others.
PLANTS = (
    ("Corn poppy", "Papaver", "Papaveraceae"),
    ("Iceland poppy", "Papaver", "Papaveraceae"),
    ("Opium poppy", "Papaver", "Papaveraceae"),
    ("Prickly poppy", "Argemone", "Papaveraceae"),
    ("Rose", "Rosa", "Rosaceae"),
    ("Tulip", "Tulipa", "Liliaceae"),
)


def answered(*shares: float, calibration: Calibration | None = LEARNT, **more: object) -> Answer:
    """An answer with these probabilities for PLANTS, whatever is missing from 1 being spread."""
    rest = (1 - sum(shares)) / max(1, len(PLANTS) - len(shares))
    every = [*shares, *[rest] * (len(PLANTS) - len(shares))]
    ranked = sorted(
        (
            Candidate(Label(name, name, genus=genus, family=family), share)
            for (name, genus, family), share in zip(PLANTS, every, strict=True)
        ),
        key=lambda candidate: -candidate.probability,
    )
    return Answer(
        Source("a", b""),
        tuple(ranked),
        (4, 3),
        Placement((0, 0, 1, 1)),
        calibration=calibration,
        **more,  # type: ignore[arg-type]
    )


def judged(answer: Answer, promise: float = 0.95) -> Verdict:
    verdict = judge(answer, promise)
    assert verdict is not None
    return verdict


def names(verdict):
    return [member.label.name for member in verdict.members]


def test_sure():
    verdict = judged(answered(0.95, 0.03))
    assert verdict.kind is Kind.SURE
    assert names(verdict) == ["Corn poppy"]
    assert verdict.sentence == "Sure: Corn poppy."
    assert judged(answered(0.9, 0.0, 0.0, 0.0, 0.1, 0.0)).kind is Kind.SURE  # as sure answers are


def test_one_of_these():
    verdict = judged(answered(0.5, 0.1, 0.0, 0.0, 0.35, 0.05))
    assert verdict.kind is Kind.ONE_OF
    assert names(verdict) == ["Corn poppy", "Rose"]
    assert verdict.sentence == "One of these: Corn poppy or Rose."
    verdict = judged(answered(0.4, 0.05, 0.0, 0.0, 0.29, 0.26))
    assert verdict.sentence == "One of these: Corn poppy, Rose or Tulip."


def test_a_first_place_that_is_not_sure_does_not_stand_alone():
    """The set of one would keep the promise; but at 85 % it is not as sure as sure answers are."""
    verdict = judged(answered(0.85, 0.0, 0.0, 0.0, 0.1, 0.05))
    assert verdict.kind is Kind.ONE_OF
    assert names(verdict) == ["Corn poppy", "Rose"]


def test_an_unusual_picture_is_never_sure():
    assert judged(answered(0.95, 0.0, 0.0, 0.0, 0.05, novelty=2.0)).kind is Kind.SURE
    assert judged(answered(0.95, 0.0, 0.0, 0.0, 0.05, novelty=2.1)).kind is Kind.ONE_OF


def test_only_the_genus_or_the_family_is_clear():
    verdict = judged(answered(0.5, 0.4, 0.1, 0.0, 0.0, 0.0))
    assert (verdict.kind, verdict.rank, verdict.group) == (Kind.GROUP, "genus", "Papaver")
    assert verdict.sentence == "Only its genus is clear: Papaver."
    assert names(verdict) == ["Corn poppy", "Iceland poppy"]
    verdict = judged(answered(0.5, 0.0, 0.0, 0.4, 0.1, 0.0))
    assert (verdict.kind, verdict.rank, verdict.group) == (Kind.GROUP, "family", "Papaveraceae")
    assert verdict.sentence == "Only its family is clear: Papaveraceae."
    assert judged(answered(0.4, 0.3, 0.0, 0.0, 0.3, 0.0), 0.99).kind is Kind.ONE_OF


def test_plants_of_which_nothing_is_known_are_no_group():
    nameless = tuple(Candidate(Label(name, name), 0.5) for name in "ab")
    verdict = judged(dataclasses.replace(answered(0.5), candidates=nameless))
    assert (verdict.kind, verdict.group) == (Kind.ONE_OF, "")


def test_not_one_of_the_known():
    verdict = judged(answered(0.99, novelty=3.1))
    assert verdict.kind is Kind.UNKNOWN
    assert (verdict.members, verdict.doubt) == ((), "strange")
    assert "does not look like anything that I know" in verdict.sentence
    assert judged(answered(0.99, novelty=3.0)).kind is not Kind.UNKNOWN


def test_a_novelty_that_is_no_number_is_not_within_any_limit():
    assert judged(answered(0.99, novelty=float("nan"))).doubt == "strange"


@pytest.mark.parametrize("flaw", Flaw)
def test_a_picture_that_cannot_show_a_flower(flaw):
    verdict = judged(answered(0.99, flaw=flaw))
    assert verdict.kind is Kind.UNKNOWN
    assert verdict.doubt == "flaw"
    assert verdict.sentence
    assert "look like" not in verdict.sentence


def test_a_set_of_very_many_says_nothing():
    many = [Candidate(Label(str(i), str(i)), 1 / 40) for i in range(40)]
    answer = dataclasses.replace(answered(0.5), candidates=tuple(many))
    verdict = judged(answer)
    assert (verdict.kind, verdict.doubt) == (Kind.UNKNOWN, "unclear")
    assert verdict.sentence.startswith("I cannot tell")
    ten = dataclasses.replace(answer, candidates=tuple(many[:10]))
    assert (judged(ten, 0.99).kind, len(judged(ten, 0.99).members)) == (Kind.ONE_OF, 10)


def test_without_calibration_there_is_no_verdict():
    assert judge(answered(0.99, calibration=None)) is None
    assert answered(0.99, calibration=None).verdict is None
    assert promises(None) == ()


def test_the_promise_can_be_chosen():
    answer = answered(0.75, 0.0, 0.0, 0.05, 0.15, 0.05)
    assert promises(LEARNT) == (0.9, 0.95, 0.99)
    sizes = [len(judged(answer, promise).members) for promise in promises(LEARNT)]
    assert sizes == [2, 2, 4]
    assert judged(answer, 0.97).members == judged(answer, 0.99).members  # the next that is kept
    assert judged(answer, 0.999).members == judged(answer, 0.99).members
    assert answer.verdict == judged(answer, 0.95)


@given(
    shares=st.lists(st.floats(0.001, 1), min_size=6, max_size=6),
    novelty=st.floats(0, 6),
    promise=st.sampled_from([0.9, 0.95, 0.99]),
)
def test_whatever_the_answer_its_verdict_keeps_to_the_rules(shares, novelty, promise):
    answer = answered(*(share / sum(shares) for share in shares), novelty=novelty)
    verdict = judged(answer, promise)
    assert verdict.sentence
    assert verdict.members == answer.top(len(verdict.members))
    assert (verdict.kind is Kind.SURE) == (len(verdict.members) == 1)
    assert (verdict.kind is Kind.UNKNOWN) == (novelty > 3.0)
    if verdict.kind is Kind.SURE:
        assert answer.best.probability >= LEARNT.sure
    assert bool(verdict.group) == (verdict.kind is Kind.GROUP)
