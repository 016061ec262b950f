"""The program with all that it needs in one folder, made by PyInstaller, and tried."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUNDLE = ROOT / "build/bundle/florapp"
_SAMPLE = ROOT / "assets/samples/sunflower.jpg"
_STAYS_OPEN = 10  # seconds, after which a window that would fail has failed


def make_bundle() -> Path:
    """Build the bundle, and return its folder."""
    folders = ["--distpath", BUNDLE.parent, "--workpath", ROOT / "build/pyinstaller"]
    spec = ROOT / "packaging/florapp.spec"
    command = ["-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", *folders, spec]
    subprocess.run([sys.executable, *map(str, command)], check=True, cwd=ROOT)
    return BUNDLE


def try_bundle(program: Path) -> None:
    """Raise RuntimeError unless ``program`` tests itself, names a flower, and opens its window.

    All of that without a word on stderr.
    """
    with tempfile.TemporaryDirectory() as home:
        names = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")
        bare = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "QT_", "XDG_"))}
        environment = bare | dict.fromkeys(names, home)
        environment |= {"QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}  # Qt wants UTF-8
        for arguments, wanted in (
            (["self-test"], "all is well"),
            (["classify", str(_SAMPLE)], "Sunflower"),
        ):
            done = subprocess.run(
                [program, *arguments],
                env=environment,
                cwd=home,
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
            if done.returncode or done.stderr or wanted not in done.stdout:
                raise RuntimeError(f"florapp {arguments}: {done}")
        with subprocess.Popen(
            [program, _SAMPLE], env=environment, cwd=home, stderr=subprocess.PIPE, encoding="utf-8"
        ) as window:
            try:
                _, said = window.communicate(timeout=_STAYS_OPEN)
                raise RuntimeError(f"the window did not stay open ({window.returncode}): {said}")
            except subprocess.TimeoutExpired:
                window.terminate()
                _, said = window.communicate()
        if said:
            raise RuntimeError(f"the window complains at its start: {said}")
