"""One picture from the web, fetched after the user has agreed."""

from __future__ import annotations

from PySide6.QtCore import QEventLoop, QObject, QTimer, QUrl, Signal
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkReply, QNetworkRequest

from florapp import __version__
from florapp.core.source import Source
from florapp.services.background import Background
from florapp.services.intake import file_name, is_picture

#: A larger file is refused.
LIMIT = 50_000_000  # bytes
#: A server that sends nothing for so long is given up.
PATIENCE = 20_000  # ms
REDIRECTS = 5

_START = 16  # bytes, from which on is_picture can tell
_Error = QNetworkReply.NetworkError


class Fetch(QObject):
    """The fetching of one address: ends with ``fetched`` or ``failed``, or with ``cancel()``.

    The work is done on a thread of its own: starting TLS takes a quarter of a second, and finding
    the proxy may take longer. The signals come on the window's thread.
    """

    fetched = Signal(object)  # a Source
    failed = Signal(str)  # a sentence for the user
    progress = Signal(int, int)  # bytes that have come, bytes in all; 0 when that is not known

    _arrived = Signal(int, int)
    _stopped = Signal()

    def __init__(self, url: QUrl, parent: QObject) -> None:
        super().__init__(parent)
        self._url = QUrl(url)
        self._wanted = True
        self._arrived.connect(self._tell)
        self._background = Background(self)

    def start(self) -> None:
        """Begin; returns at once."""
        self._background.run(self._work, self._end)

    def cancel(self) -> None:
        """Stop; nothing is signalled from now on."""
        self._wanted = False
        self._stopped.emit()

    def _work(self) -> Source | str | None:
        transfer = _Transfer(self._url)
        transfer.arrived.connect(self._arrived)
        self._stopped.connect(transfer.stop)
        self.destroyed.connect(transfer.stop)
        return transfer.run() if self._wanted else None

    def _tell(self, arrived: int, total: int) -> None:
        if self._wanted:
            self.progress.emit(arrived, total)

    def _end(self, outcome: Source | str | Exception | None) -> None:
        if not self._wanted:
            return
        self._wanted = False
        if isinstance(outcome, Source):
            self.fetched.emit(outcome)
        elif isinstance(outcome, str):
            self.failed.emit(outcome)
        elif outcome is not None:
            raise outcome


