"""How fast is FlorApp? Everything that docs/performance.md tells, measured anew, one by one.

Runs one_answer.py, folders.py, window.py and, where `make package` has been run, installed.py, and
prints what they print. One that fails is told, and the rest goes on. Without photographs the drawn
samples are used; without the fp32 file, which `training export` writes, the rows of fp32 are left
out. It takes about an hour and a half; let nothing else run.

    make benchmark [PHOTOS=FOLDER] [FP32=MODEL.onnx]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "assets/samples"
INSTALLED = ROOT / "build/deb/usr/bin/florapp"
SCREEN = ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24"]


def main() -> int:
    """Run them; return how many failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, default=SAMPLES, help="folder of photographs")
    parser.add_argument("--fp32", type=Path, help="the shipped network before quantisation")
    given = parser.parse_args()
    fp32 = [str(given.fp32.resolve())] if given.fp32 else []
    photo = next(path for path in sorted(given.photos.resolve().iterdir()) if path.is_file())
    screen = [] if os.environ.get("DISPLAY") else SCREEN
    commands = [
        ("One answer", [], ["one_answer.py", *fp32, "--photo", str(photo)]),
        ("Folders", [], ["folders.py", str(given.photos.resolve()), *fp32]),
        ("The window", screen, ["window.py", "9", "10"]),
    ]
    if INSTALLED.exists():
        commands.append(("Installed", screen, ["installed.py", str(INSTALLED), "9"]))
    failed = 0
    for title, within, (script, *arguments) in commands:
        print(f"\n## {title}\n", flush=True)
        command = [*within, sys.executable, str(ROOT / "benchmarks" / script), *arguments]
        if status := subprocess.run(command, cwd=ROOT, check=False).returncode:
            print(f"{script} failed: its exit status is {status}", file=sys.stderr)
            failed += 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
