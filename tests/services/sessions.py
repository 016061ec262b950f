"""What the tests of a session ask of it."""

from __future__ import annotations

from collections.abc import Callable

from florapp.core.prediction import Answer
from florapp.services.session import Session

WAIT = 60_000  # milliseconds; the machine may be busy


def best(session: Session) -> list[str]:
    return [
        entry.result.best.label.id if isinstance(entry.result, Answer) else entry.state.name
        for entry in session.pictures
    ]


def all_answered(session: Session) -> Callable[[], bool]:
    return lambda: not session.searching and session.pictures.waiting == 0
