"""How fast is FlorApp? What docs/performance.md tells, measured anew, one by one.

Runs one_answer.py, folders.py, window.py, many.py and, where `make package` has been run,
installed.py, and prints what they print. One that fails is told, and the rest goes on. Without
photographs the drawn samples are used. It takes about an hour and a half; let nothing else run.
(The camera and what was decided by measurement are not in it.)

    make benchmark [PHOTOS=FOLDER]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from florapp.core.folders import pictures_under

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "assets/samples"
INSTALLED = ROOT / "build/deb/usr/bin/florapp"
SCREEN = ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24"]


def main() -> int:
    """Run them; return how many failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, default=SAMPLES, help="folder of photographs")
    given = parser.parse_args()
    photos = given.photos.resolve()
    photo = next(iter(pictures_under(photos)), None)
    if photo is None:
        parser.error(f"{photos} holds no pictures.")
    screen = [] if os.environ.get("DISPLAY") else SCREEN
    commands = [
        ("One answer", [], ["one_answer.py", "--photo", str(photo)]),
        ("Folders", [], ["folders.py", str(photos)]),
        ("The window", screen, ["window.py", "11", "10"]),
        ("A folder of 5,000 in the window", screen, ["many.py", str(photos)]),
    ]
    if INSTALLED.exists():
        commands.append(("Installed", screen, ["installed.py", str(INSTALLED), "9"]))
    failed = 0
    for title, within, (script, *arguments) in commands:
        print(f"\n## {title}\n", flush=True)
        command = [*within, sys.executable, str(ROOT / "benchmarks" / script), *arguments]
        try:
            subprocess.run(command, cwd=ROOT, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{script} failed: {error}", file=sys.stderr)
            failed += 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
