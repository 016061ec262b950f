"""Pictures of one plant in the strip: joined, answered together, separated, saved."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from florapp.core.drawing import draw
from florapp.core.geometry import Placement
from florapp.core.model_file import Label
from florapp.core.prediction import Answer, Candidate, Failure
from florapp.core.source import Source
from florapp.services.answers import as_text, save_answers
from florapp.services.pictures import Entry, PictureList
from florapp.services.plants import MOST, can_be_one, joint
from florapp.services.session import Session
from tests.services.sessions import WAIT, all_answered

POPPY, TULIP = Label("poppy", "Corn poppy"), Label("tulip", "Tulip")


def answer(source: Source, poppy: float = 0.6) -> Answer:
    candidates = (Candidate(POPPY, poppy), Candidate(TULIP, 1 - poppy))
    ranked = tuple(sorted(candidates, key=lambda each: -each.probability))
    return Answer(source, ranked, (40, 30), Placement((0, 0, 1, 1)))


def strip_of(count: int) -> tuple[PictureList, list[Entry]]:
    pictures = PictureList()
    entries = pictures.add(Source(f"{i}.jpg", b"") for i in range(count))
    for entry in entries:
        pictures.set_result(entry.key, answer(entry.source))
    return pictures, entries


def plants(pictures: PictureList) -> list[list[int]]:
    """Return the rows of each plant, and check that all its pictures know of each other."""
    found = {entry.plant for entry in pictures if entry.plant}
    rows = [[list(pictures).index(entry) for entry in plant] for plant in found]
    assert all(entry.plant == plant for plant in found for entry in plant)
    return sorted(rows)


def test_pictures_are_joined_in_the_order_of_the_strip_and_say_so() -> None:
    pictures, _ = strip_of(4)
    changed: list[int] = []
    pictures.dataChanged.connect(lambda first, last: changed.append(first.row()))
    pictures.join([3, 0])
    assert plants(pictures) == [[0, 3]] and sorted(changed) == [0, 3]
    for role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
        assert "same plant as 3.jpg" in pictures.index(0).data(role)
        assert "same plant" not in pictures.index(1).data(role)
    pictures.join([3, 1])  # and what is of the same plant as one of them is of theirs
    assert plants(pictures) == [[0, 1, 3]]
    assert "same plant as 0.jpg, 3.jpg" in pictures.index(1).data(
        Qt.ItemDataRole.AccessibleTextRole
    )


def test_a_plant_loses_what_is_separated_or_removed_and_dissolves_with_its_last_but_one() -> None:
    pictures, entries = strip_of(5)
    pictures.join([0, 1, 2, 3])
    pictures.separate([1])
    assert plants(pictures) == [[0, 2, 3]] and entries[1].plant == ()
    pictures.remove([0])
    assert plants(pictures) == [[1, 2]]
    pictures.remove([2])
    assert plants(pictures) == [] and not any(entry.plant for entry in entries)
    pictures.join([0, 1])
    pictures.separate([0, 1, 2])
    assert plants(pictures) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("join", "separate", "remove")),
            st.sets(st.integers(0, 7), min_size=1, max_size=4),
        ),
        max_size=10,
    )
)
def test_no_picture_is_of_two_plants_whatever_is_done(steps: list[tuple[str, set[int]]]) -> None:
    pictures, _ = strip_of(8)
    checked = QAbstractItemModelTester(
        pictures, QAbstractItemModelTester.FailureReportingMode.Warning
    )
    for what, rows in steps:
        getattr(pictures, what)([row for row in rows if row < len(pictures)])
        found = [row for plant in plants(pictures) for row in plant]
        assert len(found) == len(set(found))
        assert all(len(plant) > 1 and plant == sorted(plant) for plant in plants(pictures))
    del checked


def test_what_can_be_one_plant() -> None:
    pictures, entries = strip_of(MOST + 1)
    (waiting,) = pictures.add([Source("waiting.jpg", b"")])
    (failed,) = pictures.add([Failure(Source("empty", b""), "There is nothing in it.")])
    assert can_be_one(entries[:2]) and can_be_one(entries[:MOST])
    assert not can_be_one([]) and not can_be_one(entries[:1]) and not can_be_one(entries)
    assert not can_be_one([entries[0], waiting]) and not can_be_one([entries[0], failed])
    pictures.join([0, 1])
    assert not can_be_one(entries[:2]) and can_be_one(entries[1:3])
    pictures.join(range(MOST))
    assert not can_be_one(entries[-2:])  # with those that are of it already they are too many


def test_the_joint_answer_waits_for_all_and_does_without_what_failed() -> None:
    pictures = PictureList()
    entries = pictures.add(Source(f"{i}.jpg", b"") for i in range(3))
    pictures.join([0, 1, 2])
    pictures.set_result(entries[0].key, answer(entries[0].source, 0.8))
    pictures.set_result(entries[1].key, Failure(entries[1].source, "The file has gone."))
    assert joint(entries[0]) is None
    pictures.set_result(entries[2].key, answer(entries[2].source, 0.2))
    fused = joint(entries[2])
    assert fused is not None and len(fused.shares) == 2
    assert fused.answer.best.probability == pytest.approx(0.5)
    assert joint(entries[0]) == fused
    pictures.remove([0])
    assert joint(entries[2]) is None  # one answer alone is no joint one
    pictures.forget_answers()
    assert plants(pictures) == [[0, 1]]  # another model answers the same plants


def test_every_picture_is_saved_with_its_own_answer_and_the_number_of_its_plant(
    tmp_path: Path,
) -> None:
    pictures, entries = strip_of(4)
    pictures.add([Failure(Source("empty", b""), "There is nothing in it.")])
    save_answers(pictures, tmp_path / "before.csv")
    pictures.join([1, 2])
    pictures.join([0, 3])
    save_answers(pictures, tmp_path / "flowers.json")
    records = json.loads((tmp_path / "flowers.json").read_text())
    assert [record.get("plant") for record in records] == [1, 2, 2, 1, None]
    assert "plant" not in records[4]
    assert {record["predictions"][0]["probability"] for record in records[:4]} == {0.6}

    def table(name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO((tmp_path / name).read_text())))

    save_answers(pictures, tmp_path / "flowers.csv")
    after, before = table("flowers.csv"), table("before.csv")
    assert [row.pop("plant") for row in after] == ["1", "1", "2", "2", "2", "2", "1", "1", ""]
    assert after == before
    assert as_text(entries[:1]) == "0.jpg\tCorn poppy\t\t60 %\tsame plant as 3.jpg"


def sources(*drawings: str) -> list[Source]:
    return [Source(f"{i} {name}.png", draw(name, 64)) for i, name in enumerate(drawings)]


def test_a_session_answers_together_anew_whenever_the_plant_changes(
    qtbot: QtBot, session: Session, make_model: Callable[..., Path]
) -> None:
    session.add_sources(sources("rose", "sunflower", "rose"))
    session.look_at(0, 100)
    qtbot.waitUntil(all_answered(session), timeout=WAIT)
    entry = session.looked_at
    assert entry is not None
    with qtbot.waitSignal(session.looked_at_changed):
        session.join([0, 1, 2])
    three = joint(entry)
    with qtbot.waitSignal(session.looked_at_changed):
        session.remove([1])
    two = joint(entry)
    assert three is not None and two is not None and len(two.shares) == 2
    assert two.answer.candidates != three.answer.candidates

    with qtbot.waitSignal(session.model_opened, timeout=WAIT):
        session.open_model(make_model())
    assert joint(entry) is None
    told: list[bool] = []
    session.looked_at_changed.connect(lambda: told.append(joint(entry) is not None))
    qtbot.waitUntil(lambda: told[-1:] == [True], timeout=WAIT)
    with qtbot.waitSignal(session.looked_at_changed):
        session.separate([0])
    assert joint(entry) is None and entry.plant == ()
