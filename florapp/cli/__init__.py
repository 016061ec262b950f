"""FlorApp in the terminal: one file a command. No Qt in here."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from florapp.cli import classify, models, selftest
from florapp.core.errors import FlorAppError
from florapp.core.writers import one_line


def _app() -> typer.Typer:
    app = typer.Typer(
        name="florapp",
        help=(
            "Names the flower in a photograph, on your own machine.\n\n"
            "Without a command the window opens: `florapp`, or `florapp PICTURE...` to see "
            "pictures and folders in it. The commands answer in the terminal."
        ),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback(invoke_without_command=True)
    def options(
        version: bool = typer.Option(False, "--version", help="Print the version and exit."),
    ) -> None:
        if version:
            from florapp import __version__

            typer.echo(f"florapp {__version__}")
            raise typer.Exit

    app.command("classify")(classify.classify)
    app.command("self-test")(selftest.self_test)
    sub = typer.Typer(help="What the models say of themselves.", no_args_is_help=True)
    sub.command("show")(models.show)
    app.add_typer(sub, name="models")
    return app


def run(arguments: Sequence[str]) -> int:
    """Run a command: 0 when all went well, 1 when something failed, 2 on wrong usage."""
    if os.environ.get("COLUMNS") == "0":  # not known: rich would print nothing at all
        del os.environ["COLUMNS"]
    if sys.__stderr__ is not None and sys.stderr is sys.__stderr__:
        heard: Any = _Unheard(sys.__stderr__.buffer)
        sys.stderr = io.TextIOWrapper(heard, write_through=True)
    if sys.stderr is None:  # closed, or a program without a terminal on Windows
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - until the end
    if sys.stdout is None:
        _complain("There is nowhere to write the answers to: the standard output is closed.")
        return 1
    for stream in (sys.stdout, sys.stderr):  # UTF-8 everywhere, and no file name is an error
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        status = _status(arguments)
        print(end="", flush=True)  # a full disk shows here and not after the end
        return status
    except FlorAppError as error:
        _complain(str(error))
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # whoever read the answers has enough
            where = f"{error.filename} cannot be read" if error.filename else "Writing fails"
            _complain(f"{where}: {error.strerror or error}.")
        with contextlib.suppress(OSError):  # else Python would try to write once more at its end
            sys.stdout.close()
    return 1


class _Unheard(io.RawIOBase):
    """The standard error, where nobody may be left to read it: that is no reason to end."""

    def __init__(self, buffer: Any) -> None:
        self._raw = getattr(buffer, "raw", buffer)  # a Windows console takes no UTF-8 by its number

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        with contextlib.suppress(OSError):
            self._raw.write(data)
        return len(data)


def _complain(sentence: str) -> None:
    print(one_line(f"florapp: {sentence}"), file=sys.stderr)


def _status(arguments: Sequence[str]) -> int:
    try:
        typer.main.get_command(_app()).main(list(arguments), "florapp")
    except SystemExit as end:  # typer's way to end, also on wrong usage, Ctrl-C and closed pipes
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
