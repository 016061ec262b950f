"""The form in which the terminal gives answers to people; for programs see core/writers.py."""

from __future__ import annotations

import re
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from florapp.core.prediction import Answer

_BAR = 24  # characters of a full bar
_EIGHTHS = " ▏▎▍▌▋▊▉"
_CONTROL = re.compile(r"[\0-\x1f\x7f-\x9f\u2028\u2029]+")


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


def bar(probability: float) -> str:
    """Draw ``probability`` (0 to 1) as a bar of block characters, to an eighth of one."""
    eighths = round(probability * _BAR * 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def one_line(text: str) -> str:
    """Write line ends and other control characters, which file names may hold, as blanks."""
    return _CONTROL.sub(" ", text)
