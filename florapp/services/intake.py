"""What a drop or the clipboard holds: paths, pictures that came as data, addresses of the web."""

from __future__ import annotations

import base64
import html
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QByteArray, QCoreApplication, QMimeData, QSysInfo, QUrl
from PySide6.QtGui import QColorSpace, QImage, QPixmap

from florapp.core.folders import PICTURE_SUFFIXES
from florapp.core.heif import is_heif
from florapp.core.source import Source

if TYPE_CHECKING:  # the window is painted before Pillow is there
    from PIL import Image

_BYTES = "application/octet-stream"
_COPIED_FILES = "x-special/gnome-copied-files"
# Only these are asked for: a source may offer its picture in large formats of its own as well.
_ENCODED = re.compile(r"image/(x-|ms-|x-ms-)?(a?png|p?jpe?g|webp|avif|hei[cf]|tiff|bmp|gif)", re.I)
_MAGIC = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|BM.{4}\0{4}|RIFF.{4}WEBP|II[*+]\0|MM\0[*+]"
    rb"|.{4}ftypavi[fs]",
    re.DOTALL,
)
_IMG_SRC = re.compile(
    r"""<img\b(?:[^<>"']|"[^"<]*"|'[^'<]*')*?\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.I
)
#: The schemes of addresses that file managers show like folders, and read themselves.
_ELSEWHERE = {"smb", "afp", "nfs", "ftp", "sftp", "fish", "dav", "davs"}  # other machines
_ELSEWHERE |= {"mtp", "gphoto2", "camera", "afc", "trash", "google-drive"}
_LOOKED_UP = 1000  # lines of a text; the disk may be slow, and the window waits
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Intake:
    """What was handed over; false when nothing in it can be opened.

    ``paths`` are files and folders, not yet looked into; ``sources`` pictures that came as data;
    ``web`` http and https addresses, to be fetched only when the user has agreed; ``elsewhere``
    what lies on other machines or telephones, where FlorApp does not reach.
    """

    paths: tuple[Path, ...] = ()
    sources: tuple[Source, ...] = ()
    web: tuple[QUrl, ...] = ()
    elsewhere: tuple[QUrl, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.paths or self.sources or self.web)


def acceptable(mime: QMimeData) -> bool:
    """Say whether pictures may be in it, by its formats alone: nothing is transferred."""
    return (
        mime.hasUrls()
        or mime.hasImage()
        or mime.hasText()
        or mime.hasHtml()
        or mime.hasFormat(_BYTES)
        or mime.hasFormat(_COPIED_FILES)
        or any(map(_ENCODED.fullmatch, mime.formats()))
    )


def intake(mime: QMimeData) -> Intake:
    """Find the pictures: files before data, data before addresses.

    The forms offered show the same picture, so the first that serves is taken alone. Its own bytes
    come before its pixels: they know how it is turned.
    """
    urls = mime.urls() if mime.hasUrls() else []
    elsewhere = tuple(url for url in urls if url.scheme() in _ELSEWHERE)
    if paths := _local(urls):
        return Intake(paths, web=_web(urls), elsewhere=elsewhere)
    images = _image_addresses(mime)
    # A picture that stands inside a link comes with the link's address, and its own in the HTML.
    addresses = (_web_in(images) if len(images) == 1 else ()) or _web(urls)
    picture = _encoded(mime) or _pixels(mime)
    if picture is not None:
        return Intake(sources=(Source(_picture_name(addresses), picture),))
    lines = _lines(mime)
    if paths := _local(_copied_files(mime)) or tuple(_paths_in(lines)):
        return Intake(paths)
    # Without text/plain, the lines are the addresses of text/uri-list.
    if embedded := tuple(_embedded(images)) or tuple(_embedded(lines)):
        return Intake(sources=embedded)
    return Intake(web=addresses or _web_in(lines), elsewhere=elsewhere)


def is_picture(start: bytes) -> bool:
    """Say whether a file that starts with these bytes (16 are enough) is of a kind we open."""
    return bool(_MAGIC.match(start)) or is_heif(start)


def file_name(url: QUrl) -> str:
    """Return the name of the file that an address leads to, fit to be shown; it may be empty."""
    name = re.split(r"[/\\]", url.path(QUrl.ComponentFormattingOption.FullyDecoded))[-1]
    return "".join(filter(str.isprintable, name)).strip()[-_LONGEST_NAME:]


def _picture_name(addresses: Iterable[QUrl]) -> str:
    names = (file_name(url) for url in addresses)
    pictures = (name for name in names if PurePath(name).suffix.lower() in PICTURE_SUFFIXES)
    return next(pictures, "") or QCoreApplication.translate("intake", "Pasted picture")


def _local(urls: Iterable[QUrl]) -> tuple[Path, ...]:
    paths = (_path(url) for url in urls if url.isLocalFile())
    return tuple(path for path in paths if path.is_absolute())


def _path(url: QUrl) -> Path:
    host = url.host()
    if host and host in ("localhost", QSysInfo.machineHostName().lower()):
        host = ""  # some programs name the machine that they run on
    if os.name == "nt":
        return Path(url.toLocalFile() if host == url.host() else url.path().removeprefix("/"))
    # A file's name is bytes here, and they need not be UTF-8, which QUrl would have them be.
    name = os.fsdecode(unquote_to_bytes(url.path(QUrl.ComponentFormattingOption.FullyEncoded)))
    return Path(f"//{host}{name}" if host else name)


def _web(urls: Iterable[QUrl]) -> tuple[QUrl, ...]:
    return tuple(
        url for url in urls if url.scheme() in ("http", "https") and url.isValid() and url.host()
    )


def _web_in(texts: Iterable[str]) -> tuple[QUrl, ...]:
    return _web(QUrl(text) for text in texts if text[:4].lower() == "http" and " " not in text)


def _encoded(mime: QMimeData) -> bytes | None:
    """The bytes of a picture file, where they are offered."""
    for name in [*filter(_ENCODED.fullmatch, mime.formats()), _BYTES]:
        if mime.hasFormat(name):
            data = bytes(mime.data(name).data())
            if is_picture(data):
                return data
    return None


def _pixels(mime: QMimeData) -> Image.Image | None:
    """The picture as pixels, RGBA; transparency is left to the decoder, off the GUI thread."""
    image = mime.imageData() if mime.hasImage() else None
    if isinstance(image, QPixmap):
        image = image.toImage()
    if not isinstance(image, QImage) or image.isNull():
        return None
    if image.colorSpace().isValid():
        image = image.convertedToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    size, rows = (image.width(), image.height()), bytes(image.constBits())
    from PIL import Image

    return Image.frombuffer("RGBA", size, rows, "raw", "RGBA", image.bytesPerLine(), 1)


def _image_addresses(mime: QMimeData) -> list[str]:
    """The ``src`` of every ``<img>`` of the HTML."""
    found = _IMG_SRC.finditer(mime.html()) if mime.hasHtml() else ()
    return [html.unescape(match[match.lastindex or 0]).strip() for match in found]


def _embedded(addresses: Iterable[str]) -> Iterator[Source]:
    """Yield the pictures written out in addresses: ``data:image/png;base64,...``."""
    for address in addresses:
        head, comma, body = address.partition(",")
        if comma and head.lower().startswith("data:"):
            data = unquote_to_bytes(body)
            if head.lower().endswith(";base64"):
                try:
                    data = base64.b64decode(data)
                except ValueError:
                    continue
            if is_picture(data):
                yield Source(_picture_name([]), data)


def _copied_files(mime: QMimeData) -> list[QUrl]:
    """What file managers copy: a line that says copy or cut, then the addresses."""
    data = bytes(mime.data(_COPIED_FILES).data()) if mime.hasFormat(_COPIED_FILES) else b""
    return [QUrl.fromEncoded(QByteArray(line.strip(b"\0 "))) for line in data.splitlines()]


def _lines(mime: QMimeData) -> list[str]:
    text = mime.text() if mime.hasText() else ""
    lines = (line.strip().strip('"') for line in text.strip("\0").splitlines())
    return list(filter(None, lines))


def _paths_in(lines: Sequence[str]) -> list[Path]:
    """The lines that are paths, or file:// addresses, of what is really there.

    Of a long text only the start is looked up. Where most of that are pictures and folders, the
    rest is taken as well, and who opens it finds what is not there.
    """
    start = lines[:_LOOKED_UP]
    found = [path for path in _named(start) if _there(path)]
    return [*found, *_named(lines[_LOOKED_UP:])] if 2 * len(found) > len(start) else found


def _named(lines: Iterable[str]) -> Iterator[Path]:
    for line in lines:
        address = line.lower().startswith("file:")
        for path in _local([QUrl(line)]) if address else [Path(line)]:
            # The root is never meant: a line of a program may well be a slash or two.
            if path.is_absolute() and path.name:
                yield path


def _there(path: PurePath) -> bool:
    if path.drive.startswith("\\\\"):  # looking for it on another machine could take a minute
        return path.suffix.lower() in PICTURE_SUFFIXES
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises on names that cannot be
