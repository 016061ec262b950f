"""The species cards beside the answer: the warning first, and the way to a look-alike and back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from florapp.core.errors import FlorAppError
from florapp.core.model_file import Label
from florapp.core.species import species
from florapp.ui import species_panel
from florapp.ui.link_button import LinkButton
from florapp.ui.species_panel import SpeciesPanel
from tests.ui.hands import WAIT

CARDS = species()


def called(name: str) -> str:
    return name.replace("_", " ").capitalize()


#: The classes that the cards are of, under names that a model might give them.
LABELS = {name: Label(name, called(name), card.scientific_name) for name, card in CARDS.items()} | {
    "orange_dahlia": Label(
        "orange_dahlia", "Mexican sunflower (orange dahlia)", "Tithonia rotundifolia"
    )
}


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[SpeciesPanel]:
    """The panel in a column that scrolls, as narrow as the answer's may become."""
    body = QWidget()
    column = QVBoxLayout(body)
    column.setContentsMargins(18, 18, 18, 14)
    made = SpeciesPanel()
    column.addWidget(made)
    column.addStretch(1)
    area = QScrollArea(widgetResizable=True)
    area.setWidget(body)
    qtbot.addWidget(area)
    area.resize(220, 420)
    area.show()
    area.activateWindow()
    qtbot.waitExposed(area, timeout=WAIT)
    made.use(LABELS)
    yield made


def shown(panel: QWidget, name: str) -> list[str]:
    """Return the texts of the visible widgets called ``name``, from top to bottom."""
    found = [w for w in panel.findChildren(QWidget, name) if w.isVisible()]
    found.sort(key=lambda widget: widget.mapTo(panel, QPoint(0, 0)).y())
    return [w.text() for w in found if isinstance(w, QLabel | LinkButton)]


def link(panel: SpeciesPanel, text: str) -> LinkButton:
    [found] = [b for b in panel.findChildren(LinkButton) if b.text() == text and b.isVisible()]
    return found


def read(qtbot: QtBot, panel: SpeciesPanel, name: str) -> None:
    panel.show_label(LABELS[name])
    qtbot.waitUntil(lambda: bool(shown(panel, "speciesText")), timeout=WAIT)
    QApplication.processEvents()


def test_the_warning_is_the_first_to_be_seen_in_words_and_with_a_sign(qtbot, panel) -> None:
    read(qtbot, panel, "azalea")
    assert shown(panel, "speciesWarningHeading") == [
        "Poisonous",
        "A look-alike is deadly: Desert-rose",
    ]
    assert shown(panel, "speciesWarningText") == [CARDS["azalea"].warning]
    warning = panel.findChild(QWidget, "speciesWarning")
    assert warning.mapTo(panel, QPoint(0, 0)).y() == 0
    heard = QAccessible.queryAccessibleInterface(warning)
    assert heard.text(QAccessible.Text.Name) == "Warning: Poisonous"
    assert heard.text(QAccessible.Text.Description) == CARDS["azalea"].warning
    drawn = warning.grab().toImage()  # the sign stands left of the words
    ground = drawn.pixelColor(drawn.width() - 3, 3)
    assert any(drawn.pixelColor(x, y) != ground for x in range(12, 32) for y in range(8, 28))


