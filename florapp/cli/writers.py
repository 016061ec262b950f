"""The form in which the terminal gives answers to people; for programs see core/writers.py."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from florapp.core.prediction import Answer
from florapp.core.verdict import Verdict, judge
from florapp.core.writers import one_line

_BAR = 24  # characters of a full bar
_WIDE = 64  # characters of a line with room for bars: the names come first
_EIGHTHS = " ▏▎▍▌▋▊▉"


class TableWriter:
    """For people: a small table with bars for each picture."""

    def __init__(self, stream: TextIO, top: int, promise: float) -> None:
        self._console = Console(file=stream, highlight=False)
        self._top, self._promise = top, promise

    def write(self, answer: Answer) -> None:
        """Write the picture's name, what to believe, and the most probable classes."""
        self._console.print(Text(one_line(answer.source.name), "bold"), soft_wrap=True)
        verdict = judge(answer, self._promise)
        self._console.print(_in_words(verdict), soft_wrap=True)
        if verdict is not None and verdict.doubt == "flaw":
            self._console.print()
            return
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(justify="right", no_wrap=True)
        bars = self._console.width >= _WIDE
        if bars:
            table.add_column(no_wrap=True, width=_BAR)
        table.add_column(overflow="fold")
        table.add_column(style="italic", overflow="fold")
        for candidate in answer.top(self._top):
            table.add_row(
                f"{candidate.probability:7.1%}",
                *([Text(bar(candidate.probability), "green")] if bars else []),
                Text(one_line(candidate.label.name)),
                Text(one_line(candidate.label.scientific_name)),
            )
        self._console.print(table)
        self._console.print()


def _in_words(verdict: Verdict | None) -> Text:
    if verdict is None:
        return Text("This model is not calibrated: its probabilities are a guess.", "dim")
    return Text(one_line(verdict.sentence))


def bar(probability: float) -> str:
    """Draw ``probability`` (0 to 1) as a bar of block characters, to an eighth of one."""
    eighths = round(probability * _BAR * 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()
