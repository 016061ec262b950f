"""Pictures dropped, pasted and named on the command line, in the real program.

The window must answer what ``florapp classify`` answers, and show the very pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from florapp.core.drawing import draw

if TYPE_CHECKING:
    from tests.e2e.desktop import Desktop, Drag, FlorApp

Paint = Callable[..., Path]
EMPTY = "No picture yet"
ORIENTATION = 0x0112  # in EXIF


@pytest.fixture
def paint(tmp_path: Path) -> Paint:
    """Return what draws a flower into a file."""

    def painted(kind: str, name: str, orientation: int = 1) -> Path:
        path = tmp_path / "my pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        Image.fromarray(draw(kind, 480, 360)).save(path, exif=exif)
        return path

    return painted


def addresses(*paths: Path) -> dict[str, bytes]:
    """Return what a file manager offers."""
    return {"text/uri-list": "".join(f"{path.as_uri()}\r\n" for path in paths).encode()}


def test_a_file_dropped_is_shown_upright_and_stays_where_it_was(
    florapp: FlorApp, drag: Drag, paint: Paint
) -> None:
    poppy = paint("corn_poppy", "poppy.jpg", orientation=6)
    with florapp() as window:
        action = drag(addresses(poppy), window.find(EMPTY))

        window.expect(poppy)
        assert action == "CopyAction"
        assert poppy.exists()


def test_several_files_of_any_name_are_dropped_and_each_has_its_answer(
    florapp: FlorApp, drag: Drag, paint: Paint
) -> None:
    flowers = [
        paint("tulip", "Tulpe für Jürgen.jpg"),
        paint("sunflower", "向日葵 100%.webp"),
        paint("oxeye_daisy", "Gänseblümchen & Co #2.png"),
    ]
    with florapp() as window:
        action = drag(addresses(*flowers), window.find("Answer: no picture yet"))

        window.expect(flowers[0])
        strip = window.expect_strip(*flowers)
        window.click(strip[1])
        window.expect(flowers[1])
        window.press("Right")
        window.expect(flowers[2])

        window.press("Left")
        window.press("Delete")
        window.press("Delete")
        window.expect(flowers[0])
        assert action == "CopyAction"
        assert all(file.exists() for file in flowers)


def test_the_bytes_that_a_browser_drags_along_are_taken_and_nothing_is_fetched(
    florapp: FlorApp, drag: Drag, paint: Paint
) -> None:
    rose = paint("rose", "rose.jpg")
    address = b"https://garden.invalid/pictures/rose.jpg"
    formats = {
        "text/uri-list": address + b"\r\n",
        "text/html": b'<meta charset="utf-8"><img src="' + address + b'" alt="A rose">',
        "application/octet-stream": rose.read_bytes(),
    }
    with florapp() as window:
        action = drag(formats, window.find(EMPTY))

        nodes = window.expect(rose)
        assert "messageText" not in [node.id for node in nodes]
        assert action == "CopyAction"


def test_a_picture_is_pasted(florapp: FlorApp, desktop: Desktop, paint: Paint) -> None:
    dandelion = paint("common_dandelion", "dandelion.png")
    desktop.copy("image/png", dandelion)
    with florapp() as window:
        window.find(EMPTY)
        window.press("ctrl+v")
        window.expect(dandelion, "Pasted picture")

        window.press("ctrl+v")
        window.press("ctrl+v")
        window.expect_selected(False, False, True)
        window.press("Delete")
        window.expect_selected(False, True)


def test_a_picture_named_on_the_command_line_is_shown(florapp: FlorApp, paint: Paint) -> None:
    coneflower = paint("purple_coneflower", "Sonnenhut, schön.png")
    with florapp(coneflower.name, cwd=coneflower.parent) as window:
        window.expect(coneflower)


def test_a_folder_dropped_gives_all_its_pictures(
    florapp: FlorApp, drag: Drag, paint: Paint
) -> None:
    first = paint("water_lily", "Teich/a.webp")
    paint("sunflower", "Teich/ufer/b.jpg")
    paint("rose", "Teich/c.png")
    (first.parent / "notes.txt").write_text("no picture")
    with florapp() as window:
        action = drag(addresses(first.parent), window.find(EMPTY))

        window.expect(first)
        assert len(window.expect_strip(first.parent)) == 3
        assert action == "CopyAction"


def test_closing_while_the_model_is_being_opened_is_no_crash(florapp: FlorApp) -> None:
    for _ in range(3):
        with florapp():
            pass  # it is closed as soon as it can be seen, and sees to it that all was well
