"""The camera, in the real program, and what the window says when there is something wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image, ImageOps

from florapp.core.drawing import draw
from tests.e2e.desktop import Candidate, Desktop, FlorApp, Window, eventually
from tests.e2e.fakecam.fakecam import FakeCamera, Fault, Format, Pixels

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


@pytest.fixture(scope="module")
def flowers(desktop: Desktop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Flower]:
    """Return flowers that are not in the middle, so that a mirror changes them."""
    folder = tmp_path_factory.mktemp("flowers")
    pixels = {
        folder / f"{kind}.png": draw(kind, *HD, centre=(0.4, 0.5))
        for kind in ("rose", "sunflower", "tulip")
    }
    for file, picture in pixels.items():
        Image.fromarray(picture).save(file)
    answers = desktop.classify(*pixels)
    return {file.stem: Flower(pixels[file], file, answers[str(file)][0]) for file in pixels}


@pytest.fixture
def garden(camera: MakeCamera, flowers: dict[str, Flower]) -> FakeCamera:
    """Return a camera that sees a rose; it is not plugged in."""
    garden = camera(formats=(Format("YUYV", *HD),))
    garden.show(flowers["rose"].pixels)
    return garden


# ------------------------------------------------------------------------ what the user sees


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
        areas = [node.place for node in window.nodes() if node.name == f"Picture: {name}"]
        assert areas
        window.assert_seen(areas[0], flower.image)

    eventually(look)


def paste(window: Window, flower: Flower) -> None:
    """Paste the flower instead of using the camera, and wait for its answer."""
    window.desktop.copy("image/png", flower.file)
    window.press("ctrl+v")
    window.expect(flower.file, "Pasted picture")


# ------------------------------------------------------------------------------- all is well


def test_a_flower_is_seen_taken_and_saved(
    florapp: FlorApp,
    garden: FakeCamera,
    with_cameras: dict[str, str],
    flowers: dict[str, Flower],
    desktop: Desktop,
    tmp_path: Path,
) -> None:
    rose, home = flowers["rose"], tmp_path / "home"
    home.mkdir()
    garden.plug()
    with florapp(extra=with_cameras, cwd=home) as window:
        window.find(EMPTY)
        garden.assert_closed()

        window.click(window.find("Camera"))
        expect_preview(window, rose)
        garden.assert_open()
        window.click(window.find("Mirror"))
        expect_preview(window, rose, mirrored=False)
        window.click(window.find("Mirror"))
        expect_preview(window, rose)

        window.press("space")
        expect_taken(window, rose)
        window.click(window.find("Take the picture"))
        expect_taken(window, rose, rose)
        window.press("space")
        name = expect_taken(window, rose, rose, rose)
        expect_preview(window, rose)
        garden.assert_open()
        assert not [file for file in home.rglob("*") if b"JFIF" in head(file)]

        window.press("Escape")
        eventually(garden.assert_closed)
        expect_picture(window, name, rose)

        saved = tmp_path / "my rose.jpg"
        window.press("ctrl+shift+s")
        window.answer("Save picture", str(saved))
        expect_said(window, "messageText", f"Picture saved to {saved}.")
    (candidates,) = desktop.classify(saved).values()
    assert candidates[0].name == rose.answer.name


def head(file: Path) -> bytes:
    return file.read_bytes()[:16] if file.is_file() else b""


def test_what_the_camera_sees_is_named_live(
    florapp: FlorApp, garden: FakeCamera, with_cameras: dict[str, str], flowers: dict[str, Flower]
) -> None:
    garden.plug()
    with florapp(extra=with_cameras) as window:
        window.find(EMPTY)
        window.press("ctrl+k")
        window.click(window.find("Name it live"))
        expect_named(window, flowers["rose"])
        garden.show(flowers["tulip"].pixels)
        expect_named(window, flowers["tulip"])

        with window.minimised():
            eventually(garden.assert_closed)
        expect_named(window, flowers["tulip"])
        garden.assert_open()

        window.press("ctrl+k")
        eventually(garden.assert_closed)
        window.find(EMPTY)
        window.press("ctrl+k")
        expect_named(window, flowers["tulip"])
        garden.assert_open()
    garden.assert_closed()


def test_one_of_two_cameras_is_chosen_and_remembered(
    florapp: FlorApp,
    camera: MakeCamera,
    with_cameras: dict[str, str],
    flowers: dict[str, Flower],
) -> None:
    desk = camera(0, "Desk camera", formats=(Format("MJPG", *HD),))
    balcony = camera(1, "Balcony camera", formats=(Format("NV12", *HD),))
    desk.show(flowers["sunflower"].pixels)
    balcony.show(flowers["tulip"].pixels)
    desk.plug()
    balcony.plug()
    with florapp(extra=with_cameras) as window:
        window.find(EMPTY)
        window.press("ctrl+k")
        expect_preview(window, flowers["sunflower"])
        window.press("space")
        expect_taken(window, flowers["sunflower"])

        window.click(window.find("Desk camera"))
        window.click(window.find("Balcony camera"))
        expect_preview(window, flowers["tulip"])
        balcony.assert_open()
        desk.assert_closed()
        window.press("space")
        expect_taken(window, flowers["sunflower"], flowers["tulip"])
    with florapp(extra=with_cameras) as window:
        window.find(EMPTY)
        window.press("ctrl+k")
        expect_preview(window, flowers["tulip"])
        desk.assert_closed()
    balcony.assert_closed()


# --------------------------------------------------------------------------- something is wrong


def test_a_camera_that_is_not_there_or_is_unplugged(
    florapp: FlorApp, garden: FakeCamera, with_cameras: dict[str, str], flowers: dict[str, Flower]
) -> None:
    with florapp(extra=with_cameras) as window:
        window.find(EMPTY)
        window.press("ctrl+k")
        expect_fault(
            window,
            "No camera was found",
            "Plug one in and it starts by itself, or open a picture instead.",
        )
        garden.plug()
        expect_preview(window, flowers["rose"])

        for _ in range(2):
            garden.unplug()
            expect_fault(
                window,
                "The camera was unplugged",
                "Plug Garden camera in again and it goes on by itself, or choose another camera.",
            )
            garden.assert_closed()
            garden.plug()
            expect_preview(window, flowers["rose"])

        window.press("space")
        expect_taken(window, flowers["rose"])
        garden.unplug()
        paste(window, flowers["tulip"])


def test_a_camera_that_the_user_may_not_use(
    florapp: FlorApp, garden: FakeCamera, with_cameras: dict[str, str], flowers: dict[str, Flower]
) -> None:
    wrong = (
        "FlorApp may not use the camera",
        "Your user may not open the camera's device. Type “sudo usermod -aG video $USER” in a "
        "terminal, log out and in, and try again.",
    )
    garden.suffer(Fault.NO_PERMISSION)
    garden.plug()
    with florapp(extra=with_cameras) as window:
        window.find(EMPTY)
        window.press("ctrl+k")
        expect_fault(window, *wrong)
        garden.suffer(Fault.ONLY_FOR_READING)
        window.click(window.find("Try again"))
        expect_fault(window, *wrong)
        garden.suffer(None)
        window.click(window.find("Try again"))
        expect_preview(window, flowers["rose"])

        garden.suffer(Fault.NO_PERMISSION)
        window.press("Escape")
        window.press("ctrl+k")
        expect_fault(window, *wrong)
        paste(window, flowers["tulip"])


def test_a_camera_that_another_program_uses(
    florapp: FlorApp, garden: FakeCamera, with_cameras: dict[str, str], flowers: dict[str, Flower]
) -> None:
    wrong = (
        "The camera is in use",
        "Another program seems to use Garden camera. Close that program and try again, or choose "
        "another camera.",
    )
    garden.suffer(Fault.BUSY_AT_FORMAT)
    garden.plug()
    with florapp(extra=with_cameras) as window:
        window.find(EMPTY)
        window.press("ctrl+k")
        expect_fault(window, *wrong)
        garden.assert_closed()
        garden.suffer(Fault.BUSY_AT_BUFFERS)
        window.click(window.find("Try again"))
        expect_fault(window, *wrong)

        garden.suffer(None)
        window.click(window.find("Try again"))
        expect_preview(window, flowers["rose"])

        window.press("Escape")
        garden.suffer(Fault.BUSY_AT_FORMAT)
        window.press("ctrl+k")
        expect_fault(window, *wrong)
        window.click(window.find("Open pictures…"))
        window.answer("Open pictures", str(flowers["tulip"].file))
        window.expect(flowers["tulip"].file)


def test_a_camera_that_sends_nothing_or_no_longer(
    florapp: FlorApp, garden: FakeCamera, with_cameras: dict[str, str], flowers: dict[str, Flower]
) -> None:
    silent = (
        "The camera sends no picture",
        "Garden camera was opened but has sent nothing. Another program may be using it, or its "
        "cable may be loose. See to that and try again, or choose another camera.",
    )
    stopped = (
        "The camera has stopped",
        "Garden camera no longer sends pictures. If it comes back, it goes on by itself; otherwise "
        "unplug it, plug it in again, and try again.",
    )
    garden.suffer(Fault.BUSY_AT_STREAM)  # Qt tells the terminal, but not the program
    garden.plug()
    complaint = "Couldn't start v4l2 camera stream\n"
    with florapp(extra=with_cameras, complaint=complaint) as window:
        window.find(EMPTY)
        window.press("ctrl+k")
        expect_fault(window, *silent)
        garden.suffer(Fault.SILENT)
        window.click(window.find("Try again"))
        expect_said(window, "noticeHeading", "The camera is being opened…")
        expect_fault(window, *silent)
        garden.suffer(None)
        expect_preview(window, flowers["rose"])

        garden.suffer(Fault.SILENT)
        expect_fault(window, *stopped)
        garden.suffer(None)
        expect_preview(window, flowers["rose"])

        garden.suffer(Fault.SILENT)
        expect_fault(window, *stopped)
        window.click(window.find("Try again"))
        expect_said(window, "noticeHeading", "The camera is being opened…")
        garden.suffer(None)
        expect_preview(window, flowers["rose"])

        garden.suffer(Fault.SILENT)
        expect_fault(window, *stopped)
        paste(window, flowers["tulip"])
        garden.assert_closed()


def test_a_camera_whose_pictures_cannot_be_read(
    florapp: FlorApp, camera: MakeCamera, with_cameras: dict[str, str], flowers: dict[str, Flower]
) -> None:
    camera(0, formats=(Format("H265", *HD),)).plug()
    with florapp(extra=with_cameras) as window:
        window.find(EMPTY)
        window.press("ctrl+k")
        expect_fault(
            window,
            "This camera cannot be used",
            "This camera offers no kind of picture that FlorApp can read. Choose another camera, "
            "or open a picture instead.",
        )
        desk = camera(1, "Desk camera", formats=(Format("MJPG", *HD),))
        desk.babble()
        desk.plug()
        expect_fault(
            window,
            "This camera cannot be used",
            "What Desk camera sends cannot be read as a picture. Try again, choose another "
            "camera, or open a picture instead.",
        )
        desk.assert_closed()
        desk.show(flowers["rose"].pixels)
        window.click(window.find("Try again"))
        expect_preview(window, flowers["rose"])

        desk.babble()
        expect_said(window, "noticeHeading", "This camera cannot be used")
        paste(window, flowers["tulip"])
