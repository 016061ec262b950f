"""The strip's answers as text for the clipboard, and as a file for other programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from florapp.core.conformal import PROMISE
from florapp.core.prediction import Answer, Failure
from florapp.core.verdict import judge
from florapp.core.writers import COLUMNS, as_csv, as_record, no_formula, one_line
from florapp.services.files import write_whole
from florapp.services.pictures import Entry
from florapp.services.words import percent, same_plant, told

TOP = 5  # classes a picture


def as_text(entries: Iterable[Entry], promise: float = PROMISE) -> str:
    """A line for each picture with an answer, in columns between tabs.

    Name, class, scientific name, per cent as in the window, and the verdict where the model has one
    to give. The three in the middle are empty where the picture's flaw lets nothing be named. Each
    has its own answer; those of one plant say so at the end.
    """
    lines = []
    for entry in entries:
        if isinstance(entry.result, Answer):
            best, verdict = entry.result.best, judge(entry.result, promise)
            label = best.label
            named = [label.name, label.scientific_name, percent(best.probability)]
            line = [entry.name, *(["", "", ""] if entry.result.flaw and verdict else named)]
            line += [told(verdict.sentence)] if verdict else []
            line += [same_plant(entry.others)] if entry.plant else []
            lines.append("\t".join(no_formula(one_line(cell)) for cell in line))
    return "\n".join(lines)


def save_answers(entries: Iterable[Entry], path: Path, promise: float = PROMISE) -> None:
    """Write every answer, and why there is none; what still waits is left out.

    Where ``path`` ends in .json this is a JSON array, in .jsonl a JSON object a line, else CSV, as
    ``florapp classify`` prints them, with an ``error`` for what failed. Each picture has its own
    answer; those of one plant have the same number as their ``plant``. Raises OSError; the file is
    whole or not there.
    """
    plants: dict[tuple[Entry, ...], int] = {}
    records = []
    for entry in entries:
        if entry.result is not None:
            records.append(_record(entry.result, promise))
            if entry.plant:
                records[-1]["plant"] = plants.setdefault(entry.plant, len(plants) + 1)
    kind = path.suffix.lower()
    if kind == ".json":
        text = json.dumps(records, ensure_ascii=False, indent=1) + "\n"
    elif kind == ".jsonl":
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    else:
        text = _table(records)
    # A file's name may hold bytes that are no UTF-8.
    write_whole(path, text.encode("utf-8", errors="backslashreplace"))


def _record(result: Answer | Failure, promise: float) -> dict[str, Any]:
    if isinstance(result, Failure):
        return {"path": result.source.name, "error": result.reason}
    return as_record(result, TOP, promise)


def _table(records: Iterable[dict[str, Any]]) -> str:
    """A line for each picture and class; a picture that failed has one, with its ``error``.

    There is a column for plants only where pictures were taken for one.
    """
    records = list(records)
    columns = [*COLUMNS, "error"]
    if any("plant" in record for record in records):
        columns.append("plant")
    rows: list[dict[str, Any]] = []
    for record in records:
        common = {key: value for key, value in record.items() if key in columns}
        common["verdict"] = (record.get("verdict") or {}).get("kind", "")
        for rank, fields in enumerate(record.get("predictions", ()), 1):
            rows.append({"rank": rank, **common, **fields})
        if "error" in record:
            rows.append(common)
    return as_csv([columns, *([no_formula(row.get(name, "")) for name in columns] for row in rows)])
