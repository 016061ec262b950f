"""The composition root: what the window is made of, and its start."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication
from shiboken6 import Shiboken

from florapp import __version__
from florapp.services import crash
from florapp.services.one_window import Listener, hand_over, usual_address
from florapp.services.settings import Settings, usual_file
from florapp.ui import icons
from florapp.ui.main_window import MainWindow
from florapp.ui.theme import Look


class _Crashes(QObject):
    """Carries the news of a crash report from the thread it happened in to the window."""

    reported = Signal(Path)


def main(paths: Sequence[str]) -> NoReturn:
    """Open the window with the pictures in ``paths``; end the process when it is closed.

    Where a window is open already it gets them.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C: while Qt waits, Python hears of nothing
    pictures, address = list(map(_absolute, paths)), usual_address()
    if hand_over(address, pictures):
        os._exit(0)
    application = make_application()  # it ends the process where there is no display: no crash
    folder, crashes = crash.usual_folder(), _Crashes()
    end = crash.install(folder, crashes.reported.emit)
    settings = Settings(usual_file())
    window = build(application, settings, pictures)
    if sys.platform == "darwin":
        _hear_the_finder(application, window, pictures)
    offer = partial(_offer, window)
    listeners: list[Listener] = []
    window.painted.connect(gc.enable)
    window.painted.connect(lambda: offer(crash.left(folder)))
    window.painted.connect(lambda: listeners.append(Listener(address, window.workspace.open)))
    window.painted.connect(lambda: crashes.reported.connect(lambda report: offer([report])))
    window.show()
    status = application.exec()
    settings.save()
    for listener in listeners:
        listener.leave()
    Shiboken.delete(application)  # as it goes, it hands what was copied over to the system
    end()
    # Not by returning: a thread that is still opening a model or reading a picture would be torn
    # down inside native code, which ends the process as a crash.
    os._exit(status)


def _absolute(path: str) -> Path:
    try:
        return Path(path).absolute()
    except OSError:  # the folder we are in is no more; opening the picture will say so
        return Path(path)


def make_application() -> QApplication:
    """Make Qt's application, in the style that the theme is made for."""
    # As an argument, since setStyle() returns the style, and PySide then makes a dozen
    # enumerations of its class: a twentieth of the start.
    return QApplication([*sys.argv[:1], "-style", "Fusion"])


def _hear_the_finder(application: QApplication, window: MainWindow, pictures: list[Path]) -> None:
    from florapp.services.file_open import FileOpen

    finder = FileOpen(application)
    application.installEventFilter(finder)
    finder.opened.connect(pictures.extend)  # counts until the window is painted
    window.painted.connect(lambda: finder.opened.connect(window.workspace.open))


def _offer(window: MainWindow, reports: Sequence[Path]) -> None:
    if reports:  # hardly ever, and never before the first paint
        from florapp.ui.crash_dialog import offer_reports

        offer_reports(reports, window.workspace.messages)


def build(application: QApplication, settings: Settings, paths: Sequence[Path] = ()) -> MainWindow:
    """Make the window, which opens the model and ``paths`` as soon as it is on the screen."""
    application.setApplicationName("FlorApp")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("florapp")
    look = Look(application)
    look.wear(settings.colours)
    window = MainWindow(settings)
    window.colours.chosen.connect(look.wear)
    window.painted.connect(partial(_furnish, application, window, settings, paths))
    return window


def _furnish(
    application: QApplication, window: MainWindow, settings: Settings, paths: Sequence[Path]
) -> None:
    # Imported here: what they need takes as long as all that the first paint waits for.
    from florapp.core.allocator import keep_little
    from florapp.services.session import Session
    from florapp.ui.workspace import Workspace

    keep_little()
    application.setWindowIcon(icons.app_icon())
    session = Session(application)
    window.workspace = Workspace(window, session, settings)
    session.open_model(Path(settings.model) if settings.model else None)
    session.add_paths(paths)
