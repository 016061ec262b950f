"""The file of proposed exclusions: written by ``check``, edited by hand, honoured by ``fit``."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from florapp.core.errors import DataError
from training.config import Recipe
from training.dataset import Dataset, name_of
from training.doctor.findings import Finding
from training.files import write_whole

COLUMNS = ("path", "reason", "detail")


def write_proposals(path: Path, findings: Iterable[Finding]) -> int:
    """Write a line for each photograph proposed for exclusion; return how many.

    One line each, whatever number of reasons there are: to keep a photograph is to delete a line.
    """
    by_path: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.proposed:
            by_path[finding.path].append(finding)
    rows = [
        (name, "; ".join(f.kind.value for f in found), " ".join(map(_in_words, found)))
        for name, found in sorted(by_path.items())
    ]
    write_whole(path, lambda part: _write(part, rows))
    return len(rows)


def excluding(recipe: Recipe, path: Path, dataset: Dataset) -> Recipe:
    """Return ``recipe`` without the photographs listed in the file ``path``.

    The recipe remembers them, so that export, evaluate and calibrate find the same photographs.
    Raises DataError as :func:`read_exclusions`.
    """
    already = recipe.data.exclude
    listed = {*already, *read_exclusions(path, dataset, [*already, *recipe.data.twins])}
    return replace(recipe, data=replace(recipe.data, exclude=sorted(listed)))


def read_exclusions(path: Path, dataset: Dataset, already: Sequence[str] = ()) -> list[str]:
    """Return the paths, below the data, of the photographs to leave out.

    Only the column ``path`` is read. Raises DataError for a file that has none, and for a path
    that is neither among the photographs of ``dataset`` nor left out ``already``.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            table = csv.DictReader(file)
            if "path" not in (table.fieldnames or ()):
                raise DataError(
                    f"{path} has no column 'path' in its first line. Give a file that "
                    "'python -m training check --csv' wrote, with commas between its columns."
                )
            listed = [(table.line_num, row["path"]) for row in table if row["path"]]
    except OSError as error:
        raise DataError(f"The exclusions {path} cannot be read: {error.strerror}.") from error
    except csv.Error as error:
        raise DataError(f"The exclusions {path} are not a CSV file: {error}.") from error
    check_there([(f"Line {line} of {path}", name) for line, name in listed], dataset, already)
    return sorted({name for _, name in listed})


def check_there(
    excluded: Iterable[tuple[str, str]], dataset: Dataset, already: Sequence[str] = ()
) -> None:
    """Raise DataError where of ``excluded``, (who, path), a path is not among the photographs."""
    there = set(already) | {name_of(photo.path, dataset.root) for photo in dataset.photos}
    for who, name in excluded:
        if name not in there:
            raise DataError(
                f"{who} excludes {name}, which is not among the photographs in {dataset.root}. "
                "Was it written for another folder, or the photograph moved?"
            )


def _in_words(finding: Finding) -> str:
    compare = f" Compare {finding.partner}." if finding.partner else ""
    return finding.detail + compare


def _write(path: Path, rows: Iterable[tuple[str, str, str]]) -> None:
    # Names of files that are not in the system's encoding come back as they were.
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
