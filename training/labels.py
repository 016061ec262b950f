"""What the classes are called: the table of names that a recipe may point to."""

from __future__ import annotations

import tomllib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from florapp.core.errors import DataError
from florapp.core.model_file import Label
from training.typed import typed


def read_labels(path: Path | None, classes: Sequence[str]) -> tuple[Label, ...]:
    """Return a label for each of ``classes``, from the TOML table in ``path``.

    Without a table a class is called like its folder. Raises DataError for a class that the table
    lacks and for a table that cannot be read.
    """
    if path is None:
        return tuple(Label(name, as_written(name)) for name in classes)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        # An umlaut may be one letter or two, and folders and tables need not agree.
        table = {unicodedata.normalize("NFC", name): entry for name, entry in table.items()}
        labels = tuple(
            _label(name, table[unicodedata.normalize("NFC", name)], path) for name in classes
        )
    except OSError as error:
        raise DataError(f"The labels {path} cannot be read: {error.strerror}.") from error
    except KeyError as error:
        raise DataError(f"The labels {path} have no entry for the class {error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise DataError(f"The labels {path} are not what is expected: {error}.") from error
    twice = [name for name, count in Counter(label.name for label in labels).items() if count > 1]
    if twice:
        raise DataError(f"The labels {path} call two classes {twice[0]!r}.")
    return labels


def as_written(name: str) -> str:
    """Return the name of a folder as people read it."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _label(name: str, entry: Any, path: Path) -> Label:
    where = f"The labels {path} are not what is expected: {name}"
    if not isinstance(entry, dict):
        raise DataError(f"{where} is {entry!r}; expected: a table.")
    if "id" in entry:
        raise DataError(f"{where} has an 'id', which is the name of its folder: leave it out.")
    label = typed(Label, {"id": name} | entry, where)
    assert isinstance(label, Label)
    if not label.name.strip():
        raise DataError(f"{where} has an empty name.")
    return label
