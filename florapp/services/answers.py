"""The strip's answers as text for the clipboard, and as a file for other programs."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from florapp.core.prediction import Answer
from florapp.core.writers import CsvWriter, JsonWriter
from florapp.services.pictures import Entry

TOP = 5  # classes a picture


def as_text(entries: Iterable[Entry]) -> str:
    """A line for each picture with an answer: name, class, scientific name, per cent (tabs)."""
    lines = []
    for entry in entries:
        if isinstance(entry.result, Answer):
            best = entry.result.best
            label = best.label
            lines.append(
                f"{entry.name}\t{label.name}\t{label.scientific_name}\t{best.probability:.1%}"
            )
    return "\n".join(lines)


def save_answers(results: Iterable[Answer], path: Path) -> None:
    """Write the answers as JSON lines where ``path`` ends in .json or .jsonl, else as CSV.

    They look as ``florapp classify`` prints them. Raises OSError; the file is whole or not there.
    """
    text = io.StringIO(newline="")
    kind = JsonWriter if path.suffix.lower() in (".json", ".jsonl") else CsvWriter
    writer = kind(text, TOP)
    for result in results:
        writer.write(result)
    handle, part = tempfile.mkstemp(prefix=".florapp-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text.getvalue())
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
