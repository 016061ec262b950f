"""The camera, in the real program: seen, taken, named, chosen, saved."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.desktop import Desktop, FlorApp, eventually
from tests.e2e.fakecam.fakecam import FakeCamera, Format
from tests.e2e.seen import (
    EMPTY,
    HD,
    Flower,
    MakeCamera,
    expect_named,
    expect_picture,
    expect_preview,
    expect_said,
    expect_taken,
)


def test_a_flower_is_seen_taken_and_saved(
    florapp: FlorApp,
    garden: FakeCamera,
    with_cameras: dict[str, str],
    flowers: dict[str, Flower],
    desktop: Desktop,
    tmp_path: Path,
) -> None:
    dandelion, home = flowers["dandelion"], tmp_path / "home"
    home.mkdir()
    garden.plug()
    with florapp(extra=with_cameras, cwd=home) as window:
        window.find(EMPTY)
        garden.assert_closed()

        window.click(window.find("Camera"))
        expect_preview(window, dandelion)
        garden.assert_open()
        window.click(window.find("Mirror"))
        expect_preview(window, dandelion, mirrored=False)
        window.click(window.find("Mirror"))
        expect_preview(window, dandelion)

        window.press("space")
        expect_taken(window, dandelion)
        window.click(window.find("Take the picture"))
        expect_taken(window, dandelion, dandelion)
        window.press("space")
        name = expect_taken(window, dandelion, dandelion, dandelion)
        expect_preview(window, dandelion)
        garden.assert_open()
        assert not [file for file in home.rglob("*") if b"JFIF" in head(file)]

        window.press("Escape")
        eventually(garden.assert_closed)
        expect_picture(window, name, dandelion)

        saved = tmp_path / "my dandelion.jpg"
        window.press("ctrl+shift+s")
        window.answer("Save picture", str(saved))
        expect_said(window, "messageText", f"Picture saved to {saved}.")
    (candidates,) = desktop.classify(saved).values()
    assert candidates[0].name == dandelion.answer.name


def head(file: Path) -> bytes:
    return file.read_bytes()[:16] if file.is_file() else b""


def test_what_the_camera_sees_is_named_live(
    florapp: FlorApp, garden: FakeCamera, with_cameras: dict[str, str], flowers: dict[str, Flower]
) -> None:
    garden.plug()
    with florapp(extra=with_cameras) as window:
        window.find(EMPTY)
        window.press("ctrl+k")
        expect_preview(window, flowers["dandelion"])  # the button moves when the picture comes
        window.click(window.find("Name it live"))
        expect_named(window, flowers["dandelion"])
        garden.show(flowers["daisy"].pixels)
        expect_named(window, flowers["daisy"])

        with window.minimised():
            eventually(garden.assert_closed)
        expect_named(window, flowers["daisy"])
        garden.assert_open()

        window.press("ctrl+k")
        eventually(garden.assert_closed)
        window.find(EMPTY)
        window.press("ctrl+k")
        expect_named(window, flowers["daisy"])
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
    balcony.show(flowers["daisy"].pixels)
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
        expect_preview(window, flowers["daisy"])
        balcony.assert_open()
        desk.assert_closed()
        window.press("space")
        expect_taken(window, flowers["sunflower"], flowers["daisy"])
    with florapp(extra=with_cameras) as window:
        window.find(EMPTY)
        window.press("ctrl+k")
        expect_preview(window, flowers["daisy"])
        desk.assert_closed()
    balcony.assert_closed()
