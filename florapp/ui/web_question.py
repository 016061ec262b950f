"""A picture that is still on the web is fetched only after the user has said so."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal

from florapp.core.source import Source
from florapp.ui.messages import MessageBar
from florapp.ui.progress import Job

if TYPE_CHECKING:
    from florapp.services.fetch import Fetch

_MOST = 200_000_000  # bytes fetched in one go: they stay in memory
_HOSTS = 3  # named in the question


class WebQuestion(QObject):
    """Asks in the message bar, fetches one after another, and tells how it goes."""

    fetched = Signal(object, bool)  # Source; whether it is the first of those agreed to at once

    def __init__(self, messages: MessageBar, job: Job, parent: QObject) -> None:
        super().__init__(parent)
        self._messages, self._job = messages, job
        self._waiting: deque[tuple[QUrl, int]] = deque()  # which agreement it belongs to
        self._agreements = self._arrived = 0  # so far; the one that the last picture belongs to
        self._fetch: Fetch | None = None
        self._begun = self._bytes = 0
        job.button.clicked.connect(self.cancel)

    def ask(self, addresses: Sequence[QUrl]) -> None:
        """Ask whether to fetch ``addresses``; nothing is sent before the answer."""
        if not addresses:
            return
        hosts = list(dict.fromkeys(url.host() for url in addresses))
        named = ", ".join([*hosts[:_HOSTS], *("…" for _ in hosts[_HOSTS : _HOSTS + 1])])
        if len(addresses) == 1:
            text = self.tr("This picture is on the web, at {0}. Fetch it from there?")
        else:
            text = self.tr("{1} pictures are on the web, at {0}. Fetch them from there?")
        self._messages.show_message(
            text.format(named, len(addresses)),
            "question",
            [(self.tr("Fetch"), partial(self._agreed, tuple(addresses)))],
        )

    def cancel(self) -> None:
        """Give up whatever is being fetched."""
        if self._fetch is not None:
            self._fetch.cancel()
        self._waiting.clear()
        self._next()

    def _agreed(self, addresses: Sequence[QUrl]) -> None:
        self._agreements += 1
        self._waiting += ((url, self._agreements) for url in addresses)
        if self._fetch is None:
            self._next()

    def _next(self) -> None:
        if self._fetch is not None:
            self._fetch.deleteLater()
        if not self._waiting:
            self._fetch, self._begun, self._bytes = None, 0, 0
            self._job.end()
            return
        from florapp.services.fetch import Fetch  # not before it is needed: it loads TLS

        url, agreement = self._waiting.popleft()
        self._begun += 1
        self._fetch = Fetch(url, self)
        self._fetch.fetched.connect(partial(self._done, agreement))
        self._fetch.failed.connect(self._failed)
        self._fetch.progress.connect(partial(self._tell, url.host()))
        self._tell(url.host(), 0, 0)
        self._fetch.start()

    def _tell(self, host: str, here: int, total: int) -> None:
        of = self._begun + len(self._waiting)
        text = self.tr("Fetching the picture from {0}…")
        if of > 1:
            text = self.tr("Fetching picture {1} of {2}, from {0}…")
        self._job.tell(text.format(host, self._begun, of), here, total)

    def _done(self, agreement: int, source: Source) -> None:
        self._bytes += len(source.content) if isinstance(source.content, bytes) else 0
        first, self._arrived = agreement != self._arrived, agreement
        self.fetched.emit(source, first)
        if self._bytes > _MOST and self._waiting:
            self._messages.show_message(
                self.tr(
                    "More than {0} MB have been fetched, which is as much as FlorApp keeps at a "
                    "time. Still on the web: {1}. Save those pictures and drop the files."
                ).format(_MOST // 1_000_000, len(self._waiting)),
                "error",
            )
            self._waiting.clear()
        self._next()

    def _failed(self, sentence: str) -> None:
        self._messages.show_message(sentence, "error")
        self._next()
