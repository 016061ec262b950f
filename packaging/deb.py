"""The Debian package: the bundle without what Debian has itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from contents import system_libraries

from florapp import __version__

ROOT = Path(__file__).resolve().parents[1]
_CONTROL = """\
Package: florapp
Version: {version}
Architecture: amd64
Maintainer: The FlorApp authors <florapp@users.noreply.github.com>
Section: graphics
Priority: optional
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: ca-certificates, xdg-desktop-portal
Description: Names the flower in a photograph, on your own machine
 FlorApp names the flower in a photograph or before the camera, and says how
 sure it is. It works without a network: no picture ever leaves the machine.
 .
 It knows 103 garden and wild flowers. It comes with a window and with commands
 for the terminal.
"""


def make_deb(tree: Path, out: Path) -> Path:
    """Pack ``tree``, which holds ``usr``, into a package in the folder ``out``."""
    inner = tree / "usr/lib/florapp/_internal"
    for name in system_libraries():
        (inner / name).unlink()
    size = sum(path.lstat().st_size for path in tree.rglob("*") if not path.is_dir())
    control = _CONTROL.format(
        version=__version__, kilobytes=size // 1024, depends=_depends(tree, inner)
    )
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(control)
    file = out / f"florapp_{__version__}_amd64.deb"
    build = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z19", "--build"]
    subprocess.run([*build, tree, file], check=True, stdout=subprocess.DEVNULL)
    return file


def _depends(tree: Path, inner: Path) -> str:
    """Ask dpkg-shlibdeps which packages have the libraries that the bundle links."""
    work = ROOT / "build/shlibdeps"
    shutil.rmtree(work, ignore_errors=True)
    (work / "debian").mkdir(parents=True)
    (work / "debian/control").write_text("Source: florapp\n\nPackage: florapp\nArchitecture: any\n")
    binaries = [
        path
        for path in (tree / "usr/lib/florapp").rglob("*")
        if path.is_file() and not path.is_symlink() and path.open("rb").read(4) == b"\x7fELF"
    ]
    folders = sorted({f"-l{path.parent}" for path in binaries})
    ask = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", *folders]
    done = subprocess.run([*ask, *binaries], cwd=work, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"dpkg-shlibdeps fails: {done.stderr}")
    depends: str = done.stdout.strip().removeprefix("shlibs:Depends=")
    return depends
