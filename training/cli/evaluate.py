"""``python -m training evaluate RUN|MODEL.onnx --data DATA``: measure a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.options import DataOption


def evaluate(
    model: Annotated[Path, typer.Argument(help="Folder of a run, or a model file.")],
    data: DataOption,
    source: Annotated[
        str, typer.Option(help="Only this source of the recipe, such as flowers5.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="JSON file for the figures.")] = None,
    html: Annotated[Path | None, typer.Option(help="Page to write for a person to read.")] = None,
) -> None:
    """Measure top-1, top-5, precision, recall and F1 on held-back photographs."""
    from training.evaluate import opened, write_figures
    from training.measure import figures, in_lines
    from training.overlooked import check_files
    from training.progress import say

    subject = opened(model)
    part = f"-{source.replace('/', '_')}" if source else ""
    run_file, other = model / f"evaluation{part}.json", Path(f"{model.stem}{part}.evaluation.json")
    written = out or (run_file if model.is_dir() else other)
    check_files(data, subject.data, written, html)
    what, photos = subject.held_out(data, source)
    say(what)
    answers = subject.answer(photos)
    truth = answers.truth
    found = figures(truth, answers.probabilities)
    typer.echo(f"{model}: {len(truth)} photographs of {len(set(truth))} classes")
    in_lines(found, typer.echo)
    write_figures(written, subject, answers, found)
    if html:
        from training.report.page import write_report

        write_report(html, subject, what, answers, found)
        typer.echo(f"written: {html}")
