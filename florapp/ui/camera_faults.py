"""Each fault of the camera in words: what it is, and what the user can do about it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSysInfo

from florapp.services.multimedia import Fault


def in_words(fault: Fault, camera: str) -> tuple[str, str]:
    """Return a heading and sentences for ``fault`` of the camera with the name ``camera``."""
    translate = QCoreApplication.translate
    heading, sentences = {
        Fault.NO_BACKEND: (
            translate("camera", "This FlorApp cannot use cameras"),
            translate(
                "camera",
                "The part of Qt that speaks to cameras could not be loaded. Please install "
                "FlorApp again; on Linux, also the packages libpulse0 and libxrandr2.",
            ),
        ),
        Fault.NO_CAMERA: (
            translate("camera", "No camera was found"),
            translate("camera", "Plug one in and it starts by itself, or open a picture instead."),
        ),
        Fault.NOT_ALLOWED: (
            translate("camera", "FlorApp may not use the camera"),
            _how_to_allow(),
        ),
        Fault.BUSY: (
            translate("camera", "The camera is in use"),
            translate(
                "camera",
                "Another program seems to use {0}. Close that program and try again, or choose "
                "another camera.",
            ),
        ),
        Fault.UNUSABLE: (
            translate("camera", "This camera cannot be used"),
            translate(
                "camera",
                "{0} offers no kind of picture that FlorApp can read. Choose another camera, or "
                "open a picture instead.",
            ),
        ),
        Fault.UNREADABLE: (
            translate("camera", "This camera cannot be used"),
            translate(
                "camera",
                "What {0} sends cannot be read as a picture. Try again, choose another camera, or "
                "open a picture instead.",
            ),
        ),
        Fault.SILENT: (
            translate("camera", "The camera sends no picture"),
            translate(
                "camera",
                "{0} was opened but has sent nothing. Another program may be using it, or its "
                "cable may be loose. See to that and try again, or choose another camera.",
            ),
        ),
        Fault.STOPPED: (
            translate("camera", "The camera has stopped"),
            translate(
                "camera",
                "{0} no longer sends pictures. If it comes back, it goes on by itself; otherwise "
                "unplug it, plug it in again, and try again.",
            ),
        ),
        Fault.UNPLUGGED: (
            translate("camera", "The camera was unplugged"),
            translate(
                "camera",
                "Plug {0} in again and it goes on by itself, or choose another camera.",
            ),
        ),
    }[fault]
    if fault is Fault.SILENT and QSysInfo.kernelType() == "winnt":  # a refusal looks like this
        sentences = f"{sentences} {_how_to_allow()}"
    return heading, sentences.replace("{0}", camera or translate("camera", "This camera"))


def _how_to_allow() -> str:
    translate = QCoreApplication.translate
    if QSysInfo.kernelType() == "linux":
        return translate(
            "camera",
            "Your user may not open the camera's device. Type “sudo usermod -aG video $USER” in a "
            "terminal, log out and in, and try again.",
        )
    return translate(
        "camera",
        "Allow it in the system's settings, under privacy and camera, and try again.",
    )
