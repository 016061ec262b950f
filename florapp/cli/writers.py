"""The three forms in which the terminal gives answers: for people, and for programs."""

from __future__ import annotations

import csv
import json
import re
from typing import Protocol, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from florapp.core.prediction import Answer, Candidate

_BAR = 24  # characters of a full bar
_EIGHTHS = " ▏▎▍▌▋▊▉"
_CONTROL = re.compile(r"[\0-\x1f\x7f-\x9f\u2028\u2029]+")


class Writer(Protocol):
    """Writes answers to a stream, as they come."""

    def write(self, answer: Answer) -> None:
        """Write one answer."""


class TableWriter:
    """For people: a small table with bars for each picture."""

    def __init__(self, stream: TextIO, top: int) -> None:
        self._console = Console(file=stream, highlight=False)
        self._top = top

    def write(self, answer: Answer) -> None:
        """Write the picture's name and its most probable classes."""
        self._console.print(Text(one_line(answer.source.name), "bold"), soft_wrap=True)
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True, width=_BAR)
        table.add_column(overflow="fold")
        table.add_column(style="italic", overflow="fold")
        for candidate in answer.top(self._top):
            table.add_row(
                f"{candidate.probability:7.1%}",
                Text(bar(candidate.probability), "green"),
                Text(candidate.label.name),
                Text(candidate.label.scientific_name),
            )
        self._console.print(table)
        self._console.print()


class JsonWriter:
    """For programs: one JSON object a line."""

    def __init__(self, stream: TextIO, top: int) -> None:
        self._stream, self._top = stream, top

    def write(self, answer: Answer) -> None:
        """Write ``path`` and ``predictions``, best first."""
        line = {
            "path": answer.source.name,
            "predictions": [_fields(candidate) for candidate in answer.top(self._top)],
        }
        print(json.dumps(line, ensure_ascii=False), file=self._stream, flush=True)


class CsvWriter:
    """For spreadsheets: a line for each picture and class, the best class first."""

    def __init__(self, stream: TextIO, top: int) -> None:
        self._writer, self._top = csv.writer(stream, lineterminator="\n"), top
        self._writer.writerow(["path", "rank", "id", "name", "scientific_name", "probability"])

    def write(self, answer: Answer) -> None:
        """Write the picture's most probable classes, one a line."""
        for rank, candidate in enumerate(answer.top(self._top), 1):
            self._writer.writerow([answer.source.name, rank, *_fields(candidate).values()])


def bar(probability: float) -> str:
    """Draw ``probability`` (0 to 1) as a bar of block characters, to an eighth of one."""
    eighths = round(probability * _BAR * 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def one_line(text: str) -> str:
    """Write line ends and other control characters, which file names may hold, as blanks."""
    return _CONTROL.sub(" ", text)


def _fields(candidate: Candidate) -> dict[str, str | float]:
    label = candidate.label
    return {
        "id": label.id,
        "name": label.name,
        "scientific_name": label.scientific_name,
        "probability": round(candidate.probability, 6),
    }
