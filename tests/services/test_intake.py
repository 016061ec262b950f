"""Whatever a file manager, a browser or the clipboard hands over, the picture in it is found."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl

from florapp.services.intake import Intake, acceptable, intake
from tests.services.drops import (
    BYTES,
    COPIED,
    HTML,
    JPEG,
    NAMES,
    PNG,
    ROOT,
    TEXT,
    URLS,
    WEB,
    encoded,
    mime,
    only_source,
    uri,
)

pytestmark = pytest.mark.usefixtures("qapp")


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


def test_the_root_of_the_disk_is_never_meant(tmp_path):
    """A program's text may hold such lines; all pictures of the machine would be opened."""
    assert not intake(mime({TEXT: b"int a;\n//\n/\nint b;\n"}))
    assert intake(mime({TEXT: b"//\n" + bytes(tmp_path)})).paths == (tmp_path,)


@pytest.mark.parametrize("address", [b"http://example.org:99999/a.jpg", b"http://[::1/a.jpg"])
def test_an_address_that_is_none_is_not_asked_about(address):
    assert not intake(mime({TEXT: address}))


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
