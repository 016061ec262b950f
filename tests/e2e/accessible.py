"""Prints what a screen reader finds in a program, as JSON: ``accessible.py PROCESS_ID``.

A script for the system's own Python, where Debian's pyatspi lies. It lists what is on the screen
and has a name: that name, what it is called in the program, where it lies, whether it is selected.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pyatspi  # type: ignore[import-not-found]
from gi.repository import GLib  # type: ignore[import-not-found]


def named(node: Any) -> Iterator[dict[str, Any]]:
    if not node.getState().contains(pyatspi.STATE_SHOWING):
        return
    if node.name:
        place = node.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
        yield {
            "id": node.get_accessible_id().rpartition(".")[2],
            "role": node.getRoleName(),
            "name": node.name,
            "place": [place.x, place.y, place.x + place.width, place.y + place.height],
            "selected": node.getState().contains(pyatspi.STATE_SELECTED),
        }
    for child in node:
        if child is not None:
            yield from named(child)


found: list[dict[str, Any]] = []
try:
    for program in pyatspi.Registry.getDesktop(0):
        if program is not None and program.get_process_id() == int(sys.argv[1]):
            found = [node for window in program for node in named(window)]
except GLib.Error as error:  # what was there a moment ago is gone: ask again
    print(error, file=sys.stderr)
json.dump(found, sys.stdout)
