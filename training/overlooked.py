"""What lies among the photographs and is not looked at, or must not lie there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from florapp.core.errors import DataError
from florapp.core.folders import PICTURE_SUFFIXES
from training.config import Data
from training.dataset import folders, parts_of
from training.files import check_writable


def passed_over(root: Path, data: Data) -> Iterator[str]:
    """Yield in sentences what may well be photographs of ``data``, and lies where none is found."""
    for source in data.sources:
        base = root / source.folder
        parts = parts_of(base)
        others = [folder.name for folder in folders(base) if folder.name not in parts]
        if others and parts["train"] != base:
            yield (
                f"Passed over in {base}, as a folder is called train there: {', '.join(others)}."
            )
        for part in dict.fromkeys([base, *parts.values()]):
            pictures = (p for p in part.glob("[!.]*") if p.suffix.lower() in PICTURE_SUFFIXES)
            if loose := sum(not p.is_dir() for p in pictures):
                pictured = "1 picture" if loose == 1 else f"{loose} pictures"
                yield f"Passed over: {pictured} in {part} itself, in no class folder."
        for folder in (folder for part in parts.values() for folder in folders(part)):
            if source.classes and folder.name not in source.classes:
                continue
            for above, inner, _ in os.walk(folder):
                inner[:] = [name for name in inner if not name.startswith(".")]
                for link in (Path(above, name) for name in inner):
                    if link.is_symlink():
                        yield f"Passed over: {link}, a link to a folder."


def check_outside(out: Path, root: Path, data: Data) -> None:
    """Raise DataError where the folder ``out`` would be taken for a class the next time."""
    for source in data.sources:
        parts = _parts(root / source.folder) or _parts(root)  # other photographs are measured with
        for part in parts.values():
            real, base = (Path(os.path.realpath(path)) for path in (out, part))  # bears loops
            name = real.relative_to(base).parts[0] if base in real.parents else "."
            if not name.startswith(".") and name in (source.classes or [name]):
                raise DataError(
                    f"{out} lies among the photographs, and would be taken for a class. Choose a "
                    f"folder outside {part}."
                )


def _parts(folder: Path) -> dict[str, Path]:
    """Return the parts of the photographs in ``folder``; nothing where there are none."""
    try:
        return parts_of(folder)
    except DataError:  # whoever needs them says so
        return {}


def check_files(root: Path, data: Data, *files: Path | None) -> None:
    """Raise DataError where one of ``files`` must not be written, OSError where it cannot be.

    That is in a class, over a picture below ``root``, or over another of them.
    """
    base, taken = Path(os.path.realpath(root)), dict[Path, Path]()
    for file in filter(None, files):
        check_outside(file.parent, root, data)
        place = Path(os.path.realpath(file.parent), file.name)  # where a link lies, it is replaced
        if place in taken:
            raise DataError(f"{file} and {taken[place]} are one file. Choose two.")
        taken[place] = file
        if file.suffix.lower() in PICTURE_SUFFIXES and file.exists() and base in place.parents:
            raise DataError(
                f"{file} is a picture among the photographs, none of which is touched. Choose "
                "another file."
            )
    check_writable(*files)
