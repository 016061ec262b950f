"""A CSV file of answers that goes on where an earlier call was stopped."""

from __future__ import annotations

import csv
import io
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
        file = path.open("r+", encoding="utf-8", errors=_ANY_NAME, newline="")
    except OSError as error:
        raise FlorAppError("{0} cannot be written: {1}.", path, error.strerror) from error
    if not is_ours(file):
        file.close()
        raise FlorAppError("Another florapp is writing to {0}. Wait until it has ended.", path)
    try:
        text = file.read()
        if _HEADER.startswith(text):  # nothing yet, or a half of its first line
            text = ""
        answers = list(_answers(text, rows)) if text else []
    except (ValueError, csv.Error) as error:
        file.close()
        raise FlorAppError(
            "{0} is not a CSV file of florapp classify with {1} classes a picture. Name another "
            "file with --resume, or give the same --top as before.",
            path,
            rows,
        ) from error
    whole = text[: answers[-1][0] if answers else len(_HEADER)]
    file.seek(0)
    file.truncate(len(whole.encode("utf-8", _ANY_NAME)))
    file.seek(0, io.SEEK_END)
    if not text:
        file.write(_HEADER)
    return file, Counter(name for _, name in answers)


def not_yet(
    sources: Iterable[Source | Failure | None], answered: Counter[str]
) -> Iterator[Source | Failure | None]:
    """Yield the sources that are not ``answered``: a picture named twice is answered twice.

    What is no source is passed on.
    """
    left = answered.copy()
    for source in sources:
        if isinstance(source, Source) and left[source.name]:
            left[source.name] -= 1
        else:
            yield source


def _answers(text: str, rows: int) -> Iterator[tuple[int, str]]:
    """Yield where each whole answer in ``text`` ends, and its picture's name.

    What is half written may only be its end. Raises ValueError or csv.Error where ``text`` is
    something else.
    """
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines)
    if lines[0] != _HEADER:
        raise ValueError("it begins otherwise")
    next(reader)
    end, read = len(_HEADER), reader.line_num
    while answer := list(islice(reader, rows)):
        piece, last = "".join(lines[read : reader.line_num]), reader.line_num == len(lines)
        if last and (not piece.endswith("\n") or len(answer[-1]) < len(COLUMNS)):
            answer.pop()  # half a row: whatever is in it
        whole = len(answer) == rows
        if [row[1:2] for row in answer] != [[str(rank)] for rank in range(1, len(answer) + 1)]:
            raise ValueError("its ranks are others")
        if any(len(row) != len(COLUMNS) or row[0] != answer[0][0] for row in answer):
            raise ValueError("something else is between its answers")
        if not whole:
            if not last:
                raise ValueError("an answer has too few rows")
            return
        end, read = end + len(piece), reader.line_num
        yield end, answer[0][0]
