"""The progress bar on stderr: only on a terminal, and only when there is much to do."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_MUCH = 10  # pictures


class ProgressBar:
    """Counts the pictures answered; shows itself on a terminal where there are more than ten.

    How many there are, ``count`` finds out meanwhile: a large folder, or one that lies far away, is
    not to be listed to its end before its first picture is answered.
    """

    def __init__(self, count: Callable[[], int]) -> None:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        # Not by console.is_terminal: FORCE_COLOR would have the bar in files.
        self._on_terminal = sys.stderr.isatty() and not console.is_dumb_terminal
        self._done, self._total = 0, 0
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,
        )
        self._task = self._bar.add_task("Pictures", total=None)
        if self._on_terminal:
            threading.Thread(target=self._count, args=(count,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar.live.is_started:  # a bar never shown would still end its line
            try:
                self._bar.stop()
            except IndexError:  # it was interrupted while it began
                self._bar.console.show_cursor()

    def done(self) -> None:
        """Count one more picture as answered."""
        self._done += 1
        if self._on_terminal:
            self._bar.update(self._task, completed=self._done, total=self._total or None)
            if max(self._done, self._total) > _MUCH and not self._bar.live.is_started:
                self._bar.start()

    def _count(self, count: Callable[[], int]) -> None:
        self._total = count()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away while something else is written to the same terminal."""
        shown = self._bar.live.is_started
        if shown:
            self._bar.stop()
        yield
        if shown:
            self._bar.start()
