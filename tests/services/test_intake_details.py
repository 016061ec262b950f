"""What is handed over in odd ways: pixels, names, addresses, and contents of all kinds."""

from __future__ import annotations

import os
from pathlib import Path, PureWindowsPath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QByteArray, QMimeData, QSysInfo, QUrl
from PySide6.QtGui import QColor, QColorSpace, QImage, QPixmap

from florapp.core.images import decode
from florapp.services import intake as module
from florapp.services.intake import acceptable, file_name, intake, is_picture
from tests.services.drops import (
    BYTES,
    COPIED,
    HTML,
    JPEG,
    PNG,
    ROOT,
    TEXT,
    URLS,
    WEB,
    encoded,
    mime,
    only_source,
    posix,
    uri,
)

pytestmark = pytest.mark.usefixtures("qapp")


def test_formats_of_other_programs_are_not_transferred():
    class Remote(QMimeData):
        asked: list[str] = []  # noqa: RUF012

        def formats(self):
            return ["image/x-xcf", "image/svg+xml", "image/png", "image/tiff"]

        def hasFormat(self, name):  # noqa: N802
            return name in self.formats()

        def retrieveData(self, name, kind):  # noqa: N802
            self.asked.append(name)
            return QByteArray(PNG if name == "image/png" else b"large")

    remote = Remote()
    assert acceptable(remote)
    assert remote.asked == []
    assert only_source(intake(remote))[1] == PNG
    assert remote.asked == ["image/png"]


def test_its_own_bytes_are_preferred_to_the_pixels():
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded("JPEG", exif=exif)
    paste = mime({"image/jpeg": turned})
    paste.setImageData(QImage(8, 6, QImage.Format.Format_RGB888))
    assert only_source(intake(paste))[1] == turned


@pytest.mark.parametrize("width", [1, 3, 4, 7])
@pytest.mark.parametrize(
    "kind", ["RGB888", "RGB32", "ARGB32_Premultiplied", "RGB16", "Indexed8", "Grayscale8", "RGB30"]
)
def test_pixels_arrive_exactly_whatever_their_layout(width, kind):
    image = QImage(width, 5, QImage.Format.Format_RGB888)
    for x in range(width):
        for y in range(5):
            image.setPixelColor(x, y, QColor(*([255 * ((x + y) % 2)] * 3)))
    image.setPixelColor(0, 4, QColor("black"))
    paste = QMimeData()
    paste.setImageData(image.convertToFormat(getattr(QImage.Format, f"Format_{kind}")))
    (source,) = intake(paste).sources
    wanted = [[[image.pixelColor(x, y).red()] * 3 for x in range(width)] for y in range(5)]
    assert decode(source).pixels.tolist() == wanted


def test_transparency_is_over_white():
    image = QImage(3, 2, QImage.Format.Format_ARGB32)
    image.fill(QColor(255, 0, 0, 51))
    paste = QMimeData()
    paste.setImageData(image)
    (source,) = intake(paste).sources
    assert np.unique(decode(source).pixels.reshape(-1, 3), axis=0).tolist() == [[255, 204, 204]]


def test_colours_of_another_space_are_converted():
    image = QImage(3, 2, QImage.Format.Format_RGB888)
    image.fill(QColor(100, 200, 100))
    image.setColorSpace(QColorSpace(QColorSpace.NamedColorSpace.DisplayP3))
    paste = QMimeData()
    paste.setImageData(image)
    (source,) = intake(paste).sources
    red, green, blue = decode(source).pixels[0, 0].tolist()
    assert red < 100
    assert green > 200
    assert abs(blue - 90) < 15


def test_a_pixmap_is_a_picture_and_an_empty_image_is_none():
    paste = QMimeData()
    pixmap = QPixmap(3, 2)
    pixmap.fill(QColor("red"))
    paste.setImageData(pixmap)
    (source,) = intake(paste).sources
    assert decode(source).pixels[0, 0].tolist() == [255, 0, 0]
    paste.setImageData(QImage())
    assert not intake(paste)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", QSysInfo.machineHostName()])
def test_an_address_may_name_this_machine(host):
    path = Path(ROOT, "Bilder", "Möhre.jpg")
    address = uri(path).replace(b"file://", b"file://" + host.encode())
    assert intake(mime({URLS: address})).paths == (path,)


