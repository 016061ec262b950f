"""``python -m training calibrate MODEL.onnx --data DATA``: how far to believe it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from florapp.core.errors import DataError
from training.cli.options import DataOption


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