class _Transfer(QObject):
    """The exchange with the server. It lives and dies on the thread that makes it."""

    arrived = Signal(int, int)

    def __init__(self, url: QUrl) -> None:
        super().__init__()
        self._url = url
        self._loop = QEventLoop()
        self._outcome: Source | str | None = None
        self._data = bytearray()

    def run(self) -> Source | str | None:
        """Return the picture, why there is none, or None when stopped."""
        if self._url.scheme() not in ("http", "https") or not self._url.host():
            return self.tr(
                "FlorApp fetches pictures from http and https addresses only, and this is none."
            )
        silence = QTimer(singleShot=True, interval=PATIENCE)
        silence.timeout.connect(self._give_up)
        manager = QNetworkAccessManager()
        self._reply = manager.get(_request(self._url))
        self._reply.metaDataChanged.connect(silence.start)
        self._reply.metaDataChanged.connect(self._look_at_head)
        self._reply.readyRead.connect(silence.start)
        self._reply.readyRead.connect(self._read)
        self._reply.finished.connect(self._finish)
        silence.start()
        self._loop.exec()
        silence.stop()
        self._reply.disconnect(self)
        self._reply.abort()
        return self._outcome

    def stop(self) -> None:
        self._loop.quit()

    def _settle(self, outcome: Source | str) -> None:
        if self._outcome is None:
            self._outcome = outcome
            self._loop.quit()

    def _give_up(self) -> None:
        self._settle(
            self.tr("{0} has sent nothing for {1} seconds. Try again later.").format(
                self._url.host(), PATIENCE // 1000
            )
        )

    def _status(self) -> int:
        return int(self._reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute) or 0)

    def _total(self) -> int:
        return int(self._reply.header(QNetworkRequest.KnownHeaders.ContentLengthHeader) or 0)

    def _look_at_head(self) -> None:
        status = self._status()
        if status >= 400:
            self._settle(self._refused(status))
        elif 200 <= status < 300 and self._total() > LIMIT:
            self._settle(self._too_large())

    def _read(self) -> None:
        if self._outcome is not None:
            return
        known = len(self._data) >= _START
        self._data += self._reply.readAll().data()
        if len(self._data) > LIMIT:
            self._settle(self._too_large())
        elif not known and len(self._data) >= _START and not is_picture(bytes(self._data[:_START])):
            self._settle(self._no_picture())
        else:
            self.arrived.emit(len(self._data), self._total())

    def _finish(self) -> None:
        if self._reply.error() != _Error.NoError:
            self._settle(self._broken(self._reply.error()))
        elif not is_picture(bytes(self._data[:_START])):
            self._settle(self._no_picture())
        else:
            url = self._reply.url()
            self._settle(Source(file_name(url) or url.host(), bytes(self._data)))

    def _refused(self, status: int) -> str:
        if status in (404, 410):
            return self.tr(
                "There is nothing at this address ({0}). "
                "If your browser still shows the picture, save it and drop the file."
            ).format(status)
        if status == 429 or status >= 500:
            return self.tr("{0} cannot answer at the moment ({1}). Try again later.").format(
                self._reply.url().host(), status
            )
        return self.tr(
            "{0} gives this picture to your browser only ({1}). "
            "Save the picture there and drop the file."
        ).format(self._reply.url().host(), status)

    def _too_large(self) -> str:
        return self.tr(
            "The file is larger than {0} MB, the most that FlorApp fetches. "
            "Save the picture and drop the file."
        ).format(LIMIT // 1_000_000)

    def _no_picture(self) -> str:
        kind = str(self._reply.header(QNetworkRequest.KnownHeaders.ContentTypeHeader) or "")
        if kind.startswith("text/html") or b"<html" in bytes(self._data[:1024]).lower():
            return self.tr(
                "This address is a web page, not a picture. Save the picture and drop the file."
            )
        return self.tr(
            "What lies at this address is not a picture in a format that FlorApp opens. "
            "Save the picture as JPEG or PNG and drop the file."
        )

    def _broken(self, error: _Error) -> str:
        if error == _Error.HostNotFoundError:
            return self.tr("{0} cannot be found. Are you online, and is the address right?").format(
                self._reply.url().host()
            )
        if error == _Error.SslHandshakeFailedError:
            return self.tr(
                "No secure connection to {0} could be made, so nothing was fetched. "
                "Save the picture in your browser and drop the file."
            ).format(self._reply.url().host())
        if error == _Error.TooManyRedirectsError:
            return self.tr(
                "This address only leads to more and more others. "
                "Save the picture in your browser and drop the file."
            )
        if error in (_Error.ProtocolUnknownError, _Error.InsecureRedirectError):
            return self.tr(
                "This address leads to another that is not on the web or is less secure, "
                "so FlorApp does not follow it. Save the picture in your browser and drop the file."
            )
        if self._data:
            return self.tr("The connection broke off before the whole picture was here. Try again.")
        return self.tr(
            "{0} could not be reached ({1}). Check your connection and try again."
        ).format(self._reply.url().host(), self._reply.errorString())


def _request(url: QUrl) -> QNetworkRequest:
    """Ask for nothing but the picture, and leave no trace that can be avoided."""
    request = QNetworkRequest(url)
    request.setHeader(QNetworkRequest.KnownHeaders.UserAgentHeader, f"FlorApp/{__version__}")
    request.setRawHeader(b"Accept", b"image/*")
    request.setRawHeader(b"Accept-Encoding", b"identity")  # or a small answer could unpack to much
    request.setMaximumRedirectsAllowed(REDIRECTS)  # never from https to http, nor to file:
    for attribute in (
        QNetworkRequest.Attribute.CookieLoadControlAttribute,
        QNetworkRequest.Attribute.CookieSaveControlAttribute,
        QNetworkRequest.Attribute.AuthenticationReuseAttribute,
    ):
        request.setAttribute(attribute, QNetworkRequest.LoadControl.Manual)
    return request
