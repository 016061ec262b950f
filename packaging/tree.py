"""The files of an installed FlorApp on Linux, as they lie under ``/usr``: .deb and AppImage."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

from icons import SIDES, SVG

ROOT = Path(__file__).resolve().parents[1]
LINUX = ROOT / "packaging/linux"
ID = "io.github.florapp.florapp"


def make_tree(usr: Path, bundle: Path, *, icons: Path, licences: Path, sbom: Path) -> None:
    """Lay everything out in ``usr``."""
    shutil.copytree(bundle, usr / "lib/florapp", symlinks=True)
    (usr / "bin").mkdir()
    (usr / "bin/florapp").symlink_to("../lib/florapp/florapp")
    share, doc = usr / "share", usr / "share/doc/florapp"
    _copy(LINUX / "florapp.desktop", share / "applications/florapp.desktop")
    _copy(LINUX / f"{ID}.metainfo.xml", share / f"metainfo/{ID}.metainfo.xml")
    _copy(SVG, share / "icons/hicolor/scalable/apps/florapp.svg")
    for side in SIDES:
        place = share / f"icons/hicolor/{side}x{side}/apps/florapp.png"
        _copy(icons / f"florapp-{side}.png", place)
    _zip(LINUX / "florapp.1", share / "man/man1/florapp.1.gz")
    _zip(ROOT / "CHANGELOG.md", doc / "CHANGELOG.md.gz")
    _copy(LINUX / "copyright", doc / "copyright")
    _copy(sbom, doc / "florapp.cdx.json")
    shutil.copytree(licences, doc / "licences")
    _set_modes(usr)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _zip(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(source.read_bytes(), mtime=0))


def _set_modes(folder: Path) -> None:
    """Whatever the umask was: all may read, the owner may write, programs may be run."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path == folder / "lib/florapp/florapp"
            path.chmod(0o755 if runs else 0o644)
