"""Whatever a file manager, a browser or the clipboard hands over, the picture in it is found."""

from __future__ import annotations

import base64
import io
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
from florapp.services.intake import Intake, acceptable, file_name, intake, is_picture

pytestmark = pytest.mark.usefixtures("qapp")

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


# ------------------------------------------------------- what the programs hand over


def test_a_file_manager_names_files_and_folders_in_their_order():
    paths = [Path(ROOT, "Bilder", name) for name in NAMES]
    paths = [*paths, Path(ROOT, "Bilder"), paths[0]]
    given_urls = b"".join(uri(path) + b"\r\n" for path in paths)
    text = "\n".join(map(str, paths)).encode()
    assert intake(mime({URLS: given_urls, TEXT: text})) == Intake(paths=tuple(paths))


def test_a_browser_drags_a_picture_with_its_own_bytes():
    page = b'<meta charset="utf-8"><img src="%s">' % WEB
    drop = mime({URLS: WEB, HTML: page, BYTES: JPEG})
    assert not drop.hasImage()
    assert acceptable(drop)
    assert only_source(intake(drop)) == ("poppy.jpg", JPEG)


def test_a_browser_copies_a_picture():
    page = b'<img src="%s" alt="a">' % WEB
    assert only_source(intake(mime({HTML: page, "image/png": PNG, URLS: WEB}))) == (
        "poppy.jpg",
        PNG,
    )


@pytest.mark.parametrize("kind", ["png", "jpeg", "jpg", "webp", "tiff", "bmp", "x-bmp", "x-png"])
def test_the_clipboard_holds_a_picture_file(kind):
    content = encoded({"jpg": "JPEG", "x-bmp": "BMP", "x-png": "PNG"}.get(kind, kind.upper()))
    paste = mime({f"image/{kind}": content})
    assert acceptable(paste)
    assert only_source(intake(paste)) == ("Pasted picture", content)


@pytest.mark.parametrize("verb", [b"copy", b"cut"])
@pytest.mark.parametrize("end", [b"", b"\n", b"\0", b"\r\n"])
def test_a_file_manager_copies_files_in_its_own_format_alone(verb, end):
    paths = [Path(ROOT, name) for name in NAMES]
    between = b"\r\n" if end == b"\r\n" else b"\n"
    paste = mime({COPIED: between.join([verb, *map(uri, paths)]) + end})
    assert not paste.hasUrls()
    assert acceptable(paste)
    assert intake(paste) == Intake(paths=tuple(paths))


@pytest.mark.parametrize("form", ["plain", "quoted", "url", "spaced"])
@pytest.mark.parametrize("name", [*NAMES, "folder"])
def test_a_path_comes_as_text(tmp_path, form, name):
    path = tmp_path / name
    if "?" in name and os.name == "nt":
        pytest.skip("no such name there")
    path.write_bytes(JPEG) if path.suffix else path.mkdir()
    text = {
        "plain": str(path),
        "quoted": f'"{path}"',
        "url": uri(path).decode(),
        "spaced": f"\n  {path} \r\n",
    }[form]
    assert intake(mime({TEXT: text.encode()})) == Intake(paths=(path,))


def test_several_paths_come_as_text_and_what_is_no_path_is_passed_over(tmp_path):
    first, second = tmp_path / "a.jpg", tmp_path / "b.jpg"
    first.touch()
    second.touch()
    lines = ["x-special/nautilus-clipboard", "copy", uri(first), second, tmp_path / "gone", "."]
    text = b"\n".join(x if isinstance(x, bytes) else str(x).encode() for x in lines)
    assert intake(mime({TEXT: text})).paths == (first, second)


@pytest.mark.parametrize("form", [URLS, TEXT])
def test_an_address_comes_last_and_is_not_fetched(form):
    assert intake(mime({form: WEB})) == Intake(web=(QUrl(WEB.decode()),))


def test_of_a_picture_inside_a_link_the_address_of_the_picture_is_taken():
    page = b'<a href="https://example.org/page"><img alt="a" src=\'%s?a=1&amp;b=2\'></a>' % WEB
    found = intake(mime({URLS: b"https://example.org/page", HTML: page}))
    assert [url.toString() for url in found.web] == [WEB.decode() + "?a=1&b=2"]
    drop = mime({URLS: b"https://example.org/page.html", HTML: page, BYTES: JPEG})
    assert only_source(intake(drop)) == ("poppy.jpg", JPEG)


@pytest.mark.parametrize("page", [b"<img src=x.jpg>", b'<img src="%s"><img src="%s">' % (WEB, WEB)])
def test_the_pictures_of_a_whole_page_are_not_asked_for(page):
    assert not intake(mime({HTML: page}))
    assert [url.toString() for url in intake(mime({HTML: page, URLS: b"http://a.org/"})).web] == [
        "http://a.org/"
    ]


@pytest.mark.parametrize("form", ["html", URLS, TEXT])
@pytest.mark.parametrize("percent", [False, True])
def test_a_picture_is_written_out_in_an_address(form, percent):
    address = b"data:image/png;base64," + base64.b64encode(PNG)
    address = address.replace(b"/", b"%2F").replace(b"+", b"%2B") if percent else address
    drop = {HTML: b"<p><img\nclass=x src='%s'/>" % address} if form == "html" else {form: address}
    assert only_source(intake(mime(drop))) == ("Pasted picture", PNG)


def test_files_stand_before_everything_else():
    path = Path(ROOT, "a.jpg")
    found = intake(mime({"image/png": PNG, URLS: uri(path) + b"\n" + WEB, BYTES: JPEG}))
    assert found == Intake(paths=(path,), web=(QUrl(WEB.decode()),))


def test_nothing_is_found_where_nothing_is():
    assert not intake(QMimeData())
    assert not acceptable(QMimeData())
    assert not acceptable(mime({"application/x-color": b"red"}))
    assert not intake(mime({TEXT: b"Papaver rhoeas, near https://example.org in June"}))
    assert not intake(mime({URLS: b"file:\nfile:a.jpg\nftp://example.org/a.jpg\nhttp:///a.jpg"}))
    assert not intake(mime({BYTES: b"MZ" + bytes(100), "image/png": b"<svg/>", HTML: b"<img src>"}))


# ------------------------------------------------------------------------ the details


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


def test_a_long_text_is_not_looked_up_to_its_end(monkeypatch):
    looked: list[object] = []
    monkeypatch.setattr(os.path, "exists", looked.append)
    intake(mime({TEXT: f"{Path(ROOT, 'a')}\n".encode() * 10_000}))
    assert len(looked) == 1000


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
