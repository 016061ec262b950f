"""How fluid is the webcam, how often does it name what it sees, and does memory stay flat?

A camera that is not there (tests/e2e/fakecam) streams 1280x720 at 30 frames a second into the real
window, which names it live with the shipped model. Measured: pictures shown and answers a second,
the gaps of a 5 ms timer on the window's thread beside those while nothing happens, resident memory
over time.

Needs Linux, cc and a display.

    xvfb-run -a python benchmarks/camera.py [seconds] [YUYV, MJPG or NV12]
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
IDLE_S, SETTLING_S = 20, 10


def main(seconds: int, code: str) -> None:
    """Plug the camera in, and start the child that looks at it."""
    from florapp.core.drawing import draw
    from tests.e2e.fakecam.fakecam import FakeCamera, Format, build, environment

    with tempfile.TemporaryDirectory() as folder:
        library = build(Path(folder))
        camera = FakeCamera(Path(folder), formats=(Format(code, 1280, 720, 30),))
        camera.show(draw("rose", 1280, 720))
        camera.plug()
        there = environment(library, Path(folder))
        command = [sys.executable, __file__, "child", str(seconds)]
        subprocess.run(command, env=os.environ | there | {"PYTHONPATH": str(ROOT)}, check=True)


def child(seconds: int) -> None:  # noqa: PLR0915 - one story, told in order
    """Be idle, then look through the camera, and say what was measured."""
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    from florapp.app import build, make_application
    from florapp.services.frames import Frames
    from florapp.services.settings import Settings

    application = make_application()
    settings = Settings(Path(tempfile.mkdtemp()) / "settings.json")
    settings.live = True
    window = build(application, settings)
    gaps: list[float] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append(now - last)
        last = now

    pictures, answers = 0, 0

    def shown() -> None:
        nonlocal pictures
        pictures += 1

    def named() -> None:
        nonlocal answers
        answers += 1

    def wait(duration: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(duration * 1000), loop.quit)
        loop.exec()

    def report(title: str) -> None:
        ordered = sorted(gaps)
        high = ordered[min(len(ordered) - 1, round(0.999 * len(ordered)))]
        print(
            f"gaps of a 5 ms timer, {title}: 99.9th percentile {high * 1000:.1f} ms, "
            f"largest {ordered[-1] * 1000:.1f} ms, of {len(gaps)} gaps"
        )

    window.show()
    wait(SETTLING_S)
    timer = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    last = time.perf_counter()
    timer.start()
    wait(IDLE_S)
    report("idle")
    window.actions_.camera.trigger()
    wait(SETTLING_S)
    (frames,) = window.findChildren(Frames)
    frames.arrived.connect(shown)  # once for each picture that the preview takes
    window.workspace._session.live.named.connect(named)
    gaps.clear()
    last, began = time.perf_counter(), time.monotonic()
    memory = []
    while (gone := time.monotonic() - began) < seconds:
        memory.append(f"{gone:.0f} s: {resident():.0f}")
        wait(min(60, seconds - gone + 0.1))
    memory.append(f"{gone:.0f} s: {resident():.0f}")
    report("camera on, naming live")
    print(f"pictures shown a second: {pictures / gone:.1f}")
    print(f"answers a second: {answers / gone:.1f}")
    print(f"resident memory in MB: {', '.join(memory)}", flush=True)
    os._exit(0)


def resident() -> float:
    """Return the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(int(sys.argv[2]))
    else:
        sys.path.insert(0, str(ROOT))
        main(int(sys.argv[1]) if sys.argv[1:] else 600, sys.argv[2] if sys.argv[2:] else "YUYV")
