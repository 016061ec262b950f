"""The installer for Windows. It is made on whatever system; the bundle in it must be Windows'."""

from __future__ import annotations

import subprocess
from pathlib import Path

from florapp import __version__

_SCRIPT = Path(__file__).resolve().parent / "windows/florapp.nsi"


def make_installer(bundle: Path, icon: Path, out: Path) -> Path:
    """Pack ``bundle`` into an installer in the folder ``out``."""
    file = out / f"FlorApp-{__version__}-setup.exe"
    names = {"VERSION": __version__, "PAYLOAD": bundle, "ICON": icon, "OUT": file}
    given = [f"-D{name}={value}" for name, value in names.items()]
    subprocess.run(["makensis", "-V2", "-WX", *given, _SCRIPT], check=True)
    return file
