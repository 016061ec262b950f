"""The two forms in which answers are written for other programs."""

from __future__ import annotations

import csv
import json
from typing import Protocol, TextIO

from florapp.core.prediction import Answer, Candidate


class Writer(Protocol):
    """Writes answers to a stream, as they come."""

    def write(self, answer: Answer) -> None:
        """Write one answer."""


class JsonWriter:
    """For programs: one JSON object a line."""

    def __init__(self, stream: TextIO, top: int) -> None:
        self._stream, self._top = stream, top

    def write(self, answer: Answer) -> None:
        """Write ``path`` and ``predictions``, best first."""
        line = {
            "path": answer.source.name,
            "predictions": [_fields(candidate) for candidate in answer.top(self._top)],
        }
        print(json.dumps(line, ensure_ascii=False), file=self._stream, flush=True)


class CsvWriter:
    """For spreadsheets: a line for each picture and class, the best class first."""

    def __init__(self, stream: TextIO, top: int) -> None:
        self._writer, self._top = csv.writer(stream, lineterminator="\n"), top
        self._writer.writerow(["path", "rank", "id", "name", "scientific_name", "probability"])

    def write(self, answer: Answer) -> None:
        """Write the picture's most probable classes, one a line."""
        for rank, candidate in enumerate(answer.top(self._top), 1):
            self._writer.writerow([answer.source.name, rank, *_fields(candidate).values()])


def _fields(candidate: Candidate) -> dict[str, str | float]:
    label = candidate.label
    return {
        "id": label.id,
        "name": label.name,
        "scientific_name": label.scientific_name,
        "probability": round(candidate.probability, 6),
    }
