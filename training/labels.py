"""What the classes are called: the table of names that a recipe may point to."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from florapp.core.errors import DataError
from florapp.core.model_file import Label


def read_labels(path: Path | None, classes: Sequence[str]) -> tuple[Label, ...]:
    """Return a label for each of ``classes``, from the TOML table in ``path``.

    Without a table a class is called like its folder. Raises DataError for a class that the table
    lacks and for a table that cannot be read.
    """
    if path is None:
        return tuple(Label(name, name.replace("_", " ").capitalize()) for name in classes)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(Label(id=name, **table[name]) for name in classes)
    except OSError as error:
        raise DataError(f"The labels {path} cannot be read: {error.strerror}.") from error
    except KeyError as error:
        raise DataError(f"The labels {path} have no entry for the class {error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise DataError(f"The labels {path} are not what is expected: {error}.") from error
