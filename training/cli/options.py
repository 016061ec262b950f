"""What several of the workshop's commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def folder_of(data: Path | None) -> Path | None:
    """Put the folder of a data set in the place of its name."""
    from training.named import data_folder

    return data_folder(data) if data else None


DataOption = Annotated[
    Path,
    typer.Option(
        help="Folder of the labelled photographs; or cifar10, mnist, fashion_mnist.",
        callback=folder_of,
    ),
]
RecipeOption = Annotated[Path | None, typer.Option(help="TOML file; without it the defaults.")]
WeightsOption = Annotated[
    Path | None,
    typer.Option(
        help="Starting weights, of Keras or a model file; without it Keras' ImageNet weights."
    ),
]
StartOption = Annotated[
    Path | None,
    typer.Option(
        help="Starting weights, of Keras or a model file, or the folder of another run whose "
        "network goes on learning; without it Keras' ImageNet weights."
    ),
]
ExcludeOption = Annotated[
    Path | None, typer.Option(help="CSV file of photographs to leave out, as check writes it.")
]
