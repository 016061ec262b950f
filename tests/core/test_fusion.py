"""Several photographs of one plant are one answer, and each says what it added."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from florapp.core.fusion import fuse, probability_of, seen_in, together
from florapp.core.geometry import Placement
from florapp.core.model_file import Calibration, Label
from florapp.core.prediction import Answer, Ranking
from florapp.core.quality import Flaw
from florapp.core.source import Source
from florapp.core.verdict import Kind, judge

POPPY, TULIP, ROSE = LABELS = tuple(Label(name, name) for name in ("poppy", "tulip", "rose"))
LEARNT = Calibration(500, {"0.95": 0.7}, 0.8, 10.0, 10.0, {"2": 0.5, "3": 0.4})
FLAW = next(iter(Flaw))


def answer(*shares: float, learnt: Calibration | None = LEARNT, novelty: float = 1.0) -> Answer:
    return Answer(
        Source(f"{shares}", Path("a.jpg")),
        Ranking(LABELS, np.array(shares, np.float32)),
        (40, 30),
        Placement((0, 0, 1, 1)),
        novelty=novelty,
        calibration=learnt,
        class_maps=np.zeros((2, 2, 3), np.float32),
    )


def shares_of(joint: Answer) -> list[float]:
    return [probability_of(label, joint) for label in LABELS]


def test_the_geometric_mean_by_hand() -> None:
    logs = np.log([[0.8, 0.1, 0.1], [0.2, 0.4, 0.4]])
    assert fuse(logs, 1.0) == pytest.approx([0.5, 0.25, 0.25])  # roots: 0.4, 0.2, 0.2
    # Of temperature a half the mean becomes the product: 0.16, 0.04, 0.04.
    assert fuse(logs, 0.5) == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert fuse(np.stack([logs, logs]), 0.5).shape == (2, 3)  # many plants at once


def test_nothing_and_next_to_nothing_rule_no_class_out() -> None:
    with np.errstate(divide="ignore"):
        never = np.log(np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]))
    fused = fuse(never, 0.4)
    assert np.isfinite(fused).all() and fused.sum() == pytest.approx(1)
    assert fused.argmax() == 0
    joint = together([answer(0, 1, 0), answer(1, 0, 0), answer(1, 0, 0)]).answer
    assert joint.best.label == POPPY


def test_two_that_agree_are_surer_than_each_and_what_each_added_is_told() -> None:
    one, two = answer(0.6, 0.3, 0.1), answer(0.6, 0.1, 0.3)
    fused = together([one, two])
    assert shares_of(fused.answer) == pytest.approx([0.36 / 0.42, 0.03 / 0.42, 0.03 / 0.42])
    assert [share.alone for share in fused.shares] == [one, two]
    for share, other in zip(fused.shares, (two, one), strict=True):
        assert share.without is not None
        assert probability_of(POPPY, share.without) == pytest.approx(0.6)
        assert share.without.candidates == other.candidates
    kinds = [verdict.kind for a in (one, fused.answer) if (verdict := judge(a))]
    assert kinds == [Kind.ONE_OF, Kind.SURE]


def test_of_three_the_others_are_answered_by_the_temperature_of_two() -> None:
    three = [answer(0.6, 0.3, 0.1), answer(0.6, 0.1, 0.3), answer(0.1, 0.8, 0.1)]
    fused = together(three)
    assert fused.shares[2].without is not None
    assert shares_of(fused.shares[2].without) == pytest.approx(
        shares_of(together(three[:2]).answer)
    )
    logs = np.log([shares_of(each) for each in three])
    assert shares_of(fused.answer) == pytest.approx(list(fuse(logs, 0.4)), abs=1e-6)


@pytest.mark.parametrize(
    ("learnt", "temperature"),
    [
        (LEARNT, 0.4),  # that of three, the most that there is one for
        (replace(LEARNT, together={}), 1.0),
        (None, 1.0),
    ],
)
def test_the_temperature_of_more_than_was_learnt(
    learnt: Calibration | None, temperature: float
) -> None:
    given = [answer(0.5, 0.3, 0.2, learnt=learnt)] * 5
    logs = np.log([shares_of(each) for each in given])
    expected = list(fuse(logs, temperature))
    assert shares_of(together(given).answer) == pytest.approx(expected, abs=1e-6)


def test_it_is_an_answer_like_any_other() -> None:
    one, two = answer(0.2, 0.7, 0.1), answer(0.1, 0.6, 0.3)
    joint = together([one, two]).answer
    assert (joint.source, joint.size, joint.placement) == (one.source, one.size, one.placement)
    assert joint.calibration == LEARNT and joint.class_maps is None
    probabilities = [candidate.probability for candidate in joint.candidates]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1, abs=1e-6)


def test_it_is_as_novel_as_its_photographs_are_in_the_mean() -> None:
    known, stranger = answer(0.9, 0.05, 0.05, novelty=4), answer(0.4, 0.3, 0.3, novelty=14)
    assert together([known, stranger]).answer.novelty == pytest.approx(9)
    outvoted = together([known, known, stranger])
    verdicts = [judge(outvoted.answer), judge(outvoted.shares[2].alone)]
    assert [verdict.kind for verdict in verdicts if verdict] == [Kind.SURE, Kind.UNKNOWN]
    strange = judge(together([known, stranger, stranger]).answer)
    assert strange is not None and strange.kind is Kind.UNKNOWN
    unsaid = [replace(known, novelty=None)] * 2
    assert together(unsaid).answer.novelty is None


def test_a_photograph_with_a_flaw_has_no_part_in_it() -> None:
    one, two = answer(0.6, 0.3, 0.1), answer(0.6, 0.1, 0.3)
    dark = replace(answer(0.1, 0.1, 0.8, novelty=900), flaw=FLAW)
    fused = together([dark, one, two])
    assert fused.answer == together([one, two]).answer
    assert fused.shares[0].without is None
    assert fused.shares[1].without == replace(two, class_maps=None)


def test_where_one_is_left_it_answers_alone_and_where_none_is_the_flaw_stays() -> None:
    good, dark = answer(0.6, 0.3, 0.1), replace(answer(0.1, 0.1, 0.8), flaw=FLAW)
    fused = together([dark, good])
    assert fused.answer == replace(good, class_maps=None)
    assert [share.without for share in fused.shares] == [None, None]
    nothing = together([dark, dark])
    assert nothing.answer.flaw is FLAW
    verdict = judge(nothing.answer)
    assert verdict is not None and verdict.kind is Kind.UNKNOWN


def test_what_cannot_be_fused_is_refused() -> None:
    for few in ([], [answer(0.5, 0.3, 0.2)]):
        with pytest.raises(ValueError, match="fewer than two"):
            together(few)
    other = answer(0.5, 0.3, 0.2, learnt=replace(LEARNT, sure=0.5))
    fewer = replace(other, calibration=LEARNT, candidates=other.candidates[:2])
    for stranger in (other, fewer):
        with pytest.raises(ValueError, match="different models"):
            together([answer(0.5, 0.3, 0.2), stranger])


def test_beside_each_photograph_it_lies_as_that_one_does_with_its_maps() -> None:
    one, two = answer(0.7, 0.2, 0.1), answer(0.2, 0.1, 0.7)  # together: poppy, rose, tulip
    maps = np.stack([np.full((2, 2), place, np.float32) for place in range(3)], axis=-1)
    two = replace(two, class_maps=maps, size=(7, 5), placement=Placement((0.1, 0, 0.9, 1)))
    joint = together([one, two, one]).answer
    assert [candidate.label for candidate in joint.candidates] == [POPPY, ROSE, TULIP]
    seen = seen_in(joint, two)
    assert (seen.source, seen.size, seen.placement) == (two.source, two.size, two.placement)
    assert seen.candidates == joint.candidates
    assert seen.class_maps is not None
    assert seen.class_maps[0, 0].tolist() == [1, 0, 2]  # by itself: rose, poppy, tulip
    first_two = seen_in(joint, replace(two, class_maps=maps[..., :2])).class_maps
    assert first_two is not None and first_two[0, 0].tolist() == [1, 0]
    assert seen_in(joint, replace(two, class_maps=maps[..., :1])).class_maps is None
    assert seen_in(joint, replace(two, class_maps=None)).class_maps is None
