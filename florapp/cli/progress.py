"""The progress bar on stderr: only on a terminal, and only when there is much to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_MUCH = 10  # pictures


class ProgressBar:
    """Counts the pictures answered, out of ``total``; shows itself if they are more than ten."""

    def __init__(self, total: int) -> None:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._wanted = console.is_terminal and total > _MUCH
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,
        )
        self._task = self._bar.add_task("Pictures", total=total)

    def __enter__(self) -> Self:
        if self._wanted:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar.live.is_started:  # a bar never shown would still end its line
            self._bar.stop()

    def done(self) -> None:
        """Count one more picture as answered."""
        self._bar.advance(self._task)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away while something else is written to the same terminal."""
        shown = self._bar.live.is_started
        if shown:
            self._bar.stop()
        yield
        if shown:
            self._bar.start()
