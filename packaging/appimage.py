"""The AppImage: a starter, and behind it a file system that holds the bundle."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from florapp import __version__

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = ROOT / "packaging/linux/runtime.c"

#: What every desktop has, and of which a second, older copy does harm beside the system's drivers:
#: https://github.com/AppImageCommunity/pkg2appimage/blob/master/excludelist
_THE_SYSTEMS = """
    libstdc++.so.6 libgcc_s.so.1 libX11.so.6 libX11-xcb.so.1 libxcb.so.1 libfontconfig.so.1
    libfreetype.so.6 libharfbuzz.so.0 libz.so.1 libexpat.so.1 libuuid.so.1 libfribidi.so.0
    libcom_err.so.2 libgpg-error.so.0 libkeyutils.so.1
"""


def make_appimage(tree: Path, out: Path) -> Path:
    """Pack ``tree``, which holds ``usr``, into an AppImage in the folder ``out``."""
    for name in _THE_SYSTEMS.split():
        (tree / "usr/lib/florapp/_internal" / name).unlink(missing_ok=True)
    (tree / "AppRun").symlink_to("usr/bin/florapp")
    shutil.copyfile(tree / "usr/share/applications/florapp.desktop", tree / "florapp.desktop")
    shutil.copyfile(
        tree / "usr/share/icons/hicolor/scalable/apps/florapp.svg", tree / "florapp.svg"
    )
    (tree / ".DirIcon").symlink_to("usr/share/icons/hicolor/256x256/apps/florapp.png")
    packed = ROOT / "build/florapp.squashfs"
    packed.unlink(missing_ok=True)
    options = ["-all-root", "-noappend", "-comp", "zstd", "-b", "256K", "-quiet", "-no-progress"]
    subprocess.run(["mksquashfs", tree, packed, *options], check=True)
    file = out / f"FlorApp-{__version__}-x86_64.AppImage"
    file.write_bytes(_starter() + packed.read_bytes())
    file.chmod(0o755)
    return file


def _starter() -> bytes:
    """Compile the part that mounts the rest; it needs nothing of the system but the kernel."""
    program = ROOT / "build/appimage-runtime"
    libraries = ["squashfuse_ll", "squashfuse", "fuse3", "zstd", "lz4", "lzo2", "lzma", "z"]
    command = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-Os", "-static", "-s"]
    command += ["-Wl,--no-warnings"]  # of what libfuse could load, and is not asked to
    links = [f"-l{name}" for name in libraries]
    subprocess.run(
        [*command, "-I/usr/include/squashfuse", "-o", program, RUNTIME, *links, "-pthread"],
        check=True,
    )
    starter = bytearray(program.read_bytes())
    starter[8:11] = b"AI\x02"  # what says that this is an AppImage, of type 2
    return bytes(starter)