def test_a_file_on_another_machine_keeps_its_machine():
    found = intake(mime({URLS: b"file://nas/photos/M%C3%B6hre.jpg"}))
    assert [os.fspath(path).replace("\\", "/") for path in found.paths] == [
        "//nas/photos/Möhre.jpg"
    ]


@posix
def test_a_name_need_not_be_unicode():
    (path,) = intake(mime({URLS: b"file:///M%F6hre.jpg"})).paths
    assert os.fsencode(path) == b"/M\xf6hre.jpg"


def test_the_network_is_not_looked_at_for_a_text(monkeypatch):
    monkeypatch.setattr(os.path, "exists", lambda path: pytest.fail("looked"))
    assert module._there(PureWindowsPath(r"\\nas\photos\poppy.JPG"))
    assert not module._there(PureWindowsPath(r"\\a\comment, it may be"))


@pytest.mark.parametrize("there", [False, True])
def test_a_long_text_is_not_looked_up_to_its_end_and_no_path_of_it_lost(monkeypatch, there):
    looked: list[object] = []

    def exists(path: object) -> bool:
        looked.append(path)
        return there

    monkeypatch.setattr(os.path, "exists", exists)
    found = intake(mime({TEXT: f"{Path(ROOT, 'a')}\n".encode() * 10_000}))
    assert len(looked) == 1000
    assert len(found.paths) == (10_000 if there else 0)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://example.org/a/poppy.jpg?size=1#x", "poppy.jpg"),
        ("https://example.org/%E8%8A%B1%20M%C3%B6hre.jpg", "花 Möhre.jpg"),
        ("https://example.org/a%2F..%5Cb.jpg", "b.jpg"),
        ("https://example.org/a%00%0A%E2%80%AEgpj.exe", "agpj.exe"),
        ("https://example.org/", ""),
        ("https://example.org/" + "x" * 500 + ".jpg", "x" * 96 + ".jpg"),
    ],
)
def test_the_name_of_a_file_on_the_web_is_fit_to_be_shown(address, name):
    assert file_name(QUrl(address)) == name


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "AVIF", "TIFF"])
def test_pictures_are_known_by_their_first_bytes(kind):
    assert is_picture(encoded(kind)[:16])


def test_other_files_are_known_for_what_they_are():
    heic = Path(__file__).parents[1] / "data/heic/orientation-1.heic"
    assert is_picture(heic.read_bytes()[:16])
    for start in (b"", b"<!doctype html>", b"BM a letter to you", b"%PDF-1.7", b"RIFF1234WAVEfmt "):
        assert not is_picture(start)


# ------------------------------------------------------------------- for all contents

PIECES = [WEB, JPEG[:40], b"file://", b"file:///", b"data:image/png;base64,", b"<img src=", b'"']
MARKS = [b"\n", b"\0", b"%00", b"%FF", b"://", b"/", b"\\\\", b"copy", b"<", b">", b" ", b"&#0;"]
anything = st.one_of(
    st.binary(max_size=80),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from([*PIECES, *MARKS]), max_size=8).map(b"".join),
)
forms = st.sampled_from(
    [URLS, HTML, TEXT, BYTES, COPIED, "image/png", "image/jpeg", "application/x-qt-image", "a", ""]
)


@given(st.dictionaries(forms, anything))
def test_nothing_that_is_handed_over_raises(contents):
    drop = mime(contents)
    found = intake(drop)
    assert all(path.is_absolute() for path in found.paths)
    assert all(url.scheme() in ("http", "https") for url in found.web)
    assert all(isinstance(source.content, bytes) for source in found.sources)
    assert acceptable(drop) or not found


names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\\\0"), min_size=1, max_size=40
).filter(lambda name: name.strip(". ") == name)


@given(st.lists(names, min_size=1, max_size=4))
def test_every_name_survives_the_way_through_an_address(found_names):
    paths = [Path(ROOT, "x", name) for name in found_names]
    drop = QMimeData()
    drop.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert intake(drop).paths == tuple(paths)
    drop = mime({COPIED: b"\n".join([b"copy", *map(uri, paths)])})
    assert intake(drop).paths == tuple(paths)
