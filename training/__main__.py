"""The workshop's commands: ``python -m training fit|evaluate|export|calibrate``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

# Before TensorFlow is imported. oneDNN's kernels are off by default on processors without AVX-512,
# where a training step is 1.3 (224 px) to 2.2 (128 px) times as fast with them.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from florapp.core.errors import DataError, FlorAppError

if TYPE_CHECKING:
    from florapp.core.model_file import Card
    from training.dataset import Photo

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

DataOption = Annotated[Path, typer.Option(help="Folder of the labelled photographs.")]
RunArgument = Annotated[Path, typer.Argument(help="Folder of a training run.")]
FileArgument = Annotated[Path, typer.Argument(help="Model file, .onnx.")]


@app.callback()
def _commands() -> None:
    """FlorApp's workshop: from labelled photographs to the model file that the program loads."""


@app.command()
def fit(
    data: DataOption,
    out: Annotated[Path, typer.Option(help="Folder of the run; an unfinished one is continued.")],
    recipe: Annotated[Path | None, typer.Option(help="TOML file; without it the defaults.")] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Starting weights; without it Keras' ImageNet weights.")
    ] = None,
) -> None:
    """Fine-tune a network on labelled photographs, in two phases."""
    from training.config import Recipe, load_recipe
    from training.dataset import find, opened
    from training.fit import fit as run_fit
    from training.labels import read_labels
    from training.progress import say
    from training.run import check

    chosen = load_recipe(recipe) if recipe else Recipe()
    dataset = find(data, chosen.data)
    table = recipe.parent / chosen.data.labels if recipe and chosen.data.labels else None
    labels = read_labels(table, dataset.classes)
    check(out, chosen, dataset, weights or "imagenet")
    say("opening the photographs")  # minutes: all else that can be wrong was looked at before
    run_fit(chosen, labels, opened(dataset, say), weights or "imagenet", out)


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument(help="Folder of a run, or a model file.")],
    data: DataOption,
    source: Annotated[
        str, typer.Option(help="Only this source of the recipe, such as flowers5.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="JSON file for the figures.")] = None,
) -> None:
    """Measure top-1, top-5, precision, recall and F1 on held-back photographs."""
    from florapp.core.network import Network
    from training.dataset import held_out, readable
    from training.evaluate import probabilities_of_file, probabilities_of_run, write_figures
    from training.measure import figures, in_lines
    from training.progress import say
    from training.run import load

    if model.is_dir():
        run = load(model)
        fingerprint = run.facts["fingerprint"]
        what, photos = held_out(data, run.recipe.data, run.classes, fingerprint, source)
        say(what)
        truth, probabilities = probabilities_of_run(run, readable(photos, say))
    else:
        network = Network(model)
        what, photos = _held_out(network.card, data, source)
        say(what)
        truth, probabilities = probabilities_of_file(network, photos)
    found = figures(truth, probabilities)
    typer.echo(f"{model}: {len(truth)} photographs of {len(set(truth))} classes")
    in_lines(found, typer.echo)
    part = f"-{source.replace('/', '_')}" if source else ""
    run_file, other = model / f"evaluation{part}.json", Path(f"{model.stem}{part}.evaluation.json")
    write_figures(
        out or (run_file if model.is_dir() else other),
        {"model": model.name, "photographs": len(truth), "classes": len(set(truth))},
        found,
    )


@app.command()
def export(
    run: RunArgument,
    out: Annotated[Path, typer.Option(help="FILE.onnx: FILE-fp32.onnx and FILE-int8.onnx.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder of the photographs, if it moved since the training.")
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
    from training.progress import say
    from training.run import load

    loaded = load(run)
    folder = data or loaded.facts.get("folder")
    if folder is None:
        raise DataError(f"{run} does not say where its photographs are. Pass them with --data.")
    dataset = find(Path(folder), loaded.recipe.data)
    if dataset.fingerprint != loaded.facts["fingerprint"]:
        raise DataError(f"{folder} holds other photographs than the run was trained with.")
    model = loaded.recipe.model
    run_export(loaded, opened(dataset, say), out, Geometry(size or model.size, model.fit))


@app.command()
def calibrate(
    file: FileArgument,
    data: DataOption,
    strangers: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of photographs of other things, to measure with; repeatable."),
    ] = None,
) -> None:
    """Learn on validation photographs how far to believe the file, by running the file itself."""
    from florapp.core.folders import pictures_under
    from florapp.core.measured import measured
    from florapp.core.network import Network
    from florapp.core.report import lines
    from training.calibrate import calibrate as run_calibrate
    from training.dataset import Photo, readable
    from training.progress import say

    card = Network(file).card
    what, photos = _held_out(card, data)
    say(what)
    train = _trained_on(card, data)
    if not train:
        say("not exactly what it was trained with: nothing new is learnt about strange pictures")
    others: dict[str, tuple[Photo, ...]] = {}
    for folder in strangers or ():
        if folder.name in others:
            raise DataError(f"Two folders of strangers are called {folder.name}. Rename one.")
        others[folder.name] = tuple(Photo(path, 0) for path in pictures_under(folder))
        if not others[folder.name]:
            raise DataError(f"There is no picture in {folder}.")
    card = run_calibrate(
        file,
        readable(photos, say),
        train=readable(train, say) if train else (),
        strangers={name: readable(them, say) for name, them in others.items()},
    )
    for line in lines(measured(card)):
        typer.echo(line)
    typer.echo(f"written: {file}, fitted on {card.figures['photographs']} photographs")


def _held_out(card: Card, data: Path, source: str = "") -> tuple[str, tuple[Photo, ...]]:
    from training.config import data_from
    from training.dataset import held_out

    classes, fingerprint = [label.id for label in card.labels], card.data.get("fingerprint", "")
    return held_out(data, data_from(card.recipe), classes, fingerprint, source)


def _trained_on(card: Card, data: Path) -> tuple[Photo, ...]:
    """The photographs that the model was trained with, if ``data`` holds them."""
    from training.config import data_from
    from training.dataset import same

    found = same(data, data_from(card.recipe), card.data.get("fingerprint", ""))
    return found.train if found is not None else ()


def main() -> int:
    """Run a command; an error of the data or of the disk is one sentence and exit status 1."""
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
