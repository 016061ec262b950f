"""How soon is the installed program's window there, and its first answer?

From starting the process to the first paint, the installed FlorApp against a bare PySide6 window
that PyInstaller has bundled the same way, in turn; and to the first answer, for a picture of 12
megapixels given on the command line. Both are looked at from outside: a pixel in the middle of the
screen is no longer the screen's, and the bar of the first answer is green. CPU time says more than
the clock where other programs run.

    make package
    xvfb-run -a -s "-screen 0 1280x800x24" .venv/bin/python benchmarks/installed.py \\
        build/deb/usr/bin/florapp [rounds]

``build/venv`` must be there (`make package`): with it the bare window is bundled, in build/bare.
"""

from __future__ import annotations

import ctypes
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from florapp.core.drawing import draw

ROOT = Path(__file__).resolve().parents[1]
BARE = ROOT / "build/bare"
PATIENCE = 60  # seconds
MIDDLE = (360, 400, 1, 1)
#: Where the bar of the most probable class is, in a window of 1080x720 at the screen's corner.
BAR = (800, 240, 1, 70)
GREEN = (0x2C, 0x7A, 0x4B)

_BARE_WINDOW = """
from PySide6.QtWidgets import QApplication, QMainWindow

application = QApplication([])
window = QMainWindow()
window.resize(1080, 720)
window.show()
application.exec()
"""


class Screen:
    """Reads pixels of the X server, quickly."""

    def __init__(self) -> None:
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XDefaultRootWindow.restype = ctypes.c_ulong
        x11.XGetImage.restype = ctypes.c_void_p
        x11.XGetPixel.restype = ctypes.c_ulong
        x11.XDestroyImage.argtypes = [ctypes.c_void_p]
        self._x11 = x11
        self._server = ctypes.c_void_p(x11.XOpenDisplay(os.environ["DISPLAY"].encode()))
        self._root = ctypes.c_ulong(x11.XDefaultRootWindow(self._server))

    def pixels(self, place: tuple[int, int, int, int]) -> list[tuple[int, int, int]]:
        """Return the colours of ``place``: x, y, width, height."""
        x, y, width, height = place
        every_plane, in_rows = ctypes.c_ulong(0xFFFFFF), 2
        image = ctypes.c_void_p(
            self._x11.XGetImage(self._server, self._root, x, y, width, height, every_plane, in_rows)
        )
        found = [
            self._x11.XGetPixel(image, column, row)
            for row in range(height)
            for column in range(width)
        ]
        self._x11.XDestroyImage(image)
        return [(value >> 16 & 255, value >> 8 & 255, value & 255) for value in found]


def main(program: str, rounds: int) -> None:
    """Measure, and print."""
    bare, screen = _bundle_bare(), Screen()
    ground = screen.pixels(MIDDLE)
    times: dict[str, list[float]] = {"bare": [], "painted": [], "answered": []}
    work: dict[str, list[float]] = {"bare": [], "painted": []}

    def painted() -> bool:
        return screen.pixels(MIDDLE) != ground

    def answered() -> bool:
        return GREEN in screen.pixels(BAR)

    with tempfile.TemporaryDirectory() as home:
        picture = Path(home) / "sunflower.jpg"
        pixels = Image.fromarray(draw("sunflower", 1000, 750))
        pixels.resize((4000, 3000), Image.Resampling.BICUBIC).save(picture, quality=90)
        for _ in range(rounds + 1):
            ((first, busy),) = _watch([bare], home, painted)
            times["bare"].append(first)
            work["bare"].append(busy)
            (first, busy), (answer, _) = _watch([program, str(picture)], home, painted, answered)
            times["painted"].append(first)
            work["painted"].append(busy)
            times["answered"].append(answer)
    middle = {what: statistics.median(t[1:]) * 1000 for what, t in times.items()}
    print(f"medians of {rounds} rounds, in turn, after one cold round:")
    print(f"  bare PySide6 window, bundled, painted  {middle['bare']:6.0f} ms")
    ratio = middle["painted"] / middle["bare"]
    print(f"  installed FlorApp's window painted     {middle['painted']:6.0f} ms  ({ratio:.2f}x)")
    worked = {what: statistics.median(t[1:]) * 1000 for what, t in work.items()}
    both = f"{worked['bare']:.0f} and {worked['painted']:.0f} ms"
    ratio = worked["painted"] / worked["bare"]
    print(f"  CPU time of the two                    {both}  ({ratio:.2f}x)")
    print(f"  its first answer (12 megapixels)       {middle['answered']:6.0f} ms")
    print(f"  load average {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")


def _watch(
    command: list[str], home: str, *moments: Callable[[], bool]
) -> list[tuple[float, float]]:
    """Start a program; return when each of ``moments`` was true, and the CPU time by then; end it.

    Both in seconds.
    """
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")
    environment = os.environ | dict.fromkeys(names, home)
    before = moments[0]()
    assert not before, "something is on the screen already"
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    found = []
    try:
        for moment in moments:
            while not moment():
                assert time.monotonic() - began < PATIENCE, "it never came"
                time.sleep(0.001)
            found.append((time.monotonic() - began, _cpu_time(process.pid)))
    finally:
        process.kill()
        process.wait()
    while moments[0]():  # until its window is gone
        time.sleep(0.05)
    return found


def _cpu_time(process: int) -> float:
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def _bundle_bare() -> str:
    """Bundle the smallest PySide6 window there is, by the same PyInstaller; return its program."""
    program = BARE / "bare/bare"
    if not program.is_file():
        BARE.mkdir(parents=True, exist_ok=True)
        (BARE / "bare.py").write_text(_BARE_WINDOW)
        places = [f"--{name}path={BARE / folder}" for name, folder in (("dist", ""), ("work", "w"))]
        words = ["--noconfirm", "--log-level=ERROR", f"--specpath={BARE}", *places]
        python = ROOT / "build/venv/bin/python"
        subprocess.run([python, "-m", "PyInstaller", *words, BARE / "bare.py"], check=True)
    return str(program)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if sys.argv[2:] else 9)
