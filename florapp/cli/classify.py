"""``florapp classify PATH...``: name the flowers in pictures and folders."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from florapp.cli.progress import ProgressBar
from florapp.cli.writers import TableWriter
from florapp.core.writers import CsvWriter, JsonWriter, Writer, one_line


def classify(
    paths: Annotated[list[str], typer.Argument(help="Pictures, and folders to search for them.")],
    *,
    top: Annotated[int, typer.Option(min=1, help="How many classes to give.")] = 5,
    json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Comma-separated values.")] = False,
    resume: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            help="CSV file to write the answers to. One that was stopped goes on where it was; "
            "give the same model and promise again.",
        ),
    ] = None,
    promise: Annotated[
        float,
        typer.Option(
            min=50, max=99.9, help="In how many of 100 pictures the right one is to be named."
        ),
    ] = 95.0,
    model: Annotated[Path | None, typer.Option(help="Another model file (.onnx).")] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            help="Threads that read, and as many that compute; without it, one per core.",
        ),
    ] = None,
) -> None:
    """Name the flower in each picture. The answers go to stdout and everything else to stderr."""
    if json and (csv or resume):
        raise typer.BadParameter("--json and --csv, or --resume, exclude each other")
    if "" in paths:
        raise typer.BadParameter("an empty path names no picture")
    from florapp.cli.resume import not_yet, resumed
    from florapp.core.allocator import keep_little
    from florapp.core.folders import patiently, sources_in
    from florapp.core.network import Network
    from florapp.core.paths import shipped_model
    from florapp.core.pipeline import classify as answers
    from florapp.core.pipeline import in_order
    from florapp.core.prediction import Failure
    from florapp.core.verdict import promises

    keep_little()
    network = Network(model or shipped_model(), threads)
    if network.remark:
        print(one_line(network.remark), file=sys.stderr)
    if (most := max(promises(network.card.calibration), default=1.0)) < promise / 100:
        print(f"This model can promise {100 * most:g} of 100 at most.", file=sys.stderr)
    writer: Writer
    answered, ends = Counter[str](), ExitStack()
    if resume:
        stream, answered = resumed(resume, min(top, len(network.card.labels)))
        ends.enter_context(stream)
        if count := answered.total():
            print(f"{resume} has {count} answers; going on with the rest.", file=sys.stderr)
        writer = CsvWriter(stream, top, promise / 100, begun=True)
    else:
        kind = JsonWriter if json else CsvWriter if csv else TableWriter
        writer = kind(sys.stdout, top, promise / 100)
    failed = False

    def pictures() -> int:
        return sum(1 for _ in not_yet(sources_in(paths), answered))

    with ends, ProgressBar(pictures) as bar:
        for result in in_order(answers(network, not_yet(patiently(paths), answered))):
            bar.done()
            with bar.aside():
                if isinstance(result, Failure):
                    failed = True
                    line = one_line(f"{result.source.name}: {result.reason}")
                    print(line, file=sys.stderr, flush=True)
                else:
                    writer.write(result)
    if failed:
        raise typer.Exit(1)
