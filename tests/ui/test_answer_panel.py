"""The answer panel: what it says, to the eye, to the ear and to the clipboard."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget

from florapp.core.geometry import Placement
from florapp.core.model_file import Label
from florapp.core.prediction import Answer, Candidate
from florapp.core.source import Source
from florapp.services.words import percent
from florapp.ui import answer_panel, theme
from florapp.ui.answer_panel import AnswerPanel
from florapp.ui.labels import PlainLabel

POPPY = Label("poppy", "Corn poppy", "Papaver rhoeas", "species")
ROSE = Label("rose", "Rose", "Rosa", "genus")
OTHERS = [Label(f"class{i}", f"Class {i}") for i in range(5)]


def answer(*shares):
    labels = [POPPY, ROSE, *OTHERS]
    candidates = tuple(map(Candidate, labels, shares))
    return Answer(Source("x.jpg", b""), candidates, (4, 3), Placement((0, 0, 1, 1)))


@pytest.fixture
def panel(qtbot):
    panel = AnswerPanel()
    qtbot.addWidget(panel)
    panel.resize(340, 500)
    panel.show()
    return panel


def said(panel, name):
    return panel.findChild(QLabel, name).text()


def rows(panel):
    return [row for row in panel.findChildren(QWidget, "answerRow") if row.isVisible()]


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "<1 %"),
        (0.0099, "<1 %"),
        (0.01, "1 %"),
        (0.934, "93 %"),
        (0.9949, "99 %"),
        (0.995, ">99 %"),
        (1.0, ">99 %"),
    ],
)
def test_percentages_never_claim_certainty(qapp, probability, words):
    assert percent(probability) == words


def test_the_best_class_stands_out_in_words(panel):
    panel.show_answer(answer(0.931, 0.04, 0.01, 0.009, 0.006, 0.003, 0.001))
    assert said(panel, "answerName") == "Corn poppy"
    assert said(panel, "answerScientificName") == "Papaver rhoeas"
    assert said(panel, "answerPercent") == "93 %"
    assert not panel.findChild(QLabel, "answerRank").isVisible()
    assert len(rows(panel)) == 5


def test_what_is_not_a_species_is_called_what_it_is(panel):
    rose = Answer(Source("x", b""), (Candidate(ROSE, 0.6),), (4, 3), Placement((0, 0, 1, 1)))
    panel.show_answer(rose)
    assert "genus" in said(panel, "answerRank").lower()
    assert len(rows(panel)) == 1


def test_a_screen_reader_hears_the_whole_answer(panel):
    panel.show_answer(answer(0.931, 0.06, 0.002))
    name = QAccessible.queryAccessibleInterface(panel.findChild(QLabel, "answerName"))
    assert name.text(QAccessible.Text.Name) == "Corn poppy, Papaver rhoeas, 93 %"
    assert [row.accessibleName() for row in rows(panel)] == [
        "Corn poppy, Papaver rhoeas, 93 %",
        "Rose, Rosa, 6 %",
        "Class 0, <1 %",
    ]


def test_changes_are_announced_once(panel, monkeypatch):
    heard = []
    monkeypatch.setattr(answer_panel, "announce", lambda _, text: heard.append(text))
    poppy = answer(0.931, 0.069)
    panel.show_waiting()
    panel.show_answer(poppy)
    panel.show_answer(poppy)
    panel.show_failure("The file is damaged.")
    panel.show_failure("The file is damaged.")
    guess = "This model is not calibrated: its percentages are a guess."
    assert heard == [f"Corn poppy, Papaver rhoeas, 93 %. {guess}", "The file is damaged."]


def test_copying_gives_name_scientific_name_and_five_lines(panel):
    assert panel.text() == ""
    panel.show_answer(answer(0.931, 0.04, 0.01, 0.009, 0.006, 0.003, 0.001))
    assert panel.text().splitlines() == [
        "Corn poppy",
        "Papaver rhoeas",
        "Corn poppy, Papaver rhoeas, 93 %",
        "Rose, Rosa, 4 %",
        "Class 0, 1 %",
        "Class 1, <1 %",
        "Class 2, <1 %",
        "This model is not calibrated: its percentages are a guess.",
    ]
    panel.show_failure("The file is damaged.")
    assert panel.text() == ""


def test_the_reason_takes_the_answers_place(panel):
    panel.show_answer(answer(0.9, 0.1))
    panel.show_failure("The file is damaged.")
    assert said(panel, "answerReason") == "The file is damaged."
    assert not panel.findChild(QLabel, "answerName").isVisible()
    assert rows(panel) == []


def test_in_a_small_window_it_scrolls_instead_of_clipping(panel, qtbot):
    long = Label("x", "Hard-leaved pocket orchid " * 4, "Paphiopedilum micranthum " * 3, "group")
    candidates = tuple(Candidate(long, 0.2) for _ in range(5))
    panel.show_answer(Answer(Source("x", b""), candidates, (4, 3), Placement((0, 0, 1, 1))))
    area = panel.findChild(QScrollArea)
    panel.resize(400, 1200)
    qtbot.waitUntil(lambda: area.focusPolicy() == Qt.FocusPolicy.NoFocus)
    panel.resize(240, 160)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert area.focusPolicy() == Qt.FocusPolicy.StrongFocus  # the arrow keys scroll
    assert area.widget().width() == area.viewport().width()


@pytest.mark.parametrize("dark", [False, True])
def test_every_word_is_readable(qapp, dark):
    colours, role = theme.palette(dark=dark), QPalette.ColorRole
    tints = [
        theme.mixed(colours.color(colour), colours.color(role.Window), share)
        for colour, share in ((role.Accent, 0.12), (role.BrightText, 0.12), (role.Accent, 0.14))
    ]
    grounds = [colours.color(name) for name in (role.Window, role.Base, role.AlternateBase)]
    words = (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText, role.BrightText)
    pairs = [(colours.color(word), ground) for word in words for ground in grounds + tints]
    pairs += [(colours.color(role.Accent), ground) for ground in grounds[:2]]
    pairs += [
        (colours.color(word), colours.color(ground))
        for word, ground in (
            (role.HighlightedText, role.Highlight),
            (role.ToolTipText, role.ToolTipBase),
            (role.ButtonText, role.Button),
            (role.Text, role.Mid),
        )
    ]
    assert min(contrast(word, ground) for word, ground in pairs) >= 4.5


def contrast(one, other):
    """WCAG 2.2: the ratio of the lighter relative luminance to the darker."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: QColor):
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_another_answer_is_seen_from_its_beginning(panel, qtbot):
    panel.resize(340, 200)
    panel.show_answer(answer(0.6, 0.2, 0.1))
    bar = panel.findChild(QScrollArea).verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    shown = answer(0.5, 0.3, 0.1)
    panel.show_answer(shown)
    assert bar.value() == 0
    bar.setValue(9)
    panel.show_answer(shown)  # as when the dial is turned
    assert bar.value() == 9


