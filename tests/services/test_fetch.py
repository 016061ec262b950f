"""A picture is fetched from a server of our own; whatever else comes is told in a sentence."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread, QUrl

import florapp
from florapp.core.errors import PictureError
from florapp.core.source import Source
from florapp.services import download
from florapp.services.fetch import Fetch
from tests.services.server import PNG, Server


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


class Ends:
    """What a fetch has signalled, and on which thread."""

    def __init__(self, fetch: Fetch) -> None:
        self.got: list[Source | str] = []
        self.progress: list[tuple[int, int]] = []
        self.threads: set[Any] = set()
        fetch.fetched.connect(self.take)
        fetch.failed.connect(self.take)
        fetch.progress.connect(lambda *both: self.progress.append(both))

    def take(self, end: Source | str) -> None:
        self.got.append(end)
        self.threads.add(QThread.currentThread())


Fetching = Callable[..., tuple[Fetch, Ends]]


@pytest.fixture
def fetching(qtbot: Any, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fetching]:
    """Start a fetch; in the end its thread must be gone, soon after the server's last word."""
    monkeypatch.setattr(download, "PATIENCE", 1.5)
    window = QObject()
    threads = set(threading.enumerate())

    def start(path: str) -> tuple[Fetch, Ends]:
        fetch = Fetch(QUrl(path if ":" in path.partition("/")[0] else server(path)), window)
        ends = Ends(fetch)
        fetch.start()
        return fetch, ends

    yield start
    handlers = "process_request_thread"
    qtbot.waitUntil(
        lambda: all(handlers in t.name for t in set(threading.enumerate()) - threads), timeout=5000
    )


@pytest.fixture
def fetched(qtbot: Any, fetching: Fetching) -> Callable[[str], Source | str]:
    """Return a function that gives how the fetching of an address ended."""

    def end(path: str) -> Source | str:
        _, ends = fetching(path)
        qtbot.waitUntil(lambda: bool(ends.got), timeout=10_000)
        qtbot.wait(20)
        assert len(ends.got) == 1
        assert ends.threads == {QThread.currentThread()}
        return ends.got[0]

    return end


@pytest.mark.parametrize("path", ["poppy.png", "poppy.png?size=2#top", "hop/0", "hop/4"])
def test_a_picture_comes_as_it_is_with_its_name(fetched, path):
    source = fetched(path)
    assert isinstance(source, Source)
    assert (source.name, source.content) == ("poppy.png", PNG)


def test_a_name_and_a_password_in_the_address_are_told_nobody(fetched, server):
    address = server("poppy.png").replace("http://", "http://anna:secret@")
    assert fetched(address).content == PNG
    assert fetched(f"to/{address}").content == PNG
    told = str([headers for _, headers in server.asked])
    assert "anna" not in told and "secret" not in told


def test_a_picture_comes_without_its_length_or_a_name(fetched):
    assert fetched("unmeasured").content == PNG
    assert fetched("unmeasured/").name == "127.0.0.1"


@pytest.mark.parametrize("length", ["abc", "-5", "1e3", "5,5"])
def test_a_length_that_is_none_changes_nothing(fetched, length):
    assert fetched(f"mismeasured/{length}").content == PNG


def test_an_unforeseen_error_is_told_and_reported(monkeypatch, qtbot, fetching):
    def download(*_: object) -> None:
        raise LookupError("no such petal")

    monkeypatch.setattr("florapp.services.fetch.download", download)
    with qtbot.captureExceptions() as reported:
        _, ends = fetching("poppy.png")
        qtbot.waitUntil(lambda: bool(ends.got), timeout=10_000)
    assert "did not expect" in ends.got[0]
    assert [str(error) for _, error, _ in reported] == ["no such petal"]


