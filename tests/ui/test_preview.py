"""What lies over the camera's picture."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from florapp.core.geometry import Placement
from florapp.core.model_file import Label
from florapp.core.prediction import Answer, Candidate
from florapp.core.source import Source
from florapp.ui.candidate_widgets import CandidateRow
from florapp.ui.live_answer import LiveAnswer
from florapp.ui.preview import Preview

NAMED = Answer(
    Source("frame", b""),
    (Candidate(Label("rose", "Rose", "Rosa"), 0.99),),
    (640, 360),
    Placement((0, 0, 1, 1)),
)


def _whole(label: QLabel) -> bool:
    return label.height() >= label.heightForWidth(label.width())


@pytest.mark.parametrize("size", [(720, 480), (300, 220)])
def test_no_words_are_cut(qtbot: QtBot, size: tuple[int, int]) -> None:
    preview = Preview()
    qtbot.addWidget(preview)
    card = LiveAnswer(preview)
    preview.carry(card)
    preview.resize(*size)
    preview.show()
    frame = QImage(640, 360, QImage.Format.Format_RGB32)
    preview.show_frame(frame)
    for words in ("It is dark.", "It may be one of these: " + ", ".join(["Water lily"] * 6), "So."):
        card.show_words(words)
        (label,) = (one for one in card.findChildren(QLabel) if one.text() == words)
        qtbot.waitUntil(partial(_whole, label))
        assert preview.picture_area().contains(card.geometry())
    card.show_answer(NAMED, None)
    (row,) = card.findChildren(CandidateRow)
    qtbot.waitUntil(lambda: row.isVisible() and row.height() >= row.minimumSizeHint().height() > 0)
    assert preview.picture_area().contains(card.geometry())
    assert card.rect().contains(row.geometry())


def test_the_name_is_read_where_the_picture_is_small(qtbot: QtBot) -> None:
    preview = Preview()
    qtbot.addWidget(preview)
    card = LiveAnswer(preview)
    preview.carry(card)
    preview.resize(400, 100)
    preview.show()
    preview.show_frame(QImage(640, 480, QImage.Format.Format_RGB32))
    label = Label("purple_coneflower", "Purple coneflower")
    card.show_answer(replace(NAMED, candidates=(Candidate(label, 0.99),)), None)
    (name,) = (one for one in card.findChildren(QLabel) if one.text() == label.name)
    needed = name.fontMetrics().horizontalAdvance(label.name)
    qtbot.waitUntil(lambda: name.isVisible() and name.width() >= needed)
    assert preview.rect().contains(card.geometry())
