"""``python -m training export RUN --out FILE.onnx``: a run as model files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from florapp.core.errors import DataError
from training.cli.options import folder_of


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a training run.")],
    out: Annotated[Path, typer.Option(help="FILE.onnx: FILE-fp32.onnx and FILE-int8.onnx.")],
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the photographs, if it moved since the training.", callback=folder_of
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(min=32, help="Side of the network's input in pixels; else the recipe's."),
    ] = None,
) -> None:
    """Write a run as model files, fp32 and int8, after comparing both with Keras."""
    os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever it trained on: tf2onnx reads only this
    from florapp.core.geometry import Geometry
    from training.dataset import find, opened
    from training.export import export as run_export
    from training.overlooked import check_files
    from training.progress import say
    from training.rules import check
    from training.run import load

    if out.suffix.lower() != ".onnx":
        raise DataError(f"{out} has to end in .onnx.")
    loaded = load(run)
    folder = data or loaded.facts.get("folder")
    if folder is None:
        raise DataError(f"{run} does not say where its photographs are. Pass them with --data.")
    check_files(Path(folder), loaded.recipe.data, out)
    dataset = find(Path(folder), loaded.recipe.data)
    if dataset.fingerprint != loaded.facts["fingerprint"]:
        raise DataError(f"{folder} holds other photographs than the run was trained with.")
    model = loaded.recipe.model
    if size and model.backbone != "cnn":  # of which export says that it has one size
        check(replace(loaded.recipe, model=replace(model, size=size)))
    run_export(loaded, opened(dataset, say), out, Geometry(size or model.size, model.fit))
