"""What lies among the photographs and is not looked at, or must not lie there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from florapp.core.errors import DataError
from florapp.core.folders import PICTURE_SUFFIXES
from training.config import Data
from training.dataset import folders, parts_of


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
        for part in parts.values():
            loose = [p for p in part.glob("[!.]*") if p.suffix.lower() in PICTURE_SUFFIXES]
            if loose:
                yield f"Passed over: {len(loose)} pictures in {part} itself, in no class folder."
            for folder, inner, _ in os.walk(part):
                for link in (Path(folder, name) for name in inner):
                    if link.is_symlink() and link.parent != part:
                        yield f"Passed over: {link}, a link to a folder."


def check_outside(out: Path, root: Path, data: Data) -> None:
    """Raise DataError where ``out`` would be taken for a class the next time."""
    for source in data.sources:
        for part in parts_of(root / source.folder).values():
            if part.resolve() in out.resolve().parents:
                raise DataError(
                    f"{out} lies among the photographs, and would be taken for a class. Choose a "
                    f"folder outside {part}."
                )
