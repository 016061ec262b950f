"""The message bar: what it says, in which order, and by which keys it obeys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from florapp.ui import messages
from florapp.ui.messages import MessageBar


@pytest.fixture
def bar(qtbot):
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


def buttons(bar):
    return [button for button in bar.findChildren(QPushButton) if button.isVisible()]


def test_there_is_no_bar_without_a_message(bar):
    assert not bar.isVisible()
    bar.show_message("Three files are no pictures.")
    assert bar.isVisible()
    assert bar.findChild(QLabel, "messageText").text() == "Three files are no pictures."
    assert bar.accessibleName() == "Three files are no pictures."


def test_information_gives_way_and_errors_wait_their_turn(bar):
    bar.show_message("one")
    bar.show_message("two")
    assert bar.text() == "two"
    bar.show_message("error", "error")
    bar.show_message("another error", "error")
    bar.show_message("another error", "error")
    bar.show_message("older news")
    bar.show_message("news")
    for expected in ("error", "another error", "news"):
        assert bar.text() == expected
        bar.close_message()
    assert not bar.isVisible()
    assert bar.text() == ""


def test_information_one_can_do_something_about_comes_back(bar):
    undone = []
    bar.show_message("Removed", actions=[("Undo", lambda: undone.append("it"))], about="removed")
    bar.show_message("Copied")
    bar.show_message("Fetch it?", "question")
    bar.show_message("Not a model", "error")
    for expected in ("Fetch it?", "Not a model", "Removed"):
        assert bar.text() == expected
        if expected != "Removed":
            bar.close_message()
    buttons(bar)[0].click()
    assert (undone, bar.isVisible()) == (["it"], False)


def test_no_question_is_lost_nor_answered_before_it_is_read(bar, qtbot):
    answers = []
    for number in range(2):
        actions = [("Yes", lambda number=number: answers.append(number))]
        bar.show_message("Fetch it?", "question", actions)
    bar.show_message("Copied")
    for number in range(2):
        assert bar.text() == "Fetch it?"
        buttons(bar)[0].click()
        for again in buttons(bar)[:1]:  # a double click: the next question has not been read yet
            again.click()
        assert answers == list(range(number + 1))
        qtbot.wait(QApplication.doubleClickInterval() + 50)
    assert bar.text() == "Copied"


def test_an_action_closes_the_message_and_may_say_more(bar, qtbot):
    bar.show_message(
        "It failed.", "error", [("Try again", lambda: bar.show_message("It worked.")), ("No", list)]
    )
    assert [button.text() for button in buttons(bar)] == ["Try again", "No"]
    qtbot.keyClick(buttons(bar)[0], Qt.Key.Key_Space)
    assert bar.text() == "It worked."
    assert buttons(bar) == []


def test_the_keyboard_closes_it(bar, qtbot):
    bar.show_message("Three files are no pictures.")
    close = bar.findChild(QToolButton)
    assert close.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert close.accessibleName()
    qtbot.keyClick(close, Qt.Key.Key_Space)
    assert not bar.isVisible()


def test_escape_closes_it_wherever_the_focus_is(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    bar, field = MessageBar(window), QLineEdit(window)
    bar.show_message("Three files are no pictures.")
    window.show()
    field.setFocus()
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_errors_are_announced_urgently(bar, monkeypatch):
    heard = []
    monkeypatch.setattr(
        messages, "announce", lambda _, text, urgent=False: heard.append((text, urgent))
    )
    bar.show_message("news")
    bar.show_message("trouble", "error")
    assert heard == [("news", False), ("trouble", True)]


def test_a_long_message_wraps(bar):
    bar.resize(640, 40)
    bar.show_message("The file could not be read. " * 10)
    assert bar.minimumSizeHint().width() < 640
    assert bar.heightForWidth(640) > bar.heightForWidth(2400)


def test_what_is_no_longer_so_is_taken_back(bar):
    bar.show_message("It does not open.", "error", about="model")
    bar.show_message("The disk is full.", "error")
    bar.show_message("Neither does this.", "error", about="model")
    bar.take_back("model")
    assert bar.text() == "The disk is full."
    bar.close_message()
    assert not bar.isVisible()


def test_enter_presses_a_button(bar, qtbot):
    pressed = []
    bar.show_message("Fetch it?", "question", [("Yes", lambda: pressed.append(1))])
    (button,) = buttons(bar)
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert pressed == [1]


def test_its_text_is_reached_by_key_and_then_selected_to_be_copied(bar, qtbot):
    bar.show_message("The disk is full.", "error")
    text, close = bar.findChild(QLabel, "messageText"), bar.findChild(QToolButton)
    close.setFocus()
    assert not text.hasSelectedText()
    with qtbot.waitActive(bar):
        bar.activateWindow()
    qtbot.keyClick(bar, Qt.Key.Key_Backtab)
    assert text.hasFocus() and text.selectedText() == "The disk is full."
    qtbot.keyClick(text, Qt.Key.Key_Tab)
    assert close.hasFocus() and not text.hasSelectedText()
