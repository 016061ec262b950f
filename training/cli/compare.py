"""``python -m training compare A B --data DATA``: which of two is better."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from florapp.core.errors import DataError
from training.cli.options import DataOption


def compare(
    a: Annotated[Path, typer.Argument(help="Folder of a run, or a model file.")],
    b: Annotated[Path, typer.Argument(help="Another one.")],
    data: DataOption,
    html: Annotated[
        Path | None, typer.Option(help="Page to write; the figures go beside it, as JSON.")
    ] = None,
) -> None:
    """Say which of two is better, by what they answer to the same held-back photographs."""
    from training.compare import answered, write_comparison
    from training.compare import compare as run_compare
    from training.evaluate import opened
    from training.measure import in_lines, share
    from training.overlooked import check_files
    from training.progress import say

    if html and html.suffix.lower() == ".json":
        raise DataError(f"{html} would be overwritten by the figures. Let it end in .html.")
    subjects = opened(a), opened(b)
    for subject in subjects:
        check_files(data, subject.data, html)
    what, one, other = answered(*subjects, data)
    found = run_compare(one, other)
    say(f"{found.photographs} photographs: {what}")
    for letter, path, side in (("A", a, one), ("B", b, other)):
        typer.echo(f"{letter}: {path}")
        in_lines({"top1": share(int(side.right.sum()), found.photographs)}, typer.echo)
    in_lines({"B minus A": found.difference}, typer.echo)
    typer.echo(found.verdict)
    if html:
        from training.report.versus import write_versus

        write_versus(html, what, one, other)
        write_comparison(html.with_suffix(".json"), one, other)
        typer.echo(f"written: {html} and {html.with_suffix('.json')}")
