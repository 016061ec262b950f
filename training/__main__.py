"""The workshop's commands: check, fit, average, search, evaluate, compare, export, calibrate."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

# Before TensorFlow is imported. oneDNN's kernels are off by default on processors without AVX-512,
# where a training step is 1.3 (224 px) to 2.2 (128 px) times as fast with them.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from florapp.core.errors import DataError, FlorAppError
from training.options import (
    DataOption,
    ExcludeOption,
    RecipeOption,
    StartOption,
    WeightsOption,
    folder_of,
)

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def _commands() -> None:
    """FlorApp's workshop: from labelled photographs to the model file that the program loads."""


@app.command("check")
def check_data(
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


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
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
    if html and os.path.realpath(html) == os.path.realpath(written):
        raise DataError(f"{html} cannot hold both the page and the figures. Give it another name.")
    check_files(data, subject.data, out, html)
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


@app.command()
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


@app.command()
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


@app.command()
def calibrate(
    file: Annotated[Path, typer.Argument(help="Model file, .onnx.", dir_okay=False)],
    data: DataOption,
    strangers: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of photographs of other things, to measure with; repeatable."),
    ] = None,
) -> None:
    """Learn on validation photographs how far to believe the file, by running the file itself."""
    from florapp.core.folders import pictures_under
    from florapp.core.measured import measured
    from florapp.core.report import lines
    from training.calibrate import calibrate as run_calibrate
    from training.dataset import Photo, readable
    from training.evaluate import opened
    from training.held_out import same
    from training.progress import say

    subject = opened(file)
    what, photos = subject.held_out(data, to_choose=True)
    say(what)
    known = same(data, subject.data, subject.fingerprint)
    train = known.train if known else ()
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


def main() -> int:
    """Run a command; an error of the data or of the disk is one sentence and exit status 1."""
    for stream in (sys.stdout, sys.stderr):  # a name may hold what the terminal cannot show
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
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