def test_the_warning_is_heard_as_soon_as_the_cards_are_read(qtbot, panel, monkeypatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr(species_panel, "announce", lambda _, text: heard.append(text))
    read(qtbot, panel, "azalea")
    qtbot.waitUntil(lambda: bool(heard), timeout=WAIT)
    assert heard == ["Poisonous A look-alike is deadly: Desert-rose"]


def test_of_what_it_may_be_as_well_all_that_is_poisonous_is_named(qtbot, panel) -> None:
    """The worst first, and no other plant that a model gives the id of one."""
    other = Label("monkshood", "Another", "Veronica")
    others = [LABELS[name] for name in ("azalea", "foxglove", "magnolia", "desert-rose")]
    panel.show_label(LABELS["rose"], [*others, other])
    qtbot.waitUntil(lambda: bool(shown(panel, "speciesText")), timeout=WAIT)
    assert shown(panel, "speciesWarningHeading") == [
        "It may be one that is deadly: Foxglove, Desert-rose",
        "It may be one that is poisonous: Azalea",
    ]


def test_a_card_tells_how_to_know_the_plant_and_what_it_is_not(qtbot, panel) -> None:
    read(qtbot, panel, "azalea")
    card = CARDS["azalea"]
    assert shown(panel, "speciesText") == [card.look, card.place]
    assert shown(panel, "speciesHeading") == [
        "How to know it",
        "Where and when",
        "Easily confused with",
    ]
    assert shown(panel, "speciesAlike") == ["Large rhododendron"]
    assert shown(panel, "speciesLink") == ["Camellia", "Desert-rose"]
    assert shown(panel, "speciesMarkText") == ["Poisonous", "Deadly poisonous"]
    assert shown(panel, "speciesTell")[0] == "Bigger, leathery leaves and domed flower heads."
    assert "not advice on eating" in shown(panel, "speciesSource")[0]


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        (
            "snapdragon",
            ["A look-alike is deadly: Foxglove", "A look-alike is poisonous: Sweet pea"],
        ),
        ("camellia", ["A look-alike is poisonous: Azalea"]),
        (
            "peruvian_lily",
            [
                "A look-alike is deadly to cats: Tiger lily",
                "A look-alike is poisonous: Sword lily",
                "Take care",
            ],
        ),
        ("grape_hyacinth", ["Look-alikes are poisonous: Hyacinth, Bluebell, Squill", "Take care"]),
        ("tiger_lily", ["Deadly to cats", "A look-alike is deadly: Fire lily"]),
        ("monkshood", ["Deadly poisonous"]),
        ("rose", []),
    ],
)
def test_what_may_harm_is_told_the_worst_first(qtbot, panel, name, headings) -> None:
    read(qtbot, panel, name)
    assert shown(panel, "speciesWarningHeading") == headings


def test_of_two_plants_it_is_said_whose_warning_and_card_it_is(qtbot, panel) -> None:
    panel.show_label(LABELS["cyclamen"], [LABELS["desert-rose"]])
    qtbot.waitUntil(lambda: bool(shown(panel, "speciesText")), timeout=WAIT)
    assert shown(panel, "speciesWarningHeading") == [
        "It may be one that is deadly: Desert-rose",
        "Cyclamen: Poisonous",
    ]
    assert shown(panel, "speciesTitle") == ["About Cyclamen"]
    panel.show_label(LABELS["cyclamen"])
    qtbot.waitUntil(lambda: shown(panel, "speciesWarningHeading") == ["Poisonous"], timeout=WAIT)
    assert shown(panel, "speciesTitle") == []


def test_tab_goes_to_the_links_where_they_stand(qtbot, panel) -> None:
    after = QPushButton()
    panel.parentWidget().layout().addWidget(after)
    read(qtbot, panel, "camellia")
    order, widget = [], panel.nextInFocusChain()
    while widget is not panel:
        order.append(widget)
        widget = widget.nextInFocusChain()
    links = [order.index(link) for link in panel.findChildren(LinkButton, "speciesLink")]
    assert links and max(links) < order.index(after)


def test_the_keyboard_goes_to_a_look_alike_and_back(qtbot, panel) -> None:
    read(qtbot, panel, "canterbury_bells")
    foxglove = link(panel, "Foxglove")
    heard = QAccessible.queryAccessibleInterface(foxglove)
    assert heard.role() == QAccessible.Role.Button
    assert heard.text(QAccessible.Text.Name) == "Foxglove"
    foxglove.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(foxglove, Qt.Key.Key_Space)

    assert shown(panel, "speciesTitle") == ["About Foxglove"]
    assert shown(panel, "speciesScientificName") == ["Digitalis purpurea"]
    assert shown(panel, "speciesWarningHeading") == ["Deadly poisonous"]
    assert shown(panel, "speciesText")[0] == CARDS["foxglove"].look
    back = link(panel, "Back to Canterbury bells")
    assert panel.window().focusWidget() is back
    area = panel.window()
    assert isinstance(area, QScrollArea)
    qtbot.waitUntil(lambda: area.viewport().rect().contains(seen(back, area)), timeout=WAIT)

    QTest.keyClick(back, Qt.Key.Key_Space)
    assert shown(panel, "speciesTitle") == []
    assert shown(panel, "speciesText")[0] == CARDS["canterbury_bells"].look
    left = link(panel, "Foxglove")
    assert panel.window().focusWidget() is left
    qtbot.waitUntil(lambda: area.viewport().rect().contains(seen(left, area)), timeout=WAIT)


