"""The model card in the window: all its words, the diagram, in the user's language."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from florapp.core.model_file import Calibration, Card
from florapp.core.report import report
from florapp.ui.card_dialog import CardDialog
from florapp.ui.reliability_diagram import ReliabilityDiagram
from tests.services.loud import loud
from tests.ui.hands import WAIT

Changed = Callable[..., Card]
BINS = [[0.3, 0.5, 4], [0.7, 0.6, 20], [0.98, 0.99, 400]]


def opened(qtbot: QtBot, card: Card) -> CardDialog:
    dialog = CardDialog(card)
    qtbot.addWidget(dialog)
    dialog.show()
    with qtbot.waitExposed(dialog, timeout=WAIT):
        pass
    return dialog


def words(dialog: CardDialog) -> str:
    """Return what one reads in ``dialog``, from the top."""
    labels = [label for label in dialog.findChildren(QLabel) if label.isVisible()]
    texts = []
    for label in labels:
        document = QTextDocument()
        if label.textFormat() == Qt.TextFormat.RichText:
            document.setHtml(label.text())
        else:
            document.setPlainText(label.text())
        texts.append(document.toPlainText())
    return "\n".join(texts)


def dots(diagram: ReliabilityDiagram) -> int:
    """Return how many pixels of it are as dots and bars are."""
    image = diagram.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    colour = diagram.palette().accent().color().rgb()
    return sum(
        image.pixel(x, y) == colour for x in range(image.width()) for y in range(image.height())
    )


def test_all_of_the_card_can_be_read_and_selected(
    qtbot: QtBot, changed_card: Changed, learnt: Calibration
) -> None:
    card = changed_card(figures={"reliability": BINS, "photographs": 424}, calibration=learnt)
    dialog = opened(qtbot, card)
    read = words(dialog)
    for section in report(card):
        for text in (section.title, *section.says, *(text for row in section.rows for text in row)):
            assert text in read
    labels = [label for label in dialog.findChildren(QLabel) if label.isVisible()]
    for label in labels:
        word = QPoint(4, label.height() // 2)
        QTest.mouseDClick(label, Qt.MouseButton.LeftButton, pos=word)
        QTest.mouseRelease(label, Qt.MouseButton.LeftButton, pos=word)
        assert label.hasSelectedText(), label.text()


def test_the_diagram_shows_the_figures_and_tells_them(
    qtbot: QtBot, changed_card: Changed, learnt: Calibration
) -> None:
    few = changed_card(figures={"reliability": BINS[:1]}, calibration=learnt)
    more = changed_card(figures={"reliability": BINS}, calibration=learnt)
    drawn = []
    for card in (few, more):
        dialog = opened(qtbot, card)
        diagram = dialog.findChild(ReliabilityDiagram)
        assert diagram is not None and diagram.isVisible()
        drawn.append(dots(diagram))
        assert "About 30.0 %: 50.0 % right, of 4 photo" in diagram.accessibleDescription()
    assert 0 < drawn[0] < drawn[1]


def test_without_figures_there_is_no_diagram_and_it_says_what_that_means(
    qtbot: QtBot, changed_card: Changed
) -> None:
    for odd in (None, [[95, 90, 3]]):
        dialog = opened(qtbot, changed_card(figures={"reliability": odd}))
        assert dialog.findChild(ReliabilityDiagram) is None
        assert "uncalibrated" in words(dialog)


def test_a_small_dialog_needs_no_scrolling_to_the_side_and_the_keys_scroll(
    qtbot: QtBot, changed_card: Changed, learnt: Calibration
) -> None:
    dialog = opened(qtbot, changed_card(figures={"reliability": BINS}, calibration=learnt))
    dialog.resize(330, 400)
    area = dialog.findChild(QScrollArea)
    assert area is not None
    qtbot.waitUntil(lambda: area.viewport().width() < 330, timeout=WAIT)
    assert area.horizontalScrollBar().maximum() == 0
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: area.verticalScrollBar().value() > 0, timeout=WAIT)


def test_the_card_is_in_the_users_language_and_a_files_markup_is_only_text(
    qtbot: QtBot, changed_card: Changed
) -> None:
    card = changed_card(title="<b>Mine</b>", licence="<img src=x>", figures={"<i>x</i>": "<u>"})
    with loud():
        read = words(opened(qtbot, card))
    assert "WHAT IT MUST NOT BE USED FOR" in read and "MEDICINE" in read
    for own in ("<b>Mine</b>", "<img src=x>", "<i>x</i>", "<u>"):
        assert own in read
