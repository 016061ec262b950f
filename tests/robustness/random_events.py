"""Random events for the window, for minutes: what must not be is a warning, an error, or a leak.

    xvfb-run -a python -m tests.robustness.random_events --minutes 10 --seed 1

Now and then it lets the window come to rest and asks: does it still answer rightly, how much memory
does it hold, how many threads? Whatever Qt warns of, and every exception, ends the run.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

if os.environ.get("DISPLAY"):  # the tests do without one, unless they are told otherwise
    os.environ.setdefault("QT_QPA_PLATFORM", "xcb")

import numpy as np
from PIL import Image
from PySide6.QtCore import (
    QCoreApplication,
    Qt,
    QTimer,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from florapp.app import make_application
from florapp.ui.messages import Action, Kind, MessageBar
from tests.e2e.fakecam import fakecam
from tests.robustness.monkey import Monkey
from tests.robustness.strictness import strict

_REST = 400  # events between two rests
_RESTS = 6  # at least: those of the last third are compared with those before
_MORE_MEMORY = 50.0  # megabytes that the last third of a run may hold over the second
_MORE_THREADS = 4  # the camera's come and go


def run(monkey: Monkey, wrong: list[str], until: Callable[[int], bool], rest: int = _REST) -> None:
    """Let it act ``until`` that holds for the number of its deeds; raise where all is not well."""
    number = goal = 0
    resting = True

    def next_one() -> None:  # from the event loop, so that it acts within dialogs, too
        nonlocal number
        if resting:
            return
        QTimer.singleShot(monkey.dice.choice((0, 0, 1, 5, 30)), next_one)
        if number < goal and not until(number) and not wrong:
            done = monkey.act()
            number += done
        else:  # an open one would keep the loop below from going on
            monkey.let_go_of_dialogs()

    while not until(number):
        resting = False
        goal = number + rest
        next_one()
        while number < goal and not until(number):
            QTest.qWait(20)
            assert not wrong, wrong
        resting = True
        QTest.qWait(50)
        monkey.rest()
        assert not wrong, wrong
        print(
            f"{number} events, {monkey.held[-1]:.0f} MB, {monkey.megabytes[-1]:.0f} once the "
            f"allocator has given back what it can, {monkey.threads[-1]} threads",
            flush=True,
        )
    monkey.end()
    assert not wrong, wrong


def judge(monkey: Monkey) -> None:
    """Say what it did, and what it held; raise where it left something out, or for a leak."""
    print(f"{sum(monkey.done.values())} events: {dict(monkey.done)}")
    assert not monkey.left_out(), monkey.left_out()
    third = len(monkey.megabytes) // 3
    if third:
        for what, values, most in (
            ("megabytes", monkey.megabytes, _MORE_MEMORY),
            ("threads", monkey.threads, _MORE_THREADS),
        ):
            before, after = median(values[third : 2 * third]), median(values[2 * third :])
            print(f"{what} at rest, second and last third: {before:.0f} and {after:.0f}")
            assert after < before + most, values


def never_agree() -> list[str]:
    """Let the question whether to fetch pictures stand there without its button.

    Returns what has been asked.
    """
    asked: list[str] = []
    show = MessageBar.show_message

    def without(
        bar: MessageBar,
        text: str,
        kind: Kind = "info",
        actions: Sequence[Action] = (),
        **about: str,
    ) -> None:
        others = [action for action in actions if action[0] != "Fetch"]
        if len(others) < len(actions):
            asked.append(text)
        show(bar, text, kind, others, **about)

    MessageBar.show_message = without  # type: ignore[assignment, method-assign]
    return asked


def main() -> None:
    parser = argparse.ArgumentParser(description="Do anything to the window.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--events", type=int, help="end after so many instead")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-fetch", action="store_true", help="never agree to fetch a picture")
    arguments = parser.parse_args()
    if shutil.which("cc") and "FLORAPP_MONKEY" not in os.environ:  # with a camera: begin anew
        folder = Path(tempfile.mkdtemp(prefix="florapp-monkey-"))
        cameras = fakecam.environment(fakecam.build(folder), folder / "cameras")
        environment = os.environ | cameras | {"FLORAPP_MONKEY": str(folder)}
        os.execve(sys.executable, [*sys.orig_argv], environment)
    folder = Path(os.environ.get("FLORAPP_MONKEY") or tempfile.mkdtemp(prefix="florapp-monkey-"))
    faulthandler.enable()
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    make_application()
    QApplication.setQuitOnLastWindowClosed(False)
    asked = never_agree() if arguments.no_fetch else None
    with strict() as wrong:
        camera = None
        if os.environ.get("FLORAPP_MONKEY"):
            camera = fakecam.FakeCamera(folder / "cameras")
            camera.show(np.asarray(Image.new("RGB", (1280, 720), "green")))
        monkey = Monkey(folder, arguments.seed, camera)
        end = time.monotonic() + 60 * arguments.minutes
        most = arguments.events

        def until(number: int) -> bool:
            return number >= most if most else time.monotonic() > end

        try:
            run(monkey, wrong, until, min(_REST, (most or _REST * _RESTS) // _RESTS))
            judge(monkey)
            assert asked is None or asked, "no address of the web was dropped"
        except AssertionError:
            traceback.print_exc()
            sys.stdout.flush()
            os._exit(1)
    sys.stdout.flush()
    os._exit(0)  # as the program ends


if __name__ == "__main__":
    main()
