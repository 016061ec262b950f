"""What the bundle leaves out is not needed by what it keeps."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import PySide6
import pytest

ROOT = Path(__file__).parents[2]
QT = Path(PySide6.__file__).parent
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads ELF files")
trim = pytest.mark.parametrize("script", ["trim"], indirect=True)

#: Does everything that the program can do, and prints what was imported for it.
EVERYTHING = """
import contextlib, importlib, io, pkgutil, sys
import florapp, florapp.cli
from florapp.core.paths import ASSETS
samples = [str(ASSETS / "samples" / name) for name in ("rose.jpg", "tulip.webp", "oxeye_daisy.png")]
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    for arguments in (
        ["classify", *samples], ["classify", "--json", *samples], ["classify", "gone.jpg"],
        ["classify", "--no-such-option"], ["models", "show"], ["self-test"], ["--help"],
    ):
        florapp.cli.run(arguments)
for module in pkgutil.walk_packages(florapp.__path__, "florapp."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    environment = os.environ | {"HOME": str(tmp_path_factory.mktemp("home"))}
    command = [sys.executable, "-c", EVERYTHING]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return set(done.stdout.split())


@trim
def test_no_module_left_out_is_imported(script: ModuleType, imported: set[str]) -> None:
    assert {"florapp.ui.workspace", "rich", "onnxruntime", "PySide6.QtMultimedia"} <= imported
    # What builds packages is imported by Python itself where setuptools is installed.
    ours = imported - {"_distutils_hack"}
    assert not set(script.MODULES) & ours


def kept(script: ModuleType) -> Iterator[Path]:
    """Yield what PyInstaller takes of Qt for the modules that FlorApp imports."""
    modules = {"QtCore", "QtGui", "QtWidgets", "QtSvg", "QtMultimedia", "QtNetwork"}
    yield from (QT / f"{name}.abi3.so" for name in modules)
    folders = (
        "egldeviceintegrations generic iconengines imageformats multimedia networkinformation"
        " platforminputcontexts platforms platformthemes tls wayland-decoration-client"
        " wayland-graphics-integration-client wayland-shell-integration xcbglintegrations"
    )
    for folder in folders.split():
        for plugin in (QT / "Qt/plugins" / folder).glob("*.so"):
            if not script.is_trimmed(str(plugin.relative_to(QT.parent))):
                yield plugin


def needs(binary: Path) -> list[str]:
    found = subprocess.run(
        ["readelf", "-d", binary], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", found)


@linux
@trim
def test_no_library_left_out_is_linked_by_one_that_is_kept(script: ModuleType) -> None:
    waiting, seen = list(kept(script)), set()
    while waiting:
        binary = waiting.pop()
        for name in needs(binary):
            library = QT / "Qt/lib" / name
            if library.is_file() and library not in seen:
                assert not script.is_trimmed(f"PySide6/Qt/lib/{name}"), f"{binary.name}: {name}"
                seen.add(library)
                waiting.append(library)
    # Without these there is no camera, and nothing says so.
    assert {"libQt6Quick.so.6", "libQt6Qml.so.6", "libQt6OpenGL.so.6"} <= {p.name for p in seen}


@linux
@trim
@pytest.mark.parametrize(
    "name",
    [
        "multimedia/libffmpegmediaplugin.so",
        "platforms/libqxcb.so",
        "platforms/libqwayland.so",
        "platforms/libqoffscreen.so",
        "platformthemes/libqxdgdesktopportal.so",
        "imageformats/libqjpeg.so",
        "wayland-shell-integration/libxdg-shell.so",
    ],
)
def test_what_the_window_and_the_camera_need_stays(script: ModuleType, name: str) -> None:
    assert (QT / "Qt/plugins" / name).is_file()
    assert not script.is_trimmed(f"PySide6/Qt/plugins/{name}")


@trim
def test_what_came_along_with_what_is_left_out_goes_too(script: ModuleType) -> None:
    links = {"gtk3": {"gtk", "cairo", "png"}, "gtk": {"cairo", "png"}, "cairo": {"png"}}
    links |= {"png": set(), "qt": {"png"}}
    kept = {name: name for name in ("gtk", "cairo", "png", "qt")}
    assert script.orphans(kept, ["gtk3"], links.__getitem__) == {"gtk", "cairo"}
    assert script.orphans(kept, [], links.__getitem__) == set()


@trim
def test_other_systems_names_are_judged_alike(script: ModuleType) -> None:
    assert script.is_trimmed(r"PySide6\translations\qtbase_de.qm")
    assert script.is_trimmed(r"PySide6\plugins\tls\qopensslbackend.dll")
    assert not script.is_trimmed(r"PySide6\plugins\platforms\qwindows.dll")
    assert not script.is_trimmed("PySide6/Qt/plugins/platforms/libqcocoa.dylib")
    assert not script.is_trimmed("florapp/assets/models/flowers103.onnx")


@linux
@trim
def test_every_line_of_the_list_leaves_something_out(script: ModuleType) -> None:
    files = [str(path.relative_to(QT.parent)) for path in QT.rglob("*")]
    idle = [line for line in script.FILES if not any(re.search(line, f, re.I) for f in files)]
    assert idle == [line for line in script.FILES if "x265" in line]
