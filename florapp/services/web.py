"""One picture from the web, fetched after the user has agreed."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtNetwork import (
    QNetworkAccessManager,
    QNetworkProxy,
    QNetworkProxyFactory,
    QNetworkProxyQuery,
    QNetworkReply,
    QNetworkRequest,
)

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
    """The fetching of one address: ends with ``fetched`` or ``failed``, or with ``cancel()``."""

    fetched = Signal(object)  # a Source
    failed = Signal(str)  # a sentence for the user
    progress = Signal(int, int)  # bytes that have come, bytes in all; 0 when that is not known

    def __init__(self, url: QUrl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._url = QUrl(url)
        self._wanted = True
        self._data = bytearray()
        self._background = Background(self)
        self._manager: QNetworkAccessManager | None = None
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.setInterval(PATIENCE)
        self._silence.timeout.connect(self._give_up)

    def start(self) -> None:
        """Begin; returns at once, and nothing is signalled before it has returned."""
        self._background.run(lambda: _proxy(self._url), self._begin)

    def cancel(self) -> None:
        """Stop; nothing is signalled from now on."""
        self._wanted = False
        self._silence.stop()
        self._data.clear()
        if self._manager is not None:
            self._reply.abort()
            self._manager.deleteLater()
            self._manager = None

    def _begin(self, proxy: QNetworkProxy | Exception) -> None:
        if not self._wanted:
            return
        if isinstance(proxy, Exception):
            raise proxy
        if not _on_the_web(self._url):
            self._fail(
                self.tr(
                    "FlorApp fetches pictures from http and https addresses only, "
                    "and this is none. Save the picture and drop the file."
                )
            )
            return
        self._manager = QNetworkAccessManager(self)
        self._manager.setProxy(proxy)
        self._reply = self._manager.get(_request(self._url))
        self._reply.metaDataChanged.connect(self._look_at_head)
        self._reply.readyRead.connect(self._read)
        self._reply.finished.connect(self._finish)
        self._silence.start()

    def _fail(self, reason: str) -> None:
        self.cancel()
        self.failed.emit(reason)

    def _give_up(self) -> None:
        self._fail(
            self.tr("{0} has sent nothing for {1} seconds. Try again later.").format(
                self._url.host(), self._silence.interval() // 1000
            )
        )

    def _status(self) -> int:
        return int(self._reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute) or 0)

    def _total(self) -> int:
        return int(self._reply.header(QNetworkRequest.KnownHeaders.ContentLengthHeader) or 0)

    def _look_at_head(self) -> None:
        self._silence.start()
        status = self._status()
        if status >= 400:
            self._fail(self._refused(status))
        elif 200 <= status < 300 and self._total() > LIMIT:
            self._fail(self._too_large())

    def _read(self) -> None:
        if not self._wanted:
            return
        self._silence.start()
        known = len(self._data) >= _START
        self._data += self._reply.readAll().data()
        if len(self._data) > LIMIT:
            self._fail(self._too_large())
        elif not known and len(self._data) >= _START and not self._is_picture():
            self._fail(self._no_picture())
        else:
            self.progress.emit(len(self._data), self._total())

    def _finish(self) -> None:
        if not self._wanted:
            return
        if self._reply.error() != _Error.NoError:
            self._fail(self._broken(self._reply.error()))
        elif not self._is_picture():
            self._fail(self._no_picture())
        else:
            url = self._reply.url()
            source = Source(file_name(url) or url.host(), bytes(self._data))
            self.cancel()
            self.fetched.emit(source)

    def _is_picture(self) -> bool:
        return is_picture(bytes(self._data[:_START]))

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


def _on_the_web(url: QUrl) -> bool:
    return url.scheme() in ("http", "https") and bool(url.host())


def _proxy(url: QUrl) -> QNetworkProxy:
    """Return the proxy for an address. To find it, some systems search the network."""
    return QNetworkProxyFactory.systemProxyForQuery(QNetworkProxyQuery(url))[0]


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
