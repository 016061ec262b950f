"""What to believe is what one sees first, in the window as in the strip and in what is copied."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QSlider

from florapp.core.geometry import Placement
from florapp.core.model_file import Label
from florapp.core.prediction import Answer, Candidate
from florapp.core.quality import Flaw
from florapp.core.source import Source
from florapp.services.pictures import PictureList
from florapp.ui import answer_panel
from florapp.ui.answer_panel import AnswerPanel
from florapp.ui.candidate_widgets import CandidateRow

NAMES = ("Corn poppy", "Rose", "Tulip", "Iris", "Daisy", "Aster")


def answer(learnt, *shares, **more):
    ranked = tuple(
        Candidate(Label(name.lower(), name, scientific_name=f"{name} sp."), share)
        for name, share in zip(NAMES, shares, strict=False)
    )
    return Answer(
        Source("a.jpg", b""), ranked, (4, 3), Placement((0, 0, 1, 1)), calibration=learnt, **more
    )


@pytest.fixture
def panel(qtbot):
    made = AnswerPanel()
    qtbot.addWidget(made)
    made.resize(380, 700)
    made.show()
    return made


def said(panel):
    """The words that can be seen, top to bottom, but for the rows of candidates."""
    return [
        label.text()
        for label in panel.findChildren(QLabel)
        if label.isVisible()
        and label.text()
        and not isinstance(label.parent(), CandidateRow)
        and label.objectName().startswith("answer")
    ]


def texts(panel):
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def rows(panel):
    return [row.accessibleName() for row in panel.findChildren(CandidateRow) if row.isVisible()]


def test_sure_has_one_name(panel, learnt):
    panel.show_answer(answer(learnt, 0.96, 0.02, 0.02))
    assert said(panel)[0] == "Sure"
    assert "Corn poppy" in said(panel) and "96 %" in said(panel)
    assert panel.accessibleName() == "Answer: Corn poppy, Corn poppy sp., 96 %"


def test_one_of_these_names_both_and_no_first_place(panel, learnt):
    panel.show_answer(answer(learnt, 0.6, 0.35, 0.05))
    assert said(panel)[:3] == ["Not sure which", "One of these two", "Corn poppy\nRose"]
    assert "60 %" not in said(panel)
    assert panel.accessibleName() == "Answer: One of these: Corn poppy or Rose."
    assert panel.text().startswith("One of these: Corn poppy or Rose.")


@pytest.mark.parametrize(
    ("genus", "heading", "title"),
    [("Papaver", "Only its genus is clear", "Papaver"),
     ("", "Only its family is clear", "Papaveraceae")],
)  # fmt: skip
def test_of_a_group_its_members_are_named_and_none_of_them_first(
    panel, learnt, genus, heading, title
):
    given = answer(learnt, 0.6, 0.35, 0.05)
    first, second, *_ = (
        replace(each, label=replace(each.label, genus=genus, family="Papaveraceae"))
        for each in given.candidates
    )
    panel.show_answer(replace(given, candidates=(first, second, given.candidates[2])))
    assert said(panel)[:3] == [heading, title, "Corn poppy\nRose"]
    assert "60 %" not in said(panel)
    assert panel.accessibleName() == f"Answer: {heading}: {title}."


def test_of_a_genus_with_many_members_they_are_not_listed(panel, learnt):
    labels = [Label(f"{i}", f"Rose {i}", genus="Rosa") for i in range(1000)]
    ranked = tuple(Candidate(label, 0.001) for label in labels)
    panel.show_answer(replace(answer(learnt, 0.001), candidates=ranked))
    assert said(panel)[:2] == ["Only its genus is clear", "Rosa"]
    assert not any("Rose 1" in words for words in said(panel))


def test_a_stranger_is_not_named_but_what_is_most_like_it_is_shown_as_that(panel, learnt):
    panel.show_answer(answer(learnt, 0.96, 0.02, 0.02, novelty=3.5))
    assert said(panel)[:2] == ["No name", "Not one I know"]
    assert "Most like it, of those that I know" in [
        label.text() for label in panel.findChildren(QLabel) if label.isVisible()
    ]
    assert len(rows(panel)) == 3


def test_of_a_picture_without_anything_no_name_is_given_at_all(panel, learnt):
    panel.show_answer(answer(learnt, 0.96, 0.02, 0.02, flaw=Flaw.DARK))
    assert said(panel)[:2] == ["No name", "Nothing to name"]
    assert "almost black" in said(panel)[2]
    assert rows(panel) == []
    assert "poppy" not in panel.text()


def test_a_model_without_calibration_says_so_and_offers_no_promise(panel):
    panel.show_answer(answer(None, 0.96, 0.02, 0.02))
    assert "not calibrated" in said(panel)[-1]
    assert not panel.dial.isVisible()


def test_the_dial_widens_the_answer(panel, learnt, qtbot):
    panel.show_answer(answer(learnt, 0.75, 0.15, 0.05, 0.03, 0.02))
    slider = panel.dial.findChild(QSlider)
    assert slider.accessibleDescription().endswith("for 95 of 100 pictures.")
    assert "One of these two" in said(panel)
    with qtbot.waitSignal(panel.dial.changed) as signal:
        slider.setValue(slider.maximum())
    assert signal.args == [0.99]
    assert "One of these 4" in said(panel)
    assert panel.text().startswith("One of these: Corn poppy, Rose, Tulip or Iris.")
    slider.setValue(0)
    assert "most probable alone" in slider.accessibleDescription()


def test_what_the_dial_changes_is_announced(panel, learnt, monkeypatch):
    heard = []
    monkeypatch.setattr(answer_panel, "announce", lambda _, text: heard.append(text))
    panel.show_answer(answer(learnt, 0.96, 0.02, 0.02))
    slider = panel.dial.findChild(QSlider)
    slider.setValue(slider.maximum())
    assert heard[1:] == ["One of these: Corn poppy or Rose."]
    panel.dial.changed.emit(panel.dial.promise)  # nothing new
    assert len(heard) == 2


def test_what_it_may_be_as_well_is_warned_of(panel, learnt, qtbot):
    monkshood = Label("monkshood", "Monkshood", "Aconitum", genus="Aconitum")
    given = answer(learnt, 0.6, 0.35, 0.05)
    given = replace(given, candidates=(given.best, Candidate(monkshood, 0.35)))
    panel.show_answer(given)
    qtbot.waitUntil(lambda: any("may be one that is deadly: Monkshood" in t for t in texts(panel)))
    panel.show_answer(replace(given, candidates=(given.best,)))
    assert not any("Monkshood" in text for text in texts(panel))


def test_of_a_group_no_member_is_told_of_as_if_it_were_the_answer(panel, learnt, qtbot):
    pair = (("foxglove", "Foxglove", "Digitalis purpurea"), ("rose", "Rose", "Rosa"))
    ranked = tuple(
        Candidate(Label(*names, family="Both"), share)
        for names, share in zip(pair, (0.6, 0.4), strict=True)
    )
    panel.show_answer(replace(answer(learnt, 0.6, 0.4), candidates=ranked))
    assert said(panel)[0] == "Only its family is clear"
    warning = "It may be one that is deadly: Foxglove"
    qtbot.waitUntil(lambda: warning in texts(panel))
    assert "How to know it" not in texts(panel)


def test_what_the_dial_adds_is_warned_of(panel, learnt, qtbot):
    monkshood = Label("monkshood", "Monkshood", "Aconitum", genus="Aconitum")
    given = answer(learnt, 0.96, 0.04)
    panel.show_answer(replace(given, candidates=(given.best, Candidate(monkshood, 0.04))))
    slider = panel.dial.findChild(QSlider)
    slider.setValue(slider.maximum())
    qtbot.waitUntil(lambda: any("may be one that is deadly: Monkshood" in t for t in texts(panel)))


def test_the_dial_is_remembered(panel, learnt):
    panel.dial.set_promise(0.99)
    panel.show_answer(answer(learnt, 0.75, 0.15, 0.05, 0.03, 0.02))
    assert panel.dial.findChild(QSlider).value() == 2
    assert "One of these 4" in said(panel)


def test_the_dial_says_what_is_kept(panel, learnt):
    """Of a promise that a model cannot make, the next that it can."""
    panel.dial.set_promise(0.96)
    panel.show_answer(answer(learnt, 0.75, 0.15, 0.05, 0.03, 0.02))
    assert panel.dial.findChild(QSlider).accessibleDescription().endswith("for 99 of 100 pictures.")
    assert "One of these 4" in said(panel)


def test_the_strip_says_the_same(learnt):
    pictures = PictureList()
    given = answer(learnt, 0.6, 0.35, 0.05)
    (entry,) = pictures.add([given.source])
    pictures.set_result(entry.key, given)
    assert pictures.in_words(entry) == "Corn poppy or Rose?"
    pictures.keep(0.99)
    assert pictures.in_words(entry) == "Corn poppy, Rose or Tulip?"
    pictures.keep(0.95)
    for result, words in (
        (answer(learnt, 0.96, 0.02, 0.02), "Corn poppy, 96 %"),
        (replace(given, novelty=9.0), "Not one I know"),
        (replace(given, flaw=Flaw.NOISE), "Nothing to name"),
        (replace(given, calibration=None), "Corn poppy, 60 %"),
    ):
        entry.result = result
        assert pictures.in_words(entry) == words