def seen(widget: QWidget, area: QScrollArea) -> QPoint:
    return widget.mapTo(area.viewport(), widget.rect().center())


def test_from_look_alike_to_look_alike_each_step_leads_back(qtbot, panel) -> None:
    read(qtbot, panel, "rose")
    link(panel, "Camellia").click()
    link(panel, "Magnolia").click()
    link(panel, "Back to Camellia").click()
    link(panel, "Back to Rose").click()
    assert shown(panel, "speciesText")[0] == CARDS["rose"].look
    assert shown(panel, "speciesBack") == []


@pytest.mark.parametrize("answer", ["rose", "magnolia"])
def test_an_answer_shows_its_own_card_wherever_one_was(qtbot, panel, answer) -> None:
    read(qtbot, panel, "rose")
    link(panel, "Camellia").click()
    panel.show_label(LABELS[answer])
    assert shown(panel, "speciesTitle") == []
    assert shown(panel, "speciesText")[0] == CARDS[answer].look


@pytest.mark.parametrize(
    "label",
    [None, Label("mallow", "Mallow", "Malva sylvestris"), Label("rose", "Rose"), Label("x", "X")],
)
def test_of_other_plants_nothing_is_told(qtbot, panel, label) -> None:
    read(qtbot, panel, "rose")
    panel.show_label(label)
    QApplication.processEvents()
    assert [label for label in panel.findChildren(QLabel) if label.isVisible()] == []


def test_a_look_alike_the_model_does_not_know_is_named_and_no_link(qtbot, panel) -> None:
    panel.use(
        {"camellia": LABELS["camellia"], "azalea": Label("azalea", "Azalea", "Azalea pontica")}
    )
    read(qtbot, panel, "camellia")
    assert shown(panel, "speciesLink") == []
    assert shown(panel, "speciesAlike") == ["Rosa", "Magnolia", "Rhododendron"]
    assert shown(panel, "speciesWarningHeading") == ["A look-alike is poisonous: Rhododendron"]


def test_the_cards_are_read_once_when_asked_for_and_behind_the_window(
    qtbot, panel, monkeypatch
) -> None:
    readers = []

    def noted() -> Mapping[str, object]:
        readers.append(threading.current_thread())
        return CARDS

    monkeypatch.setattr(species_panel, "species", noted)
    panel.show_label(None)
    assert readers == []
    panel.show_label(LABELS["tulip"])
    panel.show_label(LABELS["azalea"])  # before the cards are there
    qtbot.waitUntil(lambda: bool(shown(panel, "speciesText")), timeout=WAIT)
    assert shown(panel, "speciesText")[0] == CARDS["azalea"].look
    panel.show_label(LABELS["rose"])
    assert len(readers) == 1
    assert readers[0] is not threading.main_thread()


def test_that_the_cards_are_missing_is_told(qtbot, panel, monkeypatch) -> None:
    def missing() -> Mapping[str, object]:
        raise FlorAppError("FlorApp's own file {0} is missing.", "species.toml")

    monkeypatch.setattr(species_panel, "species", missing)
    panel.show_label(LABELS["tulip"])
    qtbot.waitUntil(lambda: bool(shown(panel, "speciesFault")), timeout=WAIT)
    assert shown(panel, "speciesFault") == ["FlorApp's own file species.toml is missing."]


def cut_off(panel: QWidget) -> list[str]:
    """Return the texts that have too little room."""
    return [
        widget.text()
        for widget in panel.findChildren(QWidget)
        if isinstance(widget, QLabel | LinkButton)
        and widget.isVisible()
        and not (
            panel.rect().contains(widget.rect().translated(widget.mapTo(panel, QPoint(0, 0))))
            and widget.height() >= widget.heightForWidth(widget.width())
        )
    ]


def test_in_a_narrow_column_no_word_is_cut_off(qtbot, panel) -> None:
    for name in ("bishop_of_llandaff", "spring_crocus", "desert-rose", "sunflower"):
        read(qtbot, panel, name)
        qtbot.waitUntil(lambda: not cut_off(panel), timeout=WAIT)  # once the layout is at rest
    assert link(panel, LABELS["orange_dahlia"].name).height() > 2 * panel.fontMetrics().height()
