"""The two forms in which answers are written for other programs."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TextIO

from florapp.core.conformal import PROMISE
from florapp.core.prediction import Answer, Candidate
from florapp.core.verdict import Verdict, judge

_CONTROL = re.compile(r"[\0-\x1f\x7f-\x9f\u2028\u2029]+")
_FORMULA = tuple("=+-@\t\r")

COLUMNS = ("path", "rank", "id", "name", "scientific_name", "probability", "verdict")


class Writer(Protocol):
    """Writes answers to a stream, as they come."""

    def write(self, answer: Answer) -> None:
        """Write one answer."""


class JsonWriter:
    """For programs: one JSON object a line."""

    def __init__(self, stream: TextIO, top: int, promise: float = PROMISE) -> None:
        self._stream, self._top, self._promise = stream, top, promise

    def write(self, answer: Answer) -> None:
        """Write what :func:`as_record` returns."""
        line = as_record(answer, self._top, self._promise)
        _write_at_once(self._stream, json.dumps(line, ensure_ascii=False) + "\n")


class CsvWriter:
    """For spreadsheets: a line for each picture and class, the best class first."""

    def __init__(
        self, stream: TextIO, top: int, promise: float = PROMISE, *, begun: bool = False
    ) -> None:
        """Write the names of the columns, unless the stream has ``begun`` with them."""
        self._stream, self._top, self._promise = stream, top, promise
        if not begun:
            _write_at_once(stream, as_csv([COLUMNS]))

    def write(self, answer: Answer) -> None:
        """Write the picture's most probable classes, one a line, each with the kind of verdict."""
        verdict = judge(answer, self._promise)
        kind = verdict.kind.value if verdict is not None else ""
        rows = (
            [answer.source.name, rank, *map(_cell, _fields(candidate).values()), kind]
            for rank, candidate in enumerate(answer.top(self._top), 1)
        )
        _write_at_once(self._stream, as_csv(rows))


def as_record(answer: Answer, top: int, promise: float) -> dict[str, Any]:
    """Return ``path``, ``predictions`` (best first), ``verdict`` and ``novelty``, as JSON has them.

    The last two are None where the model is not calibrated, or does not say.
    """
    return {
        "path": answer.source.name,
        "predictions": [_fields(candidate) for candidate in answer.top(top)],
        "verdict": _fields_of(judge(answer, promise)),
        "novelty": _number(answer.novelty),
    }


def no_formula(cell: Any) -> Any:
    """Keep a spreadsheet from computing a name: it then begins with an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in _FORMULA else cell


def _write_at_once(stream: TextIO, text: str) -> None:
    """Write a whole answer in one piece: a program that is killed leaves no half of one."""
    stream.write(text)
    stream.flush()


def as_csv(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as lines of CSV, with whatever is in a name between quotes."""
    lines = []
    for row in rows:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerow(row)  # else it quotes no \r in a name
        lines.append(text.getvalue().removesuffix("\r\n") + "\n")
    return "".join(lines)


def _fields(candidate: Candidate) -> dict[str, str | float]:
    label = candidate.label
    return {
        "id": label.id,
        "name": label.name,
        "scientific_name": label.scientific_name,
        "probability": round(candidate.probability, 6),
    }


def _cell(field: str | float) -> str | float:
    """Write a class's name so that every file and terminal can have it: it may be a stranger's."""
    if not isinstance(field, str):
        return field
    return str(no_formula(one_line(field).encode("utf-8", "backslashreplace").decode()))


def _number(novelty: float | None) -> float | None:
    return round(novelty, 6) if novelty is not None and math.isfinite(novelty) else None


def _fields_of(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return {
        "kind": verdict.kind.value,
        "promise": verdict.promise,
        "ids": [member.label.id for member in verdict.members],
        "group": verdict.group or None,
        "doubt": verdict.doubt or None,
        "text": verdict.sentence,
    }


def one_line(text: str) -> str:
    """Write line ends and other control characters as blanks: file names and labels may hold them.

    A terminal would obey them.
    """
    return _CONTROL.sub(" ", text)
