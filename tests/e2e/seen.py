"""What the user sees of the camera, and of the flowers before it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageOps

from tests.e2e.desktop import Candidate, Window, eventually, picture_area
from tests.e2e.fakecam.fakecam import FakeCamera, Pixels

MakeCamera = Callable[..., FakeCamera]
HD = (1280, 720)
EMPTY = "No picture yet"
ON = "● Camera is on"


class Flower(NamedTuple):
    """A picture to hold before the camera, as a file, and what the terminal says of that."""

    pixels: Pixels
    file: Path
    answer: Candidate

    @property
    def image(self) -> Image.Image:
        return Image.fromarray(self.pixels)


def expect_preview(window: Window, flower: Flower, *, mirrored: bool = True) -> None:
    """Wait until the camera is on and shows the flower."""
    window.find(ON)
    window.find("Camera on – FlorApp")
    wanted = ImageOps.mirror(flower.image) if mirrored else flower.image

    def look() -> None:
        areas = [node.place for node in window.nodes() if node.id == "Preview"]
        assert areas
        window.assert_seen(areas[0], wanted)

    eventually(look)


def expect_taken(window: Window, *flowers: Flower) -> str:
    """Wait until the strip holds these, all taken by the camera; return the last one's name."""

    def look() -> str:
        nodes = window.nodes()
        items = [node.name for node in nodes if node.id == "StripView" and node.role == "list item"]
        parts = [
            re.fullmatch(r"(Camera [\d-]+ [\d.]+(?: \(\d+\))?\.jpg): (.+), .+ %", item)
            for item in items
        ]
        names = [(part[1], part[2]) if part else ("", "") for part in parts]
        assert [name for _, name in names] == [flower.answer.name for flower in flowers], items
        answers = [node.name for node in nodes if node.id == "AnswerPanel"]
        assert answers[0].startswith(f"Answer: {flowers[-1].answer.name}, ")
        return names[-1][0]

    return eventually(look)


def expect_named(window: Window, flower: Flower) -> None:
    """Wait until the card over the preview names the flower."""

    def look() -> None:
        cards = [node.name for node in window.nodes() if node.id == "liveAnswer"]
        assert cards
        assert cards[0].startswith(f"{flower.answer.name}, ")

    eventually(look)


def expect_fault(window: Window, heading: str, words: str) -> None:
    """Wait until the window says what is wrong, and see that it goes on to serve its user."""

    def look() -> None:
        nodes = window.nodes()
        names = {node.id: node.name for node in nodes}
        assert names.get("noticeHeading") == heading
        assert names.get("noticeWords") == words
        assert names.get("Preview") == heading  # what a screen reader says
        assert {"noticeRetry", "noticeOpen"} <= names.keys()
        assert "cameraOn" not in names

    eventually(look)
    window.press("alt+f")  # it is not blocked
    eventually(lambda: assert_menu_is_open(window))
    window.press("Escape")


def expect_said(window: Window, place: str, words: str) -> None:
    """Wait until these words stand in that place, as the program calls it."""

    def look() -> None:
        assert words in [node.name for node in window.nodes() if node.id == place]

    eventually(look)


def assert_menu_is_open(window: Window) -> None:
    assert [node for node in window.nodes() if node.role == "menu item" and "Quit" in node.name]


def expect_picture(window: Window, name: str, flower: Flower) -> None:
    """Wait until the picture area shows the flower, as it is."""

    def look() -> None:
        nodes = window.nodes()
        assert [node for node in nodes if node.name == f"Picture: {name}"]
        window.assert_seen(picture_area(nodes), flower.image)

    eventually(look)


def paste(window: Window, flower: Flower) -> None:
    """Paste the flower instead of using the camera, and wait for its answer."""
    window.desktop.copy("image/png", flower.file)
    window.press("ctrl+v")
    window.expect(flower.file, "Pasted picture")
