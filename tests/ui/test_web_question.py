"""Pictures on the web: asked about, then fetched one after another, where the user sees it."""

from __future__ import annotations

from functools import partialmethod

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from florapp.core.source import Source
from florapp.services.fetch import Fetch
from florapp.ui import web_question
from florapp.ui.messages import MessageBar
from florapp.ui.progress import Job
from florapp.ui.web_question import WebQuestion

URLS = [QUrl(f"https://garden.example/{name}.jpg") for name in "abc"]


def into(fetch: Fetch, fetches: list[Fetch]) -> None:
    fetches.append(fetch)


class Page:
    """The question, the row of the job, and the fetches that have been begun."""

    def __init__(self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.messages, self.job = MessageBar(self.window), Job("Cancel")
        self.job.setParent(self.window)
        self.web = WebQuestion(self.messages, self.job, self.window)
        self.begun: list[Fetch] = []
        self.cancelled: list[Fetch] = []
        self.fetched: list[str] = []
        self.firsts: list[bool] = []
        self.web.fetched.connect(lambda source, _: self.fetched.append(source.name))
        self.web.fetched.connect(lambda _, first: self.firsts.append(first))
        monkeypatch.setattr(Fetch, "start", partialmethod(into, self.begun))
        monkeypatch.setattr(Fetch, "cancel", partialmethod(into, self.cancelled))
        self.window.show()

    def agree(self) -> None:
        next(b for b in self.messages.findChildren(QPushButton) if b.text() == "Fetch").click()


@pytest.fixture
def page(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Page:
    return Page(qtbot, monkeypatch)


def test_one_is_fetched_after_another_and_a_failure_stops_none(qtbot: QtBot, page: Page) -> None:
    page.web.ask(URLS)
    assert page.messages.text() == (
        "3 pictures are on the web, at garden.example. Fetch them from there?"
    )
    assert not page.begun
    page.agree()
    assert len(page.begun) == 1
    qtbot.waitUntil(page.job.isVisible)
    page.begun[0].progress.emit(300, 4000)
    assert page.job.label.text() == "Fetching picture 1 of 3, from garden.example…"
    assert (page.job.bar.value(), page.job.bar.maximum()) == (300, 4000)
    page.begun[0].fetched.emit(Source("a", b"..."))
    page.begun[1].failed.emit("There is nothing at this address.")
    page.begun[2].fetched.emit(Source("c", b"..."))
    assert page.fetched == ["a", "c"]
    assert page.messages.text() == "There is nothing at this address."
    assert not page.job.isVisible()


def test_one_picture_is_spoken_of_as_one(page: Page) -> None:
    page.web.ask(URLS[:1])
    assert page.messages.text() == (
        "This picture is on the web, at garden.example. Fetch it from there?"
    )
    page.agree()
    assert page.job.label.text() == "Fetching the picture from garden.example…"


def test_what_is_agreed_to_meanwhile_comes_next_and_cancel_ends_it_all(page: Page) -> None:
    page.web.ask(URLS[:1])
    page.agree()
    page.web.ask(URLS[1:])
    page.agree()
    assert len(page.begun) == 1
    page.begun[0].fetched.emit(Source("a", b"..."))
    page.job.button.click()
    assert page.cancelled == page.begun[1:] and len(page.begun) == 2
    page.web.ask(URLS[:1])
    page.agree()
    assert len(page.begun) == 3
    assert page.job.label.text() == "Fetching the picture from garden.example…"


def test_one_of_those_agreed_to_at_once_is_the_first_of_them(page: Page) -> None:
    for _ in range(2):
        page.web.ask(URLS)
        page.agree()
    page.begun[0].failed.emit("There is nothing at this address.")
    for number in range(1, 6):
        page.begun[number].fetched.emit(Source(str(number), b"..."))
    assert page.firsts == [True, False, True, False, False]
    page.messages.close_message()
    page.web.ask(URLS[:1])
    page.agree()
    page.begun[6].fetched.emit(Source("later", b"..."))
    assert page.firsts[5:] == [True]


def test_there_is_an_end_to_what_is_fetched(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_question, "_MOST", 5)
    page.web.ask(URLS)
    page.agree()
    page.begun[0].fetched.emit(Source("a", b"123"))
    page.begun[1].fetched.emit(Source("b", b"456"))
    assert page.fetched == ["a", "b"] and len(page.begun) == 2
    assert "Still on the web: 1." in page.messages.text()
    assert not page.job.isVisible()


def test_many_hosts_do_not_fill_the_window(page: Page) -> None:
    page.web.ask([QUrl(f"https://host{number}.example/a.jpg") for number in range(500)])
    assert "500 pictures" in page.messages.text()
    assert "host2.example, …" in page.messages.text() and "host3" not in page.messages.text()
