"""``python -m training check DATA``: what is wrong with the photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.options import RecipeOption, WeightsOption, folder_of


def check(
    data: Annotated[
        Path, typer.Argument(help="Folder of the labelled photographs.", callback=folder_of)
    ],
    *,
    recipe: RecipeOption = None,
    html: Annotated[Path | None, typer.Option(help="Page to write for a person to read.")] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Proposed exclusions to write, for fit --exclude.")
    ] = None,
    weights: WeightsOption = None,
    no_features: Annotated[
        bool, typer.Option("--no-features", help="Do without the network: no labels in doubt.")
    ] = False,
) -> None:
    """Look for what is wrong with the photographs before training; none is touched."""
    from training.config import Recipe, load_recipe
    from training.dataset import find
    from training.doctor.checkup import check_up, in_lines
    from training.doctor.proposals import write_proposals
    from training.features import Weights
    from training.overlooked import check_files

    chosen = load_recipe(recipe) if recipe else Recipe()
    check_files(data, chosen.data, html, csv)
    start: Weights = weights or "imagenet"
    found = check_up(find(data, chosen.data), chosen, None if no_features else start)
    in_lines(found, typer.echo)
    if csv:
        count = write_proposals(csv, found.findings)
        photographs = "photograph" if count == 1 else "photographs"
        typer.echo(f"written: {csv}, {count} {photographs} to leave out with fit --exclude")
    if html:
        from training.doctor.page import write_page

        write_page(html, found, csv)
        typer.echo(f"written: {html}")
