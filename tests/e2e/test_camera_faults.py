"""What the window says when there is something wrong with the camera, and that it goes on."""

from __future__ import annotations

from tests.e2e.desktop import FlorApp
from tests.e2e.fakecam.fakecam import FakeCamera, Fault, Format
from tests.e2e.seen import (
    EMPTY,
    HD,
    Flower,
    MakeCamera,
    expect_fault,
    expect_preview,
    expect_said,
    expect_taken,
    paste,
)


def test_a_camera_that_is_not_there_or_is_unplugged(
    florapp: FlorApp, garden: FakeCamera, with_cameras: dict[str, str], flowers: dict[str, Flower]
) -> None:
    complaint = r"(Couldn't add V4L2 buffer \d+ No such device \d+\n)*"  # now and then
    with florapp(extra=with_cameras, complaint=complaint) as window:
        window.find(EMPTY)
        window.press("ctrl+k")
        expect_fault(
            window,
            "No camera was found",
            "Plug one in and it starts by itself, or open a picture instead.",
        )
        garden.plug()
        expect_preview(window, flowers["dandelion"])

        for _ in range(2):
            garden.unplug()
            expect_fault(
                window,
                "The camera was unplugged",
                "Plug Garden camera in again and it goes on by itself, or choose another camera.",
            )
            garden.assert_closed()
            garden.plug()
            expect_preview(window, flowers["dandelion"])

        window.press("space")
        expect_taken(window, flowers["dandelion"])
        garden.unplug()
        paste(window, flowers["daisy"])


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
        expect_preview(window, flowers["dandelion"])

        garden.suffer(Fault.NO_PERMISSION)
        window.press("Escape")
        window.press("ctrl+k")
        expect_fault(window, *wrong)
        paste(window, flowers["daisy"])


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
        expect_preview(window, flowers["dandelion"])

        window.press("Escape")
        garden.suffer(Fault.BUSY_AT_FORMAT)
        window.press("ctrl+k")
        expect_fault(window, *wrong)
        window.click(window.find("Open pictures…"))
        window.answer("Open pictures", str(flowers["daisy"].file))
        window.expect(flowers["daisy"].file)


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
        expect_preview(window, flowers["dandelion"])

        garden.suffer(Fault.SILENT)
        expect_fault(window, *stopped)
        garden.suffer(None)
        expect_preview(window, flowers["dandelion"])

        garden.suffer(Fault.SILENT)
        expect_fault(window, *stopped)
        window.click(window.find("Try again"))
        expect_said(window, "noticeHeading", "The camera is being opened…")
        garden.suffer(None)
        expect_preview(window, flowers["dandelion"])

        garden.suffer(Fault.SILENT)
        expect_fault(window, *stopped)
        paste(window, flowers["daisy"])
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
        desk.show(flowers["dandelion"].pixels)
        window.click(window.find("Try again"))
        expect_preview(window, flowers["dandelion"])

        desk.babble()
        expect_said(window, "noticeHeading", "This camera cannot be used")
        paste(window, flowers["daisy"])
