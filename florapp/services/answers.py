"""The strip's answers as text for the clipboard, and as a file for other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from florapp.core.prediction import Answer, Failure
from florapp.core.writers import JsonWriter
from florapp.services.files import write_whole
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


def save_answers(entries: Iterable[Entry], path: Path) -> None:
    """Write every answer, and why there is none; what still waits is left out.

    Where ``path`` ends in .json this is a JSON array, in .jsonl a JSON object a line, else CSV, as
    ``florapp classify`` prints them, with an ``error`` for what failed. Raises OSError; the file is
    whole or not there.
    """
    records = [_record(result) for entry in entries if (result := entry.result) is not None]
    kind = path.suffix.lower()
    if kind == ".json":
        text = json.dumps(records, ensure_ascii=False, indent=1) + "\n"
    elif kind == ".jsonl":
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    else:
        text = _table(records)
    # A file's name may hold bytes that are no UTF-8.
    write_whole(path, text.encode("utf-8", errors="backslashreplace"))


def _record(result: Answer | Failure) -> dict[str, Any]:
    if isinstance(result, Failure):
        return {"path": result.source.name, "error": result.reason}
    line = io.StringIO()
    JsonWriter(line, TOP).write(result)
    record: dict[str, Any] = json.loads(line.getvalue())
    return record


def _table(records: Iterable[dict[str, Any]]) -> str:
    """A line for each picture and class; a picture that failed has one, with its ``error``."""
    text = io.StringIO(newline="")
    columns = ["path", "rank", "id", "name", "scientific_name", "probability", "error"]
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for record in records:
        if "error" in record:
            writer.writerow(record)
        for rank, fields in enumerate(record.get("predictions", ()), 1):
            writer.writerow({"path": record["path"], "rank": rank, **fields})
    return text.getvalue()
