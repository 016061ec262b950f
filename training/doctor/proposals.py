"""The file of proposed exclusions: written by ``check``, edited by hand, honoured by ``fit``."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from florapp.core.errors import DataError
from training.config import ANY_NAME, Recipe
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


def excluding(recipe: Recipe, path: Path, everything: Dataset) -> Recipe:
    """Return ``recipe`` without the photographs listed in the file ``path``.

    The recipe remembers them, so that export, evaluate and calibrate find the same photographs.
    Raises DataError as :func:`read_exclusions`.
    """
    listed = {*recipe.data.exclude, *read_exclusions(path, everything)}
    return replace(recipe, data=replace(recipe.data, exclude=sorted(listed)))


def read_exclusions(path: Path, everything: Dataset) -> list[str]:
    """Return the paths, below the data, of the photographs to leave out.

    Only the column ``path`` is read, as ``check`` wrote it or a spreadsheet saved it: separated by
    semicolons or tabs, in UTF-16 or Windows' western encoding, with other slashes or letters taken
    apart. What names a photograph in ``everything`` so is returned as that is called; whether all
    are there is not asked. Raises DataError for a file without such a column.
    """
    try:
        content = path.read_bytes()
        wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = content.decode("utf-16") if wide else content.decode("utf-8-sig", ANY_NAME)
        separator = max(",;\t", key=(text.splitlines() or [""])[0].count)
        table = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
        if "path" not in (table.fieldnames or ()):
            raise DataError(
                f"{path} has no column 'path' in its first line. Give a file that "
                "'python -m training check --csv' wrote."
            )
        listed = [row["path"] for row in table if row["path"]]
    except OSError as error:
        raise DataError(f"The exclusions {path} cannot be read: {error.strerror}.") from error
    except (csv.Error, UnicodeError) as error:
        raise DataError(f"The exclusions {path} are not a CSV file: {error}.") from error
    names = names_of(everything)
    alike = {_plain(name): name for name in names}
    found = set()
    for name in listed:
        western = name.encode(errors=ANY_NAME).decode("cp1252", errors="replace")
        spelt = (alike[plain] for plain in map(_plain, (name, western)) if plain in alike)
        found.add(name if name in names else next(spelt, name))
    return sorted(found)


def names_of(dataset: Dataset) -> set[str]:
    """Return what the photographs are called: their paths below the data."""
    return {name_of(photo.path, dataset.root) for photo in dataset.photos}


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _in_words(finding: Finding) -> str:
    compare = f" Compare {finding.partner}." if finding.partner else ""
    return finding.detail + compare


def _write(path: Path, rows: Iterable[tuple[str, str, str]]) -> None:
    # Names of files that are not in the system's encoding come back as they were.
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
