"""``florapp models show``: the card of a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def show(
    file: Annotated[
        Path | None, typer.Argument(help="Model file; without it the shipped one.")
    ] = None,
) -> None:
    """Print what a model says of itself: classes, figures, comparison with Keras, licence."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from florapp.core.network import Network
    from florapp.core.paths import shipped_model

    path = file or shipped_model()
    card = Network(path).card
    console = Console(highlight=False)
    console.print(Text(card.title, "bold"))
    facts = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in (
        ("File", f"{path} ({path.stat().st_size / 1e6:.1f} MB, {card.precision})"),
        ("Classes", str(len(card.labels))),
        ("Looks at", f"{card.geometry.size} x {card.geometry.size} pixels, {card.geometry.fit}"),
        ("Temperature", f"{card.temperature:.4f}"),
        *((f"Held-out {name}", _figure(name, value)) for name, value in card.figures.items()),
        *((f"Against Keras: {name}", _figure(name, v)) for name, v in card.comparison.items()),
        ("Recipe", str(card.recipe.get("name", ""))),
        *((f"Data {name}", _figure(name, value)) for name, value in card.data.items()),
        ("Provenance", card.provenance),
        ("Licence", card.licence),
    ):
        facts.add_row(name.replace("_", " "), Text(value))
    console.print(facts)
    console.print()
    labels = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("Class", "Scientific name", "Rank", "Family"):
        labels.add_column(column, overflow="fold")
    for label in card.labels:
        labels.add_row(label.name, Text(label.scientific_name, "italic"), label.rank, label.family)
    console.print(labels)


def _figure(name: str, value: object) -> str:
    if isinstance(value, dict) and all(
        isinstance(value.get(k), int | float) for k in ("value", "low", "high")
    ):
        return f"{value['value']:.2%} (95 % interval {value['low']:.2%} to {value['high']:.2%})"
    if isinstance(value, float) and name.startswith(("top1", "ece")):
        return f"{value:.2%}"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    return str(value)
