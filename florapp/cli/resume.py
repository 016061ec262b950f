"""A CSV file of answers that goes on where an earlier call was stopped."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from florapp.core.errors import FlorAppError
from florapp.core.locks import is_ours
from florapp.core.prediction import Failure
from florapp.core.source import Source
from florapp.core.writers import COLUMNS

_HEADER = ",".join(COLUMNS) + "\n"
_ANY_NAME = "surrogateescape"  # a name that is not in the system's encoding is one all the same
_IN_UTF_8 = "backslashreplace"  # as on the standard output


def resumed(path: Path, rows: int) -> tuple[TextIO, Counter[str]]:
    """Open the CSV file ``path`` to go on writing, and count the answers in it by picture.

    Each answer has ``rows`` rows. What a stop has left half written at the end is cut off; a file
    that is not there is begun. Raises FlorAppError when it cannot be opened, or is another kind of
    file: then it stays as it is.
    """
    if path.exists() and not path.is_file():
        raise FlorAppError("{0} is not a file. Name another one with --resume.", path)
    try:
        path.touch()
        file = path.open("r+b")
    except OSError as error:
        raise FlorAppError("{0} cannot be written: {1}.", path, error.strerror) from error
    if not is_ours(file):
        file.close()
        raise FlorAppError("Another florapp is writing to {0}. Wait until it has ended.", path)
    try:
        end, answered = _answered(file, rows)
    except (ValueError, csv.Error) as error:
        file.close()
        raise FlorAppError(
            "{0} is not a CSV file of florapp classify with {1} classes a picture. Name another "
            "file with --resume, or give the same --top as before.",
            path,
            rows,
        ) from error
    file.seek(file.truncate(end))
    writer = io.TextIOWrapper(file, "utf-8", errors=_IN_UTF_8, newline="")
    if not end:
        writer.write(_HEADER)
    return writer, answered


def not_yet(
    sources: Iterable[Source | Failure | None], answered: Counter[str]
) -> Iterator[Source | Failure | None]:
    """Yield the sources that are not ``answered``: a picture named twice is answered twice.

    What is no source is passed on.
    """
    left = answered.copy()
    for source in sources:
        if isinstance(source, Source) and left[_spelt(source.name)]:
            left[_spelt(source.name)] -= 1
        else:
            yield source


def _spelt(name: str) -> str:
    """Return a name as it stands in a CSV file, which is UTF-8 whatever the name is."""
    return name.encode("utf-8", _IN_UTF_8).decode()


def _answered(file: io.BufferedRandom, rows: int) -> tuple[int, Counter[str]]:
    """Return where the last whole answer in ``file`` ends, and count the answers by picture.

    What is half written may only be its end. Raises ValueError or csv.Error where ``file`` is
    something else, or has no whole answer but rows that may be one of fewer classes.
    """
    answered = Counter[str]()
    head = file.readline(len(_HEADER))
    if head != _HEADER.encode():
        if not _HEADER.encode().startswith(head):
            raise ValueError("it begins otherwise")
        return 0, answered  # nothing yet, or a half of its first line
    file.seek(-1, os.SEEK_END)
    torn, size = file.read() != b"\n", file.tell()
    end = file.seek(len(_HEADER))
    reader = csv.reader(line.decode("utf-8", _ANY_NAME) for line in file)
    while answer := list(islice(reader, rows)):
        last = file.tell() == size
        if last and (torn or len(answer[-1]) < len(COLUMNS)):
            answer.pop()  # half a row: whatever is in it
        if [row[1:2] for row in answer] != [[str(rank)] for rank in range(1, len(answer) + 1)]:
            raise ValueError("its ranks are others")
        if any(len(row) != len(COLUMNS) or row[0] != answer[0][0] for row in answer):
            raise ValueError("something else is between its answers")
        if len(answer) < rows:
            if not last or (answer and not answered):  # --top may have been less
                raise ValueError("an answer has too few rows")
            break
        end = file.tell()
        answered[_spelt(answer[0][0])] += 1
    return end, answered
