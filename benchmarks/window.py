"""How soon is the window there, how fluid does it stay, how much memory does it take?

1. From starting the process to the first paint, FlorApp against a bare PySide6 window, in turn, by
   the clock and in CPU time, which says more on a busy machine; to the moment one can work in it;
   and to the first answer. Modules are read as bytecode, as they are in an installed program.
2. The gaps of a 5 ms timer on the window's thread while 200 JPEGs of 24 megapixels are dropped at
   once, and 200 PNGs, and 200 names of each picture given, beside those while nothing happens.
3. Resident memory with nothing opened and at its peak over the 200 pictures.

Needs a display; the pictures are drawn and written to a temporary folder, eight of each kind, each
under 25 names.

    xvfb-run -a python benchmarks/window.py [rounds [drops [picture...]]]
"""

from __future__ import annotations

import os
import sys
import time
import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from PIL import Image
    from PySide6.QtWidgets import QApplication

    from florapp.services.settings import Settings
    from florapp.ui.main_window import MainWindow

# Everything else where it is needed: the bare window is to import nothing of ours.

PICTURES, LARGE, FIRST = 200, (6000, 4000), (4000, 3000)


def bare() -> None:
    """Child: the smallest PySide6 window there is."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication, QMainWindow

    class Window(QMainWindow):
        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
            super().paintEvent(event)
            QTimer.singleShot(0, painted)

    def painted() -> None:
        tell_painted()
        QApplication.exit()

    application = QApplication([])
    window = Window()
    window.resize(1080, 720)
    window.show()
    application.exec()
    finish()


def whole(picture: str) -> None:
    """Child: FlorApp, started as its users start it, until a picture is answered."""
    from florapp import __main__ as program

    stand_in = types.ModuleType("florapp.app")
    stand_in.main = watched  # type: ignore[attr-defined]
    sys.modules["florapp.app"] = stand_in
    sys.argv = ["florapp", picture]
    program.main()


def watched(paths: Sequence[str]) -> None:
    """Open the window, and tell what happens in it."""
    del sys.modules["florapp.app"]
    from florapp import app

    furnish = app._furnish

    def painted(
        application: QApplication, window: MainWindow, settings: Settings, paths: Sequence[Path]
    ) -> None:
        tell_painted()
        furnish(application, window, settings, paths)
        tell("ready")
        pictures = window.workspace.strip.pictures

        def changed() -> None:
            if len(pictures) and pictures.waiting == 0:
                tell("answered")
                application.quit()

        pictures.dataChanged.connect(changed)

    app._furnish = painted
    app.main(paths)


def drop(folder: str) -> None:
    """Child: idle for 5 seconds, then a drop of many large pictures until all are answered."""
    import resource
    from pathlib import Path

    from PySide6.QtCore import Qt, QTimer

    from florapp.app import make_application

    application = make_application()
    window = made(application, [])
    gaps: list[float] = []
    last = [time.perf_counter()]

    def tick() -> None:
        now = time.perf_counter()
        gaps.append(now - last[0])
        last[0] = now

    timer = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)

    def report(title: str) -> None:
        ordered = sorted(gaps)
        high = ordered[min(len(ordered) - 1, round(0.999 * len(ordered)))]
        tell(f"{title} {len(gaps)} {high * 1000:.1f} {ordered[-1] * 1000:.1f}")
        gaps.clear()

    def idle_over() -> None:
        report("idle")
        tell(f"idle-memory {resident():.0f}")
        window.workspace._session.add_paths([Path(folder)])
        last[0] = time.perf_counter()

    def changed() -> None:
        pictures = window.workspace.strip.pictures
        if len(pictures) == PICTURES and pictures.waiting == 0:
            pictures.dataChanged.disconnect(changed)
            report("dropped")
            tell(f"peak-memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
            application.quit()

    window.painted.connect(lambda: QTimer.singleShot(2000, begin))

    def begin() -> None:
        window.workspace.strip.pictures.dataChanged.connect(changed)
        last[0] = time.perf_counter()
        timer.start()
        QTimer.singleShot(5000, idle_over)

    window.show()
    application.exec()
    finish()


def made(application: QApplication, paths: Sequence[Path]) -> MainWindow:
    """Make FlorApp's window with settings of its own."""
    import tempfile
    from pathlib import Path

    from florapp.app import build
    from florapp.services.settings import Settings

    return build(application, Settings(Path(tempfile.mkdtemp()) / "settings.json"), paths)


def tell(line: str) -> None:
    """Say something to the parent, with the time."""
    print(time.clock_gettime(time.CLOCK_MONOTONIC), line, flush=True)


def tell_painted() -> None:
    """Say that the window is there, and the CPU time it took in ms."""
    tell(f"painted {time.process_time() * 1000:.0f}")


def finish() -> None:
    """End the child as FlorApp ends itself."""
    os._exit(0)


