"""``florapp models show``: the card of a model."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from florapp.core.writers import one_line

if TYPE_CHECKING:
    from florapp.core.model_file import Card


def show(
    file: Annotated[
        Path | None, typer.Argument(help="Model file; without it the shipped one.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown, for a file.")] = False,
) -> None:
    """Print the model card: what a model is, what it is not for, how well it was measured to do."""
    from florapp.core.network import Network
    from florapp.core.paths import shipped_model

    path = file or shipped_model()
    card = Network(path).card
    if markdown:
        for line in _markdown(card):
            typer.echo(line)
    else:
        _print(card, path)


def _print(card: Card, path: Path) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from florapp.core.report import report

    def text(said: str, style: str = "") -> Text:
        return Text(one_line(said), style)

    console = Console(highlight=False)
    console.print(text(card.title, "bold"))
    console.print(text(f"{path} ({path.stat().st_size / 1e6:.1f} MB)", "dim"), soft_wrap=True)
    for section in report(card):
        console.print()
        console.print(text(section.title, "bold"))
        for sentence in section.says:
            console.print(Padding(text(sentence), (0, 0, 0, 2)))
        rows = Table(box=None, show_header=False, padding=(0, 0, 0, 2))
        rows.add_column(style="dim", max_width=32, overflow="fold")
        rows.add_column(overflow="fold")
        for name, value in section.rows:
            rows.add_row(text(name), text(value))
        if section.rows:
            console.print(rows)


def _markdown(card: Card) -> Iterator[str]:
    from florapp.core.report import report

    yield "<!-- Made by `florapp models show --markdown`: make it anew instead of editing it. -->"
    yield from ("", f"# {_plain(card.title)}")
    for section in report(card):
        yield from ("", f"## {_plain(section.title)}")
        for sentence in section.says:
            yield from ("", _plain(sentence))
        if section.rows:
            yield from ("", "| | |", "|---|---|")
        for name, value in section.rows:
            yield f"| {_plain(name)} | {_plain(value)} |"


def _plain(text: str) -> str:
    """Write ``text`` so that Markdown takes nothing in it for markup of a table or of HTML."""
    return escape(one_line(text), quote=False).replace("|", "\\|")
