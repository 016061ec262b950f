"""``python -m training fit --data DATA``: train a network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from training.cli.options import DataOption, ExcludeOption, RecipeOption, StartOption


def fit(
    *,
    data: DataOption,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the run, or runs/NAME, as that of the photographs is called; an "
            "unfinished one is continued."
        ),
    ] = None,
    recipe: RecipeOption = None,
    weights: StartOption = None,
    exclude: ExcludeOption = None,
    tensorboard: Annotated[
        Path | None, typer.Option(help="Folder for logs that TensorBoard shows.")
    ] = None,
) -> None:
    """Train a network on labelled photographs."""
    from training.config import Recipe, load_recipe, with_twins
    from training.dataset import opened
    from training.fit import fit as run_fit
    from training.labels import as_written
    from training.overlooked import check_outside
    from training.prepare import check_start, listed_as, prepared, start_of
    from training.progress import say
    from training.run import check, twins_of
    from training.watch import curves

    folder = Path(os.path.realpath(data)).name  # bears loops
    chosen = load_recipe(recipe) if recipe else Recipe(title=as_written(folder))
    if chosen.search:
        from training.space import check_space

        check_space(chosen)
    given = out
    out = given or Path("runs", folder)
    check_outside(out, data, chosen.data)
    if not given:
        say(f"the run is kept in {out}")
    if tensorboard:
        check_outside(tensorboard, data, chosen.data)
    twins = twins_of(out)  # None: the run begins
    chosen, dataset, labels = listed_as(
        with_twins(chosen, twins or []), data, exclude, beside=recipe
    )
    start = start_of(chosen, weights)
    check(out, chosen, dataset, start)
    if twins is None:
        check_start(chosen, start)
    with curves(tensorboard) as after_epoch:
        say("opening the photographs")  # minutes: all else that can be wrong was looked at before
        if twins is None:
            chosen, dataset = prepared(chosen, dataset, say)
        else:
            dataset = opened(dataset, say)
        run_fit(chosen, labels, dataset, start, out, after_epoch=after_epoch)
