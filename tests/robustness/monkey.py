"""Does to the window whatever a user could, at random, and sees whether it answers rightly."""

from __future__ import annotations

import ctypes
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QPoint,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from florapp.app import build
from florapp.core.prediction import Answer
from florapp.services.settings import Settings
from florapp.ui.main_window import MainWindow
from tests.conftest import save_model
from tests.e2e.fakecam import fakecam
from tests.robustness.offers import Offers
from tests.ui.hands import drop, entries, mime_of

_PATIENCE = 60.0  # seconds for an answer; the machine may be busy
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
        self.held: list[float] = []  # megabytes at each rest
        self.megabytes: list[float] = []  # the same, once the allocator has given back what it can
        self.threads: list[int] = []
        self.dice, self._folder, self._camera = random.Random(seed), folder, camera
        self._plugged, self._within, self._reopening = False, 0, False
        self._closed = False  # by File, Quit: it is opened again, as by a user
        self._settings = Settings(folder / "settings.json")
        self._models = [save_model(folder / f"{name}.onnx") for name in ("one", "two")]
        (folder / "broken.onnx").write_bytes(self._models[0].read_bytes()[:500])
        self._settings.model = str(self._models[0])
        dialogs = folder / "dialogs"  # where they begin: they can delete as well
        dialogs.mkdir()
        self._settings.folder = self._settings.saved_in = str(dialogs)
        self._offers = Offers(folder, self.dice)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self._application = application
        self._window = self._open()
        self._deeds: dict[Callable[[], object], int] = {
            self._drop: 12,
            self._paste: 5,
            self._press_key: 30,
            self._click: 30,
            self._resize: 6,
            self._minimise: 2,
            self._use_camera: 4,
            self._open_model: 2,
            self._reopen: 1,
        }
        if camera is not None:
            self._deeds[self._plug] = 4
        self._due = self.dice.sample(list(self._deeds), len(self._deeds))  # each comes once first

    def act(self) -> bool:
        """Do something, whatever is on the screen, and say whether it was done."""
        if self._reopening:
            return False
        if self._closed and not self._within:
            self._reopen()
        self._within += 1  # a deed may open a menu or a dialog, in which the next one is done
        deed = self._chosen()
        done = deed() is not False
        self.done[_name(deed)] += done
        self.let_go_of_dialogs()
        self._within -= 1
        return done

    def _chosen(self) -> Callable[[], object]:
        possible = [deed for deed in self._deeds if self._within == 1 or deed != self._reopen]
        for deed in self._due:
            if deed in possible:
                self._due.remove(deed)
                return deed
        (deed,) = self.dice.choices(possible, [self._deeds[deed] for deed in possible])
        return deed

    def left_out(self) -> list[str]:
        """What it has never done."""
        return [name for deed in self._deeds if not self.done[name := _name(deed)]]

    def rest(self) -> None:
        """Let all come to an end, and look whether it is well."""
        self._close_dialogs()
        if self._closed:
            self._reopen()
        window = self._window
        window.showNormal()
        QTest.qWait(200)
        window.workspace._session.stop()  # a dialog may choose all of the disk
        self._wait(lambda: not window.workspace._session.searching, "no folder is searched")
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
        self.held.append(_held())
        ctypes.CDLL(None).malloc_trim(0)
        self.megabytes.append(_held())
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
        self._closed = False
        window.closing.connect(self._was_closed)
        return window

    def _was_closed(self) -> None:
        self._closed = True

    def _close(self) -> None:
        if not self._closed:
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

    def let_go_of_dialogs(self) -> None:
        for widget in (QApplication.activePopupWidget(), QApplication.activeModalWidget()):
            if widget is not None and self.dice.random() < 0.4:
                widget.close()

    def _close_dialogs(self) -> None:
        while widget := QApplication.activePopupWidget() or QApplication.activeModalWidget():
            widget.close()
            QTest.qWait(10)
        for dialog in self._window.findChildren(QDialog):
            dialog.close()

    # ------------------------------------------------------------------------ deeds

    def _drop(self) -> None:
        drop(self._window, self._offers.mime())

    def _paste(self) -> None:
        self._application.clipboard().setMimeData(self._offers.mime())
        self._window.actions_.paste.trigger()

    def _press_key(self) -> bool:
        key, held = self.dice.choice(_KEYS), self.dice.choice(_HELD)
        dialog = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        # Posted: the first of them may close it, and what comes then is lost.
        if dialog is not None:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                receiver = dialog.focusWidget() or dialog
                QCoreApplication.postEvent(receiver, QKeyEvent(kind, key, held))
        elif window := self._window.windowHandle():
            QTest.keyClick(window, key, held)
        else:
            return False
        return True

    def _click(self) -> bool:
        shown = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        widget = self.dice.choice(shown) if shown else self._window
        x, y = (self.dice.randrange(1, max(2, n)) for n in (widget.width(), widget.height()))
        handle, dice = widget.windowHandle(), self.dice
        if not handle:
            return False
        button = dice.choice([Qt.MouseButton.LeftButton] * 4 + [Qt.MouseButton.RightButton])
        press = dice.choice([QTest.mouseClick] * 3 + [QTest.mouseDClick])
        press(handle, button, dice.choice(_HELD), QPoint(x, y))
        return True

    def _resize(self) -> None:
        self._window.resize(QSize(*(self.dice.randrange(1, 2000) for _ in range(2))))

    def _minimise(self) -> None:
        window = self._window
        self.dice.choice([window.showMinimized, window.showMaximized, window.showNormal])()

    def _use_camera(self) -> None:
        self._window.actions_.camera.trigger()

    def _plug(self) -> None:
        assert self._camera is not None
        (self._camera.unplug if self._plugged else self._camera.plug)()
        self._plugged = not self._plugged

    def _open_model(self) -> None:
        paths = [*self._models, self._folder / "broken.onnx", self._folder / "nowhere.onnx"]
        self._window.workspace._session.open_model(self.dice.choice(paths))


def _name(deed: Callable[[], object]) -> str:
    return deed.__name__.strip("_")


def _held() -> float:
    """Megabytes that the process holds."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
