"""``python -m training search --recipe R --data DATA --out FOLDER``: find a better recipe."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from florapp.core.errors import DataError
from training.cli.options import DataOption, ExcludeOption, WeightsOption


def search(
    *,
    data: DataOption,
    recipe: Annotated[Path, typer.Option(help="TOML file with a table \\[search].")],
    out: Annotated[Path, typer.Option(help="Folder of the search; one that is there goes on.")],
    trials: Annotated[int, typer.Option(min=1, help="How many in all.")] = 20,
    weights: WeightsOption = None,
    exclude: ExcludeOption = None,
    database: Annotated[
        str, typer.Option(help="Address of a database that several machines share.")
    ] = "",
    plot: Annotated[Path | None, typer.Option(help="Picture of the study to write, .png.")] = None,
) -> None:
    """Search for a better recipe; several processes may work on one study."""
    from training.config import load_recipe
    from training.overlooked import check_files, check_outside
    from training.prepare import check_start, listed_as, prepared, start_of
    from training.progress import say
    from training.report.study import PLOTS, write_plot
    from training.search import check_choices
    from training.search import search as run_search
    from training.space import check_space
    from training.studies import study_in

    chosen = load_recipe(recipe)
    check_space(chosen)
    check_outside(out, data, chosen.data)
    check_files(data, chosen.data, plot)
    if plot and plot.suffix.lower() not in PLOTS:
        raise DataError(f"{plot} has to end in one of {', '.join(PLOTS)}.")
    chosen, dataset, labels = listed_as(chosen, data, exclude, beside=recipe)
    if chosen.data.labels:  # the best recipe will lie in another folder
        table = os.path.relpath(recipe.parent / chosen.data.labels, out)
        chosen = replace(chosen, data=replace(chosen.data, labels=Path(table).as_posix()))
    start = start_of(chosen, weights)
    check_choices(chosen, len(dataset.classes))
    check_start(chosen, start)
    study_in(out, chosen.name, database)  # can it be used?
    say("opening the photographs")
    chosen, dataset = prepared(chosen, dataset, say)
    study = run_search(chosen, labels, dataset, start, out, trials=trials, database=database)
    if plot:
        write_plot(plot, study)
        typer.echo(f"written: {plot}")
