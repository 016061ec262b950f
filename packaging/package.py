"""Make everything that is released for the system it runs on, in dist/: see packaging/README.md.

python packaging/package.py
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from bundle import make_bundle, try_bundle
from icons import draw_icons
from installer import make_installer
from licences import gather_licences
from sbom import write_sbom

from florapp import __version__

ROOT = Path(__file__).resolve().parents[1]
BUILD, DIST = ROOT / "build", ROOT / "dist"
ICONS = BUILD / "icons"


def main() -> None:
    """Make it all, and print what came of it."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    draw_icons(ICONS)
    bundle = make_bundle()
    {"linux": _linux, "win32": _windows, "darwin": _macos}[sys.platform](bundle)
    for file in _sum_up():
        print(f"{file.stat().st_size / 1e6:7.1f} MB  dist/{file.name}")


def _linux(bundle: Path) -> None:
    from appimage import make_appimage
    from deb import make_deb
    from tree import make_tree

    try_bundle(bundle / "florapp")
    for kind, make, system in (("deb", make_deb, False), ("AppDir", make_appimage, True)):
        tree, licences, sbom = BUILD / kind, BUILD / "licences", BUILD / "florapp.cdx.json"
        shutil.rmtree(tree, ignore_errors=True)
        gather_licences(licences, system)
        write_sbom(sbom, system)
        make_tree(tree / "usr", bundle, icons=ICONS, licences=licences, sbom=sbom)
        file = make(tree, DIST)
        shutil.copyfile(sbom, file.with_name(f"{file.name}.cdx.json"))
    _wheel()  # the same for all systems


def _windows(bundle: Path) -> None:
    try_bundle(bundle / "florapp.exe")
    gather_licences(bundle / "licences", system=False)
    sbom = bundle / "florapp.cdx.json"
    write_sbom(sbom, system=False)
    file = make_installer(bundle, ICONS / "florapp.ico", DIST)
    shutil.copyfile(sbom, file.with_name(f"{file.name}.cdx.json"))


def _macos(bundle: Path) -> None:
    application = bundle.with_name("FlorApp.app")
    try_bundle(application / "Contents/MacOS/florapp")
    file = DIST / f"FlorApp-{__version__}-{platform.machine()}.dmg"
    sbom = file.with_name(f"{file.name}.cdx.json")
    write_sbom(sbom, system=False)
    gather_licences(application / "Contents/Resources/licences", system=False)
    shutil.copyfile(sbom, application / "Contents/Resources/florapp.cdx.json")
    subprocess.run(["sh", ROOT / "packaging/macos/dmg.sh", application, file], check=True)


def _wheel() -> None:
    """Build the sdist, from it the wheel, and look at both as the package index will."""
    build = ["-m", "build", "--no-isolation", "--outdir", str(DIST), str(ROOT)]
    subprocess.run([sys.executable, *build], check=True, stdout=subprocess.DEVNULL)
    files = [*map(str, DIST.glob("*.whl")), *map(str, DIST.glob("*.tar.gz"))]
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *files], check=True)


def _sum_up() -> list[Path]:
    """Write the SHA-256 sums of all files; return the files."""
    files = sorted(DIST.iterdir())
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (DIST / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="\n")
    return files


if __name__ == "__main__":
    main()