def test_what_to_beware_of_stands_below_the_name_and_above_the_rest(panel, qtbot):
    foxglove = Candidate(Label("foxglove", "Foxglove", "Digitalis purpurea"), 0.9)
    given = answer(0.6, 0.2)
    panel.show_answer(replace(given, candidates=(foxglove, *given.candidates[1:])))
    heading = "speciesWarningHeading"
    qtbot.waitUntil(lambda: bool(panel.findChildren(QLabel, heading)))
    warning = panel.findChild(QLabel, heading)
    qtbot.waitUntil(warning.isVisible)
    assert warning.text() == "Deadly poisonous"
    places = [w.mapTo(panel, QPoint()).y() for w in (panel._headline, warning, rows(panel)[0])]
    assert places == sorted(places)
    panel.show_answer(given)
    assert not any(label.isVisible() for label in panel.findChildren(QLabel, heading))


def test_of_the_next_picture_of_a_deadly_plant_it_is_said_again(panel, qtbot, monkeypatch):
    heard = []
    for place in ("answer_panel", "species_panel"):
        monkeypatch.setattr(f"florapp.ui.{place}.announce", lambda _, text, **k: heard.append(text))
    foxglove = Candidate(Label("foxglove", "Foxglove", "Digitalis purpurea"), 0.9)
    deadly = replace(answer(0.6, 0.2), candidates=(foxglove,))

    def warnings():
        labels = panel.findChildren(QLabel, "speciesWarningHeading")
        return [label.text() for label in labels if label.isVisible()]

    panel.show_answer(deadly)
    qtbot.waitUntil(lambda: warnings() == ["Deadly poisonous"])
    for between in (panel.show_waiting, lambda: panel.show_failure("torn"), panel.clear):
        between()
        assert not warnings()
        heard.clear()
        panel.show_answer(replace(deadly, source=Source("next.jpg", b"")))
        assert warnings() == ["Deadly poisonous"]
        assert any("Deadly poisonous" in text for text in heard)


def test_no_warning_stands_beside_what_it_is_not_of(panel, qtbot):
    """The cards are read a moment after the first answer: it may have gone by then."""
    foxglove = Candidate(Label("foxglove", "Foxglove", "Digitalis purpurea"), 0.9)
    panel.show_answer(replace(answer(0.6, 0.2), candidates=(foxglove,)))
    panel.clear()
    qtbot.waitUntil(lambda: bool(panel.findChildren(QLabel, "speciesWarningHeading")))
    qtbot.wait(50)
    headings = panel.findChildren(QLabel, "speciesWarningHeading")
    assert not any(label.isVisible() for label in headings)


def test_what_a_class_is_called_is_not_said_twice(panel):
    given = answer(0.6, 0.2)
    cyclamen = Candidate(Label("cyclamen", "Cyclamen", "Cyclamen"), 0.9)
    panel.show_answer(replace(given, candidates=(cyclamen, *given.candidates[1:])))
    assert not panel.findChild(QLabel, "answerScientificName").isVisible()


def test_words_can_be_selected_wherever_they_came_to_the_mouse_and_stay_there(panel, qtbot):
    foxglove = Candidate(Label("foxglove", "Foxglove", "Digitalis purpurea"), 0.9)
    panel.show_answer(replace(answer(0.6, 0.2), candidates=(foxglove,)))
    qtbot.waitUntil(lambda: panel.findChild(QLabel, "speciesTell") is not None)
    body = panel.findChild(QScrollArea).widget()
    qtbot.waitUntil(lambda: panel.findChild(QLabel, "speciesTell").isVisible())
    before = body.grab().toImage()
    for label in filter(QWidget.isVisible, panel.findChildren(PlainLabel)):
        word = QPoint(4, label.height() // 2)  # the mouse was there before it: it enters nothing
        QTest.mouseDClick(label, Qt.MouseButton.LeftButton, pos=word)
        QTest.mouseRelease(label, Qt.MouseButton.LeftButton, pos=word)
        assert label.hasSelectedText(), label.text()
        label.setSelection(0, 0)
    assert body.grab().toImage() == before


def test_an_answer_is_laid_out_once(panel):
    panel.show_waiting()
    sizes = []

    class Watch(QObject):
        def eventFilter(self, _, event):  # noqa: N802
            sizes.extend([event.size()] if event.type() == QEvent.Type.Resize else [])
            return False

    watch = Watch()
    panel.findChild(QLabel, "answerName").installEventFilter(watch)
    panel.show_answer(answer(0.9, 0.03, 0.02, 0.01, 0.01))
    assert len(sizes) == 1