def test_the_server_learns_no_more_than_it_must(fetched, server):
    fetched("hop/1")
    assert [path for path, _ in server.asked] == ["/hop/1", "/hop/0", "/poppy.png"]
    for _, headers in server.asked:
        assert headers["User-Agent"] == f"FlorApp/{florapp.__version__}"
        assert headers["Accept-Encoding"] == "identity"
        assert not {"Cookie", "Referer", "Authorization"} & set(headers)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("status/404", "There is nothing at this address (404)"),
        ("status/410", "There is nothing at this address (410)"),
        ("status/401", "your browser only (401)"),
        ("status/403", "your browser only (403)"),
        ("status/429", "Try again later"),
        ("status/503", "127.0.0.1 cannot answer at the moment (503)"),
        ("text/html", "This address is a web page, not a picture. Save the picture and drop"),
        ("picture", "This address is a web page, not a picture"),
        ("text/plain", "not a picture in a format that FlorApp opens"),
        ("empty", "not a picture in a format that FlorApp opens"),
        ("hop/5", "yet another"),
        ("to/file:///etc/hostname", "does not follow it"),
        ("to/data:image/png;base64,iVBORw0KGgo=", "does not follow it"),
        ("to/ftp://example.org/a.jpg", "does not follow it"),
        ("to/http://cdn..example.org/a.jpg", "cannot be understood"),
        ("broken", "The connection broke off"),
        ("http://nobody.invalid/a.jpg", "nobody.invalid cannot be found. Are you online"),
        ("http://127.0.0.1:1/a.jpg", "127.0.0.1 could not be reached"),
        ("file:///etc/hostname", "http and https addresses only"),
        ("data:image/png;base64,iVBORw0KGgo=", "http and https addresses only"),
        ("ftp://127.0.0.1/a.jpg", "http and https addresses only"),
        ("http:///a.jpg", "http and https addresses only"),
    ],
)
def test_what_goes_wrong_is_said_in_a_sentence(fetched, path, words):
    reason = fetched(path)
    assert isinstance(reason, str)
    assert words in reason
    assert reason.endswith((".", "?"))


def test_a_server_without_a_certificate_is_not_trusted(fetched, server):
    assert "No secure connection" in fetched(server("poppy.png").replace("http:", "https:"))


@pytest.mark.parametrize("address", ["http://b/poppy.png", "ftp://b/poppy.png"])
def test_nobody_is_led_from_a_secure_address_to_one_that_is_not(address):
    request = urllib.request.Request("https://a/poppy.png")
    redirects = download._Redirects()
    with pytest.raises(PictureError, match="less secure"):
        redirects.redirect_request(request, None, 302, "Found", {}, address)
    assert redirects.redirect_request(request, None, 302, "Found", {}, "https://b/poppy.png")


@pytest.mark.parametrize("claimed", ["", "60000000", "99999999999999"])
def test_a_file_too_large_is_refused_before_it_is_here(monkeypatch, fetched, claimed):
    if not claimed:
        monkeypatch.setattr(download, "LIMIT", 1_000_000)
    start = time.monotonic()
    assert "larger than" in fetched(f"large/{claimed}")
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("sent", ["", "200"])
def test_a_silent_server_is_given_up(monkeypatch, fetched, sent):
    monkeypatch.setattr(download, "PATIENCE", 0.2)
    assert "has sent nothing for" in fetched(f"silent/{sent}")


def test_a_slow_server_is_waited_for_as_long_as_it_sends(monkeypatch, qtbot, fetching):
    monkeypatch.setattr(download, "PATIENCE", 0.4)
    start = time.monotonic()
    _, ends = fetching("drip")
    qtbot.waitUntil(lambda: bool(ends.got), timeout=10_000)
    assert isinstance(ends.got[0], Source)
    assert len(PNG) // 2000 * 0.05 <= time.monotonic() - start
    assert ends.progress[-1] == (len(PNG), len(PNG))
    assert len(ends.progress) > 2
    assert ends.progress == sorted(ends.progress)


@pytest.mark.parametrize("path", ["silent/", "silent/200", "large/", "poppy.png"])
@pytest.mark.parametrize("after", [0, 1, 60])
def test_nothing_is_heard_of_a_fetch_that_was_cancelled(qtbot, fetching, path, after):
    fetch, ends = fetching(path)
    qtbot.wait(after) if after else None
    known = list(ends.got)
    fetch.cancel()
    heard = len(ends.progress)
    qtbot.wait(80)
    assert ends.got == known
    assert len(ends.progress) == heard


def test_a_fetch_may_be_cancelled_twice_and_after_its_end(qtbot, fetching):
    fetch, ends = fetching("poppy.png")
    qtbot.waitUntil(lambda: bool(ends.got))
    fetch.cancel()
    fetch.cancel()


@pytest.mark.parametrize("path", ["silent/200", "large/", "poppy.png"])
@pytest.mark.parametrize("after", [1, 60])
def test_the_window_may_go_while_a_fetch_runs(qtbot, fetching, path, after):
    fetch, _ = fetching(path)
    qtbot.wait(after)
    fetch.deleteLater()
    qtbot.wait(40)
