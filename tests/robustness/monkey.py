"""Does to the window whatever a user could, at random, and sees that it bears it.

    xvfb-run -a python -m tests.robustness.monkey --minutes 10 --seed 1

Now and then it lets the window come to rest and asks: does it still answer rightly, how much memory
does it hold, how many threads? Whatever Qt warns of, and every exception, ends the run.
"""

from __future__ import annotations

import argparse
import ctypes
import faulthandler
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

if os.environ.get("DISPLAY"):  # the tests do without one, unless they are told otherwise
    os.environ.setdefault("QT_QPA_PLATFORM", "xcb")

import numpy as np
from PIL import Image
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMimeData,
    QPoint,
    QSize,
    Qt,
    QTimer,
    QUrl,
)
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from florapp.app import build, make_application
from florapp.core.drawing import draw
from florapp.core.prediction import Answer
from florapp.services.settings import Settings
from florapp.ui.main_window import MainWindow
from tests.conftest import save_model
from tests.e2e.fakecam import fakecam
from tests.robustness.bombs import BOMBS
from tests.robustness.fuzz import damaged, seeds
from tests.robustness.strictness import strict
from tests.ui.hands import drop, entries, mime_of

_REST = 400  # events between two rests
_PATIENCE = 60.0  # seconds for an answer; the machine may be busy
_MORE_MEMORY = 50.0  # megabytes that the last third of a run may hold over the second
_MORE_THREADS = 4  # the camera's come and go
_KEYS = [
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home),
    *(Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Tab, Qt.Key.Key_Backtab),
    *(Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Space, Qt.Key.Key_F10),
    *(Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_G, Qt.Key.Key_K, Qt.Key.Key_O, Qt.Key.Key_S),
    *(Qt.Key.Key_V, Qt.Key.Key_W, Qt.Key.Key_1, Qt.Key.Key_3, Qt.Key.Key_Plus, Qt.Key.Key_F),
]
_HELD = [
    *[Qt.KeyboardModifier.NoModifier] * 4,
    *[Qt.KeyboardModifier.ControlModifier] * 2,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
]


