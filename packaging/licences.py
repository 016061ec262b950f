"""The licences of everything that is in the bundle, one folder for each."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from contents import distributions, package_of, system_libraries

ROOT = Path(__file__).resolve().parents[1]


def gather_licences(folder: Path, system: bool) -> None:
    """Write them into ``folder``; ``system``: those of the system's libraries, too."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "packaging/licences", folder / "Qt")
    _copy(ROOT / "LICENSE", folder / "FlorApp")
    _copy(ROOT / "assets/models/LICENSE.md", folder / "model")
    _copy(_pythons_own(), folder / "Python")
    for found in distributions():
        if found.name.lower().startswith(("pyside6", "shiboken6")):
            continue  # theirs are in Qt
        files = [Path(str(found.locate_file(file))) for file in found.files or ()]
        named = [file for file in files if file.suffix not in (".py", ".pyc") and _is_licence(file)]
        for number, file in enumerate(sorted(named)):
            _copy(file, folder / found.name, f"{number}-{file.name}" if number else file.name)
        if not named:  # then it is told in a few words there
            (folder / found.name).mkdir()
            (folder / found.name / "METADATA").write_text(str(found.metadata), encoding="utf-8")
    for source in system_libraries().values() if system else ():
        package = package_of(source)
        if package is not None:
            _copy(Path("/usr/share/doc") / package.name / "copyright", folder / package.name)


def _is_licence(file: Path) -> bool:
    return any(word in file.name.lower() for word in ("licen", "copying", "notice", "authors"))


def _pythons_own() -> Path:
    folder = Path(sys.base_prefix)
    places = (
        folder / "LICENSE.txt",  # Windows
        folder / f"lib/python3.{sys.version_info.minor}/LICENSE.txt",
        Path(f"/usr/share/doc/python3.{sys.version_info.minor}/copyright"),  # Debian
    )
    return next(place for place in places if place.is_file())


def _copy(file: Path, folder: Path, name: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, folder / (name or file.name))
