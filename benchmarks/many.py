"""A folder of many pictures in the window: does it stream in, is memory flat, can it be stopped?

Opens a folder of 5,000 links to photographs, presses Stop after a tenth of them, goes on, and
prints how many are in the strip and answered as time goes by, with the resident memory.

    xvfb-run -a python benchmarks/many.py FOLDER_OF_PHOTOGRAPHS [count]
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from florapp.core.folders import pictures_under


def main(folder: str, count: int = 5_000) -> None:
    """Open them, and watch."""
    from PySide6.QtCore import QTimer

    from florapp.app import build, make_application
    from florapp.services.settings import Settings

    photos = list(pictures_under(Path(folder)))
    with tempfile.TemporaryDirectory() as many:
        for i in range(count):
            link = Path(many) / f"{i:05d}{photos[i % len(photos)].suffix}"
            link.symlink_to(photos[i % len(photos)].resolve())
        application = make_application()
        window = build(application, Settings(Path(many).with_suffix(".json")), [Path(many)])
        started, told, stopped = time.monotonic(), [-1], [0.0]

        def look() -> None:
            pictures = window.workspace.strip.pictures
            now, step = time.monotonic() - started, pictures.answered // (count // 10)
            if step > told[0] or pictures.answered == count:
                told[0] = step
                print(
                    f"{now:6.1f} s: {len(pictures)} in the strip, {pictures.answered} answered, "
                    f"{_resident():.0f} MB; {window.workspace.progress.label.text()!r}",
                    flush=True,
                )
            if step == 1 and not stopped[0]:
                stopped[0] = now
                window.workspace.progress.button.click()
                QTimer.singleShot(2000, go_on)
            if pictures.answered == count:
                application.quit()

        def go_on() -> None:
            pictures = window.workspace.strip.pictures
            print(f"stopped: {pictures.answered} answered two seconds later", flush=True)
            window.workspace.progress.button.click()

        timer = QTimer(interval=50)
        timer.timeout.connect(look)
        window.painted.connect(timer.start)
        window.show()
        application.exec()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak {peak:.0f} MB")
    sys.stdout.flush()
    os._exit(0)


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:3]))
