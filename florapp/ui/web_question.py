"""A picture that is still on the web is fetched only after the user has said so."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QUrl, Signal

from florapp.services.web import Fetch
from florapp.ui.messages import MessageBar


class WebQuestion(QObject):
    """Asks in the message bar, fetches, and tells how it went."""

    fetched = Signal(object)  # Source

    def __init__(self, messages: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self._messages = messages
        self._fetches: list[Fetch] = []
        self._told = ""

    def ask(self, addresses: Sequence[QUrl]) -> None:
        """Ask whether to fetch ``addresses``; nothing is sent before the answer."""
        if not addresses:
            return
        hosts = ", ".join(dict.fromkeys(url.host() for url in addresses))
        text = self.tr("%n picture(s) on the web, at {0}. Fetch from there?", "", len(addresses))
        self._messages.show_message(
            text.format(hosts),
            "info",
            [(self.tr("Fetch"), partial(self._fetch, tuple(addresses)))],
        )

    def cancel(self) -> None:
        """Give up whatever is being fetched."""
        for fetch in self._fetches:
            fetch.cancel()
        self._fetches.clear()

    def _fetch(self, addresses: Sequence[QUrl]) -> None:
        for url in addresses:
            fetch = Fetch(url, self)
            self._fetches.append(fetch)
            fetch.fetched.connect(partial(self._done, fetch))
            fetch.failed.connect(partial(self._failed, fetch))
            fetch.start()
        self._told = self.tr("Fetching %n picture(s)…", "", len(addresses))
        self._messages.show_message(self._told, "info", [(self.tr("Cancel"), self.cancel)])

    def _done(self, fetch: Fetch, source: object) -> None:
        self._end(fetch)
        self.fetched.emit(source)

    def _failed(self, fetch: Fetch, sentence: str) -> None:
        self._end(fetch)
        self._messages.show_message(sentence, "error")

    def _end(self, fetch: Fetch) -> None:
        if fetch in self._fetches:
            self._fetches.remove(fetch)
        fetch.deleteLater()
        if not self._fetches and self._messages.text() == self._told:
            self._messages.close_message()
