"""What file managers, browsers and the clipboard hand over."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QUrl

from florapp.services.intake import Intake

URLS, HTML, TEXT = "text/uri-list", "text/html", "text/plain"
BYTES, COPIED = "application/octet-stream", "x-special/gnome-copied-files"
WEB = b"https://example.org/flowers/poppy.jpg"
ROOT = Path.cwd().anchor
NAMES = [
    "Grüne Möhre.jpg",
    "虞美人 花.png",
    "with spaces  two.jpg",
    "100%25 #1? [a]&b;c.jpg",
    "e\u0301.jpg",
]
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other paths")


def mime(contents: dict[str, bytes]) -> QMimeData:
    data = QMimeData()
    for name, content in contents.items():
        data.setData(name, content)
    return data


def encoded(kind: str = "JPEG", **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 6), (200, 30, 30)).save(stream, kind, **options)
    return stream.getvalue()


JPEG, PNG = encoded("JPEG"), encoded("PNG")


def uri(path: Path) -> bytes:
    return bytes(QUrl.fromLocalFile(str(path)).toEncoded().data())


def only_source(found: Intake) -> tuple[str, object]:
    assert not found.paths
    assert not found.web
    (source,) = found.sources
    return source.name, source.content
