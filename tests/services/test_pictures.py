"""The strip without a window."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from florapp.core.geometry import Placement
from florapp.core.model_file import Label
from florapp.core.prediction import Answer, Candidate, Failure
from florapp.core.source import Source
from florapp.services.pictures import PictureList, State
from florapp.services.qimages import to_thumbnail


def source(name: str = "garden/Küchenschelle 1.jpg") -> Source:
    return Source(name, Path(name))


def answer(of: Source, probability: float = 0.934) -> Answer:
    label = Label("pasque", "Pasque flower", "Pulsatilla vulgaris")
    return Answer(of, (Candidate(label, probability),), (40, 30), Placement((0, 0, 1, 1)))


def test_a_picture_waits_and_then_has_its_answer() -> None:
    pictures = PictureList()
    (entry,) = pictures.add([source()])
    index = pictures.index(0)
    said = Qt.ItemDataRole.AccessibleTextRole
    assert index.data() == "Küchenschelle 1.jpg"
    assert index.data(said) == "Küchenschelle 1.jpg: waiting"
    assert (entry.state, pictures.waiting) == (State.WAITING, 1)

    changes: list[int] = []
    pictures.dataChanged.connect(lambda first, last: changes.append(first.row()))
    pictures.set_thumbnail(entry.key, to_thumbnail(Image.new("RGB", (4, 3))))
    pictures.set_result(entry.key, answer(entry.source))

    assert changes == [0, 0]
    assert index.data(said) == "Küchenschelle 1.jpg: Pasque flower, 93 %"
    assert index.data(Qt.ItemDataRole.DecorationRole).width() == 4
    assert (entry.state, pictures.waiting, pictures.answered) == (State.ANSWERED, 0, 1)


def test_what_failed_stays_with_its_reason() -> None:
    pictures = PictureList()
    nothing = Failure(source("empty"), "This folder holds no pictures that FlorApp opens.")
    entry, other = pictures.add([nothing, source("broken.jpg")])
    pictures.set_result(other.key, Failure(other.source, "The file is empty (zero bytes)."))
    assert [e.state for e in pictures] == [State.FAILED, State.FAILED]
    assert (pictures.waiting, pictures.answered) == (0, 0)
    assert "no pictures" in pictures.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "zero bytes" in pictures.index(1).data(Qt.ItemDataRole.ToolTipRole)
    assert pictures.row_of(entry.key) == 0


def test_a_second_answer_or_one_for_a_removed_picture_changes_nothing() -> None:
    pictures = PictureList()
    first, second = pictures.add([source("a"), source("b")])
    pictures.set_result(first.key, answer(first.source))
    before = first.result
    pictures.set_result(first.key, Failure(first.source, "late"))
    assert first.result is before
    pictures.remove([1])
    pictures.set_result(second.key, answer(second.source))
    pictures.set_thumbnail(second.key, b"")
    assert (len(pictures), pictures.waiting, pictures.row_of(second.key)) == (1, 0, None)


def test_another_model_lets_the_answered_wait_again_but_not_the_failed() -> None:
    pictures = PictureList()
    good, bad = pictures.add([source("a"), source("b")])
    pictures.set_result(good.key, answer(good.source))
    pictures.set_result(bad.key, Failure(bad.source, "damaged"))
    pictures.forget_answers()
    assert (good.state, bad.state) == (State.WAITING, State.FAILED)
    assert (pictures.waiting, pictures.answered) == (1, 0)


@given(
    st.lists(
        st.one_of(st.integers(1, 5), st.lists(st.integers(0, 12), max_size=6), st.just("answer")),
        max_size=12,
    )
)
def test_it_is_a_sound_item_model_whatever_is_added_and_removed(steps: list[object]) -> None:
    pictures = PictureList()
    checked = QAbstractItemModelTester(
        pictures, QAbstractItemModelTester.FailureReportingMode.Warning
    )
    expected: list[Source] = []
    for step in steps:
        if step == "answer":
            for entry in itertools.islice(pictures, 0, None, 2):
                pictures.set_result(entry.key, answer(entry.source))
        elif isinstance(step, int):
            new = [source(f"{len(expected) + i}") for i in range(step)]
            pictures.add(new)
            expected += new
        elif isinstance(step, list):
            rows = {row for row in step if row < len(expected)}
            removed = pictures.remove(rows)
            assert {entry.source for entry in removed} == {expected[row] for row in rows}
            expected = [s for row, s in enumerate(expected) if row not in rows]
    assert [entry.source for entry in pictures] == expected
    assert [pictures.row_of(entry.key) for entry in pictures] == list(range(len(expected)))
    states = [entry.state for entry in pictures]
    assert pictures.waiting == states.count(State.WAITING)
    assert pictures.answered == states.count(State.ANSWERED)
    del checked


def test_a_name_is_shown_on_one_line_and_in_its_order() -> None:
    pictures = PictureList()
    (entry,) = pictures.add([Source("/there/a\nb\u202egpj.evil.jpg", b"")])
    assert entry.name == "a\ufffdb\ufffdgpj.evil.jpg"
    kept = "3.45\u202fPM \xa0 \u3000 \u200c \u200d \U0001f469\u200d\U0001f33e.jpg"
    (entry,) = pictures.add([Source(kept, b"")])
    assert entry.name == kept


def test_rows_that_do_not_exist_have_no_entry() -> None:
    pictures = PictureList()
    pictures.add([source()])
    assert [pictures.entry(row) for row in (-1, 1)] == [None, None]


def test_many_are_removed_in_no_time() -> None:
    pictures = PictureList()
    pictures.add(source(f"{i}") for i in range(10_000))
    began = time.thread_time()
    removed = pictures.remove(range(0, 10_000, 2))
    assert time.thread_time() - began < 0.5  # 0.05 as it should be; 5 if all are counted each time
    assert (len(removed), len(pictures), pictures.waiting) == (5000, 5000, 5000)
    assert [pictures.row_of(entry.key) for entry in pictures] == list(range(5000))