class Monkey:
    """Hands that do anything, and eyes that look whether all is well."""

    def __init__(self, folder: Path, seed: int, camera: fakecam.FakeCamera | None) -> None:
        self.done: Counter[str] = Counter()
        self.megabytes: list[float] = []  # at each rest
        self.threads: list[int] = []
        self._dice, self._folder, self._camera = random.Random(seed), folder, camera
        self._plugged, self._within, self._reopening = False, 0, False
        self._settings = Settings(folder / "settings.json")
        self._models = [save_model(folder / f"{name}.onnx") for name in ("one", "two")]
        (folder / "broken.onnx").write_bytes(self._models[0].read_bytes()[:500])
        self._settings.model = str(self._models[0])
        self._pictures = list(_pictures(folder / "pictures", self._dice))
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self._application = application
        self._window = self._open()
        self._deeds: list[tuple[Callable[[], object], int]] = [
            (self._drop, 12),
            (self._paste, 5),
            (self._press_key, 30),
            (self._click, 30),
            (self._resize, 6),
            (self._minimise, 2),
            (self._use_camera, 4),
            (self._plug, 4),
            (self._open_model, 2),
            (self._reopen, 1),
        ]

    def act(self) -> None:
        """Do something, whatever is on the screen."""
        deeds, weights = zip(*self._deeds, strict=True)
        (deed,) = self._dice.choices(deeds, weights)
        self._within += 1  # a deed may open a menu or a dialog, in which the next one is done
        if self._within == 1 or (deed != self._reopen and not self._reopening):
            self.done[deed.__name__.strip("_")] += 1
            deed()
            self._let_go_of_dialogs()
        self._within -= 1

    def rest(self) -> None:
        """Let all come to an end, and look whether it is well."""
        self._close_dialogs()
        window = self._window
        window.showNormal()
        QTest.qWait(200)
        self._wait(lambda: not window.workspace._session.searching, "folders are searched")
        self._remove_all()
        if window.workspace._webcam.shown:
            window.actions_.camera.trigger()
        window.workspace._session.open_model(self._models[0])
        self._wait(lambda: not window.workspace._session.opening, "the model is opened")
        drop(window, mime_of(self._folder / "red.png"))
        self._wait(lambda: self._answer() == "red", "red is answered")
        self._remove_all()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QTest.qWait(1500)  # readers end, threads that were given up come back
        self.megabytes.append(_megabytes())
        self.threads.append(len(list(Path("/proc/self/task").iterdir())))  # native ones, too

    def end(self) -> None:
        """Close the window; what runs behind it ends."""
        self._close_dialogs()
        self._close()
        self._wait(lambda: threading.active_count() <= 2, "threads end")

    # ------------------------------------------------------------------- the window

    def _open(self) -> MainWindow:
        window = build(self._application, self._settings, [])
        seen: list[bool] = []
        window.painted.connect(lambda: seen.append(True))
        window.show()
        self._wait(lambda: bool(seen), "the window is painted")
        return window

    def _close(self) -> None:
        self._window.close()
        session = self._window.workspace._session
        self._window.deleteLater()
        session.deleteLater()

    def _reopen(self) -> None:
        self._reopening = True  # nobody deletes the window from inside, or acts on a deleted one
        self._close_dialogs()
        self._close()
        self._window = self._open()
        self._reopening = False

    def _remove_all(self) -> None:
        self._wait(lambda: bool(self._window.workspace), "it can be worked in")
        session = self._window.workspace._session
        session.stop()
        session.remove(range(len(session.pictures)))
        session.go_on()

    def _answer(self) -> str:
        found = entries(self._window)
        result = found[-1].result if found else None
        return result.best.label.id if isinstance(result, Answer) else ""

    def _wait(self, holds: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain until {what}")
            QTest.qWait(20)

    # ---------------------------------------------------------------------- dialogs

    def _let_go_of_dialogs(self) -> None:
        for widget in (QApplication.activePopupWidget(), QApplication.activeModalWidget()):
            if widget is not None and self._dice.random() < 0.4:
                widget.close()

    def _close_dialogs(self) -> None:
        while widget := QApplication.activePopupWidget() or QApplication.activeModalWidget():
            widget.close()
            QTest.qWait(10)
        for dialog in self._window.findChildren(QDialog):
            dialog.close()

    # ------------------------------------------------------------------------ deeds

    def _mime(self) -> QMimeData:
        mime, dice = QMimeData(), self._dice
        match dice.randrange(9):
            case 0 | 1 | 2:
                return mime_of(*dice.sample(self._pictures, dice.randrange(1, 5)))
            case 3:
                return mime_of(self._folder / "pictures", self._folder / "nowhere")
            case 4:
                image = QImage(dice.randrange(1, 500), 40, QImage.Format.Format_RGB32)
                image.fill(dice.randrange(1 << 24))
                mime.setImageData(image)
            case 5:
                mime.setData("application/octet-stream", dice.choice(self._pictures).read_bytes())
            case 6:
                mime.setText(str(dice.choice([self._folder / "red.png", "x" * 10_000, "\0", ""])))
            case 7:
                mime.setHtml("<img src='data:image/png;base64,aaaa'>" + "<b>" * 1000)
            case _:  # nobody listens there
                mime.setUrls([QUrl(f"http://127.0.0.1:9/{n}.jpg") for n in range(3)])
        return mime

    def _drop(self) -> None:
        drop(self._window, self._mime())

    def _paste(self) -> None:
        self._application.clipboard().setMimeData(self._mime())
        self._window.actions_.paste.trigger()

    def _press_key(self) -> None:
        key, held = self._dice.choice(_KEYS), self._dice.choice(_HELD)
        dialog = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if (
            dialog is not None
        ):  # posted: the first of them may close it, and what comes then is lost
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                receiver = dialog.focusWidget() or dialog
                QCoreApplication.postEvent(receiver, QKeyEvent(kind, key, held))
        elif (window := self._window.windowHandle()) is not None:
            QTest.keyClick(window, key, held)

    def _click(self) -> None:
        shown = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        widget = self._dice.choice(shown) if shown else self._window
        x, y = (self._dice.randrange(1, max(2, n)) for n in (widget.width(), widget.height()))
        handle, dice = widget.windowHandle(), self._dice
        if handle is not None:
            button = dice.choice([Qt.MouseButton.LeftButton] * 4 + [Qt.MouseButton.RightButton])
            press = dice.choice([QTest.mouseClick] * 3 + [QTest.mouseDClick])
            press(handle, button, dice.choice(_HELD), QPoint(x, y))

    def _resize(self) -> None:
        self._window.resize(QSize(*(self._dice.randrange(1, 2000) for _ in range(2))))

    def _minimise(self) -> None:
        window = self._window
        self._dice.choice([window.showMinimized, window.showMaximized, window.showNormal])()

    def _use_camera(self) -> None:
        self._window.actions_.camera.trigger()

    def _plug(self) -> None:
        if self._camera is None:
            return
        (self._camera.unplug if self._plugged else self._camera.plug)()
        self._plugged = not self._plugged

    def _open_model(self) -> None:
        paths = [*self._models, self._folder / "broken.onnx", self._folder / "nowhere.onnx"]
        self._window.workspace._session.open_model(self._dice.choice(paths))


def _pictures(folder: Path, dice: random.Random) -> Iterator[Path]:
    """Pictures of all kinds, good and damaged, and a few bombs."""
    folder.mkdir()
    for colour in ("red", "green", "blue"):
        image = Image.new("RGB", (400, 300), colour)
        image.save(folder.parent / f"{colour}.png")
    contents = [content for kind in seeds().values() for content in kind]
    contents += [damaged(content, content, dice) for content in contents]
    for bomb in ("a GIF of 10,000 frames", "a JPEG whose EXIF leads back", "a PDF renamed"):
        contents.append(BOMBS[bomb]())
    for number, content in enumerate(contents):
        path = folder / f"{number}.jpg"
        path.write_bytes(content)
        yield path
    Image.fromarray(draw("rose", 3000, 2000)).save(folder / "large.jpg")
    yield folder / "large.jpg"


def _megabytes() -> float:
    """What the process holds, less what the allocator keeps for later."""
    ctypes.CDLL(None).malloc_trim(0)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def run(monkey: Monkey, wrong: list[str], until: Callable[[int], bool], rest: int = _REST) -> None:
    """Let it act ``until`` that holds for the number of its deeds; raise where all is not well."""
    number = 0

    def next_one() -> None:  # from the event loop, so that it acts within dialogs, too
        nonlocal number
        if resting or until(number) or wrong:
            return
        number += 1
        QTimer.singleShot(monkey._dice.choice((0, 0, 1, 5, 30)), next_one)
        monkey.act()

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
            f"{number} events, {monkey.megabytes[-1]:.0f} MB, {monkey.threads[-1]} threads",
            flush=True,
        )
    monkey.end()
    assert not wrong, wrong


def main() -> None:
    parser = argparse.ArgumentParser(description="Do anything to the window.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--events", type=int, help="end after so many instead")
    parser.add_argument("--seed", type=int, default=1)
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
            run(monkey, wrong, until, min(_REST, most or _REST))
        except AssertionError:
            traceback.print_exc()
            os._exit(1)
    print(dict(monkey.done))
    print(f"{sum(monkey.done.values())} events")
    third = len(monkey.megabytes) // 3
    if third:
        for what, values, most in (
            ("megabytes", monkey.megabytes, _MORE_MEMORY),
            ("threads", monkey.threads, _MORE_THREADS),
        ):
            before, after = median(values[third : 2 * third]), median(values[2 * third :])
            print(f"{what} at rest, second and last third: {before:.0f} and {after:.0f}")
            assert after < before + most, values
    os._exit(0)  # as the program ends


if __name__ == "__main__":
    main()
