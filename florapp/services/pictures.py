"""The strip: every picture the user has added, with its thumbnail and its answer."""

from __future__ import annotations

import enum
import itertools
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from florapp.core.conformal import PROMISE
from florapp.core.prediction import Answer, Failure
from florapp.core.source import Source, Stamp
from florapp.core.verdict import judge
from florapp.services.untrusted import as_tip
from florapp.services.words import in_short, same_plant, told

AnyIndex = QModelIndex | QPersistentModelIndex

#: What ends a line, turns the letters after it round, or is no letter.
_UNFIT = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class State(enum.Enum):
    """Where a picture stands."""

    WAITING = enum.auto()
    ANSWERED = enum.auto()
    FAILED = enum.auto()


@dataclass(slots=True, eq=False)
class Entry:
    """A picture of the strip. ``key`` stays its own for ever, rows do not.

    ``plant`` are the pictures of the same plant, itself among them, in the order of the strip;
    nothing where it is the only one.
    """

    key: int
    source: Source
    written: Stamp = ()  # its file's, when it was read to be answered
    jpeg: bytes = b""  # its thumbnail, as it is kept
    result: Answer | Failure | None = None
    plant: tuple[Entry, ...] = field(default=(), repr=False)

    @property
    def state(self) -> State:
        """Where the picture stands."""
        if self.result is None:
            return State.WAITING
        return State.FAILED if isinstance(self.result, Failure) else State.ANSWERED

    @property
    def name(self) -> str:
        """The file's name without its folder, on one line and in the order of its letters."""
        return _UNFIT.sub("\ufffd", PurePath(self.source.name).name or self.source.name)

    @property
    def thumbnail(self) -> QImage:
        """The picture in small; null until it has been read."""
        from florapp.services.qimages import from_thumbnail  # here: numpy is there by now

        return from_thumbnail(self.jpeg) if self.jpeg else QImage()

    @property
    def others(self) -> list[str]:
        """The names of the other pictures of the same plant."""
        return [other.name for other in self.plant if other is not self]


