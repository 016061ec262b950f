"""``python -m training average RUN RUN --out RUN``: the mean of several networks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def average(
    runs: Annotated[
        list[Path], typer.Argument(help="Folders of runs; all but the first may be files.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the run to write.")],
    share: Annotated[
        list[float] | None,
        typer.Option(help="One for each run, in order; without it all count alike."),
    ] = None,
) -> None:
    """Write the mean of several runs' networks: fine-tuned from the same one, often the better."""
    from training.average import average as run_average

    run_average(runs, share or [1.0] * len(runs), out)
    typer.echo(f"written: {out}")
