"""A picture from an http or https address, with limits. It waits for the network: on a thread."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

from PySide6.QtCore import QUrl

from florapp import __version__
from florapp.core.errors import QT_TRANSLATE_NOOP, PictureError
from florapp.core.source import Source
from florapp.services.intake import file_name, is_picture

#: A larger file is refused.
LIMIT = 50_000_000  # bytes
#: A server that sends nothing for so long is given up.
PATIENCE = 20.0  # seconds
REDIRECTS = 5

_START = 16  # bytes, from which on is_picture can tell
_CHUNK = 64 * 1024


def download(
    url: QUrl, cancelled: threading.Event, progress: Callable[[int, int], object]
) -> Source:
    """Fetch the picture at ``url``; ``progress`` is called with the bytes here, and in all or 0.

    Raises PictureError with a sentence for the user.
    """
    if url.scheme() not in ("http", "https") or not url.host():
        raise PictureError(
            QT_TRANSLATE_NOOP(
                "core",
                "FlorApp fetches pictures from http and https addresses only, "
                "and this is not one. Save the picture and drop the file.",
            )
        )
    address = url.toEncoded(QUrl.ComponentFormattingOption.FullyEncoded).toStdString()
    # Nothing but the picture is asked for; unpacked, a small answer could become a large one.
    headers = {
        "User-Agent": f"FlorApp/{__version__}",
        "Accept": "image/*",
        "Accept-Encoding": "identity",
    }
    data = bytearray()
    try:
        request = urllib.request.Request(_without_user(address), headers=headers)
        with _opener().open(request, timeout=PATIENCE) as response:
            _read(response, data, cancelled, progress)
            found = QUrl(response.url)
    except urllib.error.HTTPError as error:
        error.close()
        raise _refused(urlsplit(error.url).hostname or "", error.code) from error
    except (OSError, http.client.HTTPException) as error:
        raise _broken(url.host(), error, bool(data)) from error
    except ValueError as error:  # of urllib's, where a host or a port can be none
        raise PictureError(
            QT_TRANSLATE_NOOP(
                "core",
                "This address, or one that it leads to, cannot be understood. "
                "Save the picture in your browser and drop the file.",
            )
        ) from error
    return Source(file_name(found) or found.host(), bytes(data))


def _without_user(address: str) -> str:
    """Leave out a name and a password, which urllib would make part of the machine's name."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _read(
    response: http.client.HTTPResponse,
    data: bytearray,
    cancelled: threading.Event,
    progress: Callable[[int, int], object],
) -> None:
    total = response.length or 0  # what Content-Length says, where it is a number
    while not cancelled.is_set():
        if max(len(data), total) > LIMIT:
            raise PictureError(
                QT_TRANSLATE_NOOP(
                    "core",
                    "The file is larger than {0} MB, the most that FlorApp fetches. "
                    "Save the picture and drop the file.",
                ),
                LIMIT // 1_000_000,
            )
        chunk = response.read1(_CHUNK)
        data += chunk
        if (len(data) >= _START or not chunk) and not is_picture(bytes(data[:_START])):
            raise _no_picture(response.headers.get_content_type(), data)
        if not chunk:
            break
        progress(len(data), total)
    if len(data) < total and not cancelled.is_set():
        raise http.client.IncompleteRead(b"", total - len(data))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects, never from https to http, and nowhere but on the web."""

    max_redirections = REDIRECTS

    def redirect_request(self, req: urllib.request.Request, *answer: Any) -> Any:
        *others, address = answer
        answer = (*others, _without_user(address))
        if urlsplit(address).scheme not in {"https", req.type}:
            raise _not_followed()
        return super().redirect_request(req, *answer)

    def http_error_302(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any
    ) -> Any:
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except PictureError:
            fp.close()
            raise
        except urllib.error.HTTPError as error:  # urllib's own refusals, told by their words alone
            fp.close()
            if "not allowed" in error.msg:
                raise _not_followed() from error
            raise PictureError(
                QT_TRANSLATE_NOOP(
                    "core",
                    "This address only leads to another, and that to yet another. "
                    "Save the picture in your browser and drop the file.",
                )
            ) from error

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _opener() -> urllib.request.OpenerDirector:
    """Return what speaks http and https, knows the system's proxy, and keeps no cookies."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    return opener


def _not_followed() -> PictureError:
    return PictureError(
        QT_TRANSLATE_NOOP(
            "core",
            "This address leads to another that is not on the web or is less secure, "
            "so FlorApp does not follow it. Save the picture in your browser and drop the file.",
        )
    )


def _refused(host: str, status: int) -> PictureError:
    if status in (404, 410):
        return PictureError(
            QT_TRANSLATE_NOOP(
                "core",
                "There is nothing at this address ({0}). "
                "If your browser still shows the picture, save it and drop the file.",
            ),
            status,
        )
    if status == 429 or status >= 500:
        return PictureError(
            QT_TRANSLATE_NOOP("core", "{0} cannot answer at the moment ({1}). Try again later."),
            host,
            status,
        )
    return PictureError(
        QT_TRANSLATE_NOOP(
            "core",
            "{0} gives this picture to your browser only ({1}). "
            "Save the picture there and drop the file.",
        ),
        host,
        status,
    )


def _no_picture(kind: str, data: bytearray) -> PictureError:
    if kind == "text/html" or b"<html" in data[:1024].lower():
        return PictureError(
            QT_TRANSLATE_NOOP(
                "core",
                "This address is a web page, not a picture. Save the picture and drop the file.",
            )
        )
    return PictureError(
        QT_TRANSLATE_NOOP(
            "core",
            "What lies at this address is not a picture in a format that FlorApp opens. "
            "Save the picture as JPEG or PNG and drop the file.",
        )
    )


def _broken(host: str, error: Exception, begun: bool) -> PictureError:
    reason = getattr(error, "reason", error)  # what a URLError wraps
    if isinstance(reason, TimeoutError):
        return PictureError(
            QT_TRANSLATE_NOOP("core", "{0} has sent nothing for {1} seconds. Try again later."),
            host,
            f"{PATIENCE:g}",
        )
    if isinstance(reason, socket.gaierror):
        return PictureError(
            QT_TRANSLATE_NOOP(
                "core", "{0} cannot be found. Are you online, and is the address right?"
            ),
            host,
        )
    if isinstance(reason, ssl.SSLError):
        return PictureError(
            QT_TRANSLATE_NOOP(
                "core",
                "No secure connection to {0} could be made, so nothing was fetched. "
                "Save the picture in your browser and drop the file.",
            ),
            host,
        )
    if begun or isinstance(reason, http.client.HTTPException | ConnectionResetError):
        return PictureError(
            QT_TRANSLATE_NOOP(
                "core", "The connection broke off before the whole picture was here. Try again."
            )
        )
    return PictureError(
        QT_TRANSLATE_NOOP(
            "core", "{0} could not be reached ({1}). Check your connection and try again."
        ),
        host,
        getattr(reason, "strerror", None) or reason,
    )