def resident() -> float:
    """Return the resident memory of this process in MB."""
    import resource
    from pathlib import Path

    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def child(folder: str, *arguments: str) -> dict[str, tuple[float, list[str]]]:
    """Run a child; return for each thing it said the seconds since its start, and the words.

    The bytecode that the first child leaves in ``folder`` is read by the next ones; settings are
    in there too.
    """
    import subprocess

    homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), folder)
    environment = {**os.environ, **homes, "PYTHONPYCACHEPREFIX": folder}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.clock_gettime(time.CLOCK_MONOTONIC)
    run = subprocess.run(
        [sys.executable, __file__, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=environment,
    )
    said = {}
    for line in run.stdout.splitlines():
        when, what, *words = line.split()
        said[what] = (float(when) - started, words)
    return said


def main(rounds: int, drops: int, *given: str) -> None:
    """Measure, and print."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as code:
        if rounds:
            measure_start(rounds, Path(folder), code)
        kinds = [drawn(Path(folder), suffix) for suffix in (".jpg", ".png")]
        kinds += [many(Path(folder), [Path(picture)]) for picture in given]
        for number in range(drops):
            if number == 0:
                child(code, "drop", str(kinds[0]))  # cold: what a drop needs is compiled first
            for kind in kinds:
                measure_drop(kind, code, idle=number == 0)


def measure_start(rounds: int, folder: Path, code: str) -> None:
    """Start a bare window and FlorApp's in turn, and print the medians."""
    import statistics

    one = folder / "first.jpg"
    picture("sunflower", FIRST).save(one, quality=90)
    times: dict[str, list[float]] = {"bare": [], "painted": [], "ready": [], "answered": []}
    work: dict[str, list[float]] = {"bare": [], "painted": []}  # CPU time in ms
    for _ in range(rounds + 1):
        for mode, what in ((["bare"], "bare"), (["whole", str(one)], "painted")):
            said = child(code, *mode)
            when, words = said["painted"]
            times[what].append(when)
            work[what].append(float(words[0]))
        for what in ("ready", "answered"):
            times[what].append(said[what][0])
    middle = {what: statistics.median(t[1:]) for what, t in times.items()}  # the first is cold
    print(f"medians of {rounds} rounds, in turn, after one cold round:")
    print(f"  bare PySide6 window painted  {middle['bare'] * 1000:6.0f} ms")
    ratio = middle["painted"] / middle["bare"]
    print(f"  FlorApp's window painted     {middle['painted'] * 1000:6.0f} ms  ({ratio:.2f}x)")
    busy = {what: statistics.median(t[1:]) for what, t in work.items()}
    ratio = busy["painted"] / busy["bare"]
    both = f"{busy['bare']:.0f} and {busy['painted']:.0f}"
    print(f"  CPU time of the two          {both} ms  ({ratio:.2f}x)")
    print(f"  ready to work in             {middle['ready'] * 1000:6.0f} ms")
    print(f"  first answer (12 megapixels) {middle['answered'] * 1000:6.0f} ms")


def measure_drop(folder: Path, code: str, *, idle: bool) -> None:
    """Drop the pictures of a folder at once, and print the gaps and the memory."""
    said = child(code, "drop", str(folder))
    if idle:
        count, high, largest = said["idle"][1]
        print(f"gaps of a 5 ms timer, idle: 99.9th percentile {high} ms, largest {largest} ms,")
        print(f"  of {count}; resident memory {said['idle-memory'][1][0]} MB")
    count, high, largest = said["dropped"][1]
    took = said["dropped"][0] - said["idle"][0]
    print(f"{folder.name}: 99.9th percentile {high} ms, largest {largest} ms, of {count} gaps;")
    print(f"  answered in {took:.0f} s; resident memory at most {said['peak-memory'][1][0]} MB")


def drawn(folder: Path, suffix: str) -> Path:
    """Draw the flowers with 24 megapixels; return the folder of the 200 names for them."""
    from florapp.core.drawing import FLOWERS

    pictures = [folder / f"{name}{suffix}" for name in FLOWERS]
    for path in pictures:
        picture(path.stem, LARGE).save(path, quality=90)
    return many(folder, pictures)


def many(folder: Path, pictures: Sequence[Path]) -> Path:
    """Return a folder of 200 links to these pictures, named for what they are."""
    within = folder / f"200 {pictures[0].suffix[1:].upper()}"
    within.mkdir()
    for i in range(PICTURES):
        path = pictures[i % len(pictures)].resolve()
        (within / f"{i:03}{path.suffix}").symlink_to(path)
    return within


def picture(name: str, size: tuple[int, int]) -> Image.Image:
    """Draw a flower, smoothly enlarged to ``size``."""
    from PIL import Image

    from florapp.core.drawing import draw

    return Image.fromarray(draw(name, 1000, 750)).resize(size, Image.Resampling.BICUBIC)


if __name__ == "__main__":
    modes: dict[str, Callable[..., None]] = {"bare": bare, "whole": whole, "drop": drop}
    if sys.argv[1:2] and sys.argv[1] in modes:
        modes[sys.argv[1]](*sys.argv[2:])
    else:
        numbers = [*map(int, sys.argv[1:3]), 7, 3]
        main(numbers[0], numbers[1] if len(sys.argv) > 2 else 3, *sys.argv[3:])
