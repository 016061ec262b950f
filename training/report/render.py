"""From a template to a page that opens offline: its style and its pictures are in it."""

from __future__ import annotations

import os
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from training.files import write_whole

_NO_BREAK = "\u00a0"


def write_page(path: Path, template: str, **values: Any) -> None:
    """Fill ``template`` of this folder with ``values`` and write it, whole, to ``path``."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": percent,
        "sure": sure,
        "photographs": photographs,
        "wrappable": wrappable,
    }
    made = f"FlorApp {version('florapp')}, {date.today():%d %B %Y}"
    text = environment.get_template(template).render(made=made, **values)
    text = os.fsencode(text).decode(errors="replace")  # it may hold names in no encoding
    write_whole(path, lambda part: part.write_text(text, encoding="utf-8"))


def percent(part: float) -> str:
    """Write a share of 0 to 1: "95.7 %"."""
    return f"{100 * part:.1f}{_NO_BREAK}%"


def sure(probability: float) -> str:
    """Write a probability; none that is not 0 or 1 looks as if it were."""
    if 0 < probability < 0.0005:
        return f"under 0.1{_NO_BREAK}%"
    if 0.9995 <= probability < 1:
        return f"over 99.9{_NO_BREAK}%"
    return percent(probability)


def photographs(count: int) -> str:
    """Count photographs: "1 photograph", "3 photographs"."""
    return f"{count}{_NO_BREAK}photograph{'' if count == 1 else 's'}"


def wrappable(file: str) -> Markup:
    """Let a file name break where its parts end."""
    return Markup("/<wbr>").join(
        Markup("_<wbr>").join(folder.split("_")) for folder in file.split("/")
    )