class PictureList(QAbstractListModel):
    """The entries in the order in which they were added; the one place that holds them."""

    #: ``index.data(ENTRY)`` is the Entry itself.
    ENTRY = int(Qt.ItemDataRole.UserRole) + 1
    #: ``index.data(SHORT)`` is what to believe and its percentage, None without an answer.
    SHORT = int(Qt.ItemDataRole.UserRole) + 2

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []  # their keys rise: entries are only ever appended
        self._keys = itertools.count(1)
        self._states: Counter[State] = Counter()
        self.promise = PROMISE  # by which the answers are judged

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entry(index.row()) if index.isValid() else None
        if entry is None:
            return None
        known: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: entry.name,
            Qt.ItemDataRole.AccessibleTextRole: lambda: (
                f"{entry.name}: {', '.join(self._told(entry))}"
            ),
            Qt.ItemDataRole.ToolTipRole: lambda: as_tip(
                "\n".join([entry.source.name, *self._told(entry)])
            ),
            Qt.ItemDataRole.DecorationRole: lambda: entry.thumbnail,
            self.ENTRY: lambda: entry,
            self.SHORT: lambda: (
                self.in_short(entry.result) if isinstance(entry.result, Answer) else None
            ),
        }
        return known[role]() if role in known else None

    def in_words(self, entry: Entry) -> str:
        """Say in a few words what is known of a picture."""
        if isinstance(entry.result, Failure):
            return told(entry.result.reason)
        if entry.result is None:
            return self.tr("waiting")
        return ", ".join(filter(None, self.in_short(entry.result)))

    def in_short(self, answer: Answer) -> tuple[str, str]:
        """Return what to believe of ``answer``, and its percentage (services/words.py)."""
        return in_short(answer, judge(answer, self.promise))

    def keep(self, promise: float) -> None:
        """Judge the answers by another promise from now on."""
        self.promise = promise
        if self._entries:
            self.dataChanged.emit(self.index(0), self.index(len(self._entries) - 1))

    def _told(self, entry: Entry) -> list[str]:
        """Say what is known of a picture, and which others are of the same plant."""
        return [self.in_words(entry), *([same_plant(entry.others)] if entry.plant else [])]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    @property
    def waiting(self) -> int:
        """How many pictures have no answer yet."""
        return self._states[State.WAITING]

    @property
    def answered(self) -> int:
        """How many pictures have an answer; those that failed are not among them."""
        return self._states[State.ANSWERED]

    def entry(self, row: int) -> Entry | None:
        """Return the entry of a row, or None."""
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def row_of(self, key: int) -> int | None:
        """Return the row of a key; None when the picture was removed."""
        row = bisect_left(self._entries, key, key=lambda entry: entry.key)
        return row if row < len(self._entries) and self._entries[row].key == key else None

    def add(self, items: Iterable[Source | Failure]) -> list[Entry]:
        """Append pictures; a Failure (a folder without any, say) is an entry that failed."""
        added = [
            Entry(next(self._keys), item.source, result=item)
            if isinstance(item, Failure)
            else Entry(next(self._keys), item)
            for item in items
        ]
        if added:
            first = len(self._entries)
            self.beginInsertRows(QModelIndex(), first, first + len(added) - 1)
            self._entries += added
            self._states.update(entry.state for entry in added)
            self.endInsertRows()
        return added

    def remove(self, rows: Iterable[int]) -> list[Entry]:
        """Remove the pictures of ``rows`` and return them."""
        removed: list[Entry] = []
        for first, last in _runs(rows):
            self.beginRemoveRows(QModelIndex(), first, last)
            gone = self._entries[first : last + 1]
            del self._entries[first : last + 1]
            self._states.subtract(entry.state for entry in gone)
            removed += gone
            self.endRemoveRows()
        self._part(removed)
        return removed

    def join(self, rows: Iterable[int]) -> None:
        """Take the pictures of ``rows`` for one plant, with those that are of it already."""
        chosen = [self._entries[row] for row in rows]
        joined = {other for entry in chosen for other in entry.plant or (entry,)}
        self._become_plant(sorted(joined, key=lambda entry: entry.key))

    def separate(self, rows: Iterable[int]) -> None:
        """Take each picture of ``rows`` for a plant of its own again."""
        self._part(self._entries[row] for row in rows)

    def _part(self, leaving: Iterable[Entry]) -> None:
        """Let pictures leave their plants; who is then left alone has none either."""
        gone = {entry for entry in leaving if entry.plant}
        plants = {entry.plant for entry in gone}
        for entry in gone:
            self._become_plant([entry])
        for plant in plants:
            self._become_plant(entry for entry in plant if entry not in gone)

    def _become_plant(self, entries: Iterable[Entry]) -> None:
        plant = tuple(entries)
        for entry in plant:
            entry.plant = plant if len(plant) > 1 else ()
            row = self.row_of(entry.key)
            if row is not None:
                self._changed(row)

    def set_thumbnail(self, key: int, jpeg: bytes, written: Stamp = ()) -> None:
        """Show a thumbnail, made of a file ``written`` so, unless the picture was removed."""
        row = self.row_of(key)
        if row is not None:
            self._entries[row].jpeg, self._entries[row].written = jpeg, written
            self._changed(row)

    def set_result(self, key: int, result: Answer | Failure) -> None:
        """Take a picture's answer, unless it was removed or has one."""
        row = self.row_of(key)
        if row is not None and self._entries[row].result is None:
            self._entries[row].result = result
            self._states[State.WAITING] -= 1
            self._states[self._entries[row].state] += 1
            self._changed(row)

    def forget_answers(self, entries: Iterable[Entry] | None = None) -> None:
        """Make all pictures that were answered wait again, or ``entries``, failed ones too."""
        for entry in self if entries is None else entries:
            if entries is not None or not isinstance(entry.result, Failure):
                entry.result = None
        self._states = Counter(entry.state for entry in self._entries)
        if self._entries:
            self.dataChanged.emit(self.index(0), self.index(len(self._entries) - 1))

    def _changed(self, row: int) -> None:
        self.dataChanged.emit(self.index(row), self.index(row))


def _runs(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the unbroken runs of ``rows`` as (first, last), the last run first."""
    ordered = sorted(set(rows), reverse=True)
    while ordered:
        length = next((i for i, row in enumerate(ordered) if row != ordered[0] - i), len(ordered))
        yield ordered[length - 1], ordered[0]
        ordered = ordered[length:]
