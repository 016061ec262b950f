"""The progress bar on stderr: only on a terminal, and only when there is much to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Self, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_MUCH = 10  # pictures

T = TypeVar("T")


class ProgressBar:
    """Counts the pictures found and answered; shows itself once they are more than ten."""

    def __init__(self) -> None:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._wanted = console.is_terminal
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,
        )
        self._task = self._bar.add_task("Pictures", total=0)
        self._found = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar.live.is_started:  # a bar never shown would still end its line
            self._bar.stop()

    def seen(self, sources: Iterable[T]) -> Iterator[T]:
        """Pass ``sources`` on, counting them."""
        for source in sources:
            self._found += 1
            if self._wanted and self._found == _MUCH:
                self._bar.start()
            self._bar.update(self._task, total=self._found)
            yield source

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
