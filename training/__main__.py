"""``python -m training``: the workshop's commands, each in a file of training/cli."""

from __future__ import annotations

import io
import os
import sys

import typer

# Before TensorFlow is imported. oneDNN's kernels are off by default on processors without AVX-512,
# where a training step is 1.3 (224 px) to 2.2 (128 px) times as fast with them.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from florapp.core.errors import FlorAppError
from training.cli import average, calibrate, check, compare, evaluate, export, fit, search

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def _commands() -> None:
    """FlorApp's workshop: from labelled photographs to the model file that the program loads."""


for command in (
    *(check.check, fit.fit, average.average, search.search),
    *(evaluate.evaluate, compare.compare, export.export, calibrate.calibrate),
):
    app.command()(command)


def main() -> int:
    """Run a command; an error of the data or of the disk is one sentence and exit status 1."""
    for stream in (sys.stdout, sys.stderr):  # a name may hold what the terminal cannot show
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except FlorAppError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error.filename or 'A file'}: {error.strerror or error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
