"""Several photographs of one plant, in the strip: which can be one, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from florapp.core.prediction import Answer, Failure
from florapp.services.pictures import Entry

if TYPE_CHECKING:  # the window is painted before numpy is there
    from florapp.core.fusion import Fused

#: So many photographs can be of one plant: as many as can be told of, and no strip by accident.
MOST = 12


def can_be_one(entries: Sequence[Entry]) -> bool:
    """Say whether ``entries`` can be taken for one plant, and are not yet."""
    if len(entries) > MOST:
        return False
    joined = {other for entry in entries for other in entry.plant or (entry,)}
    return (
        2 <= len(joined) <= MOST
        and joined != set(entries[0].plant)
        and all(isinstance(entry.result, Answer) for entry in joined)
    )


def joint(entry: Entry) -> Fused | None:
    """Return what all pictures of the plant of ``entry`` say together.

    None while one of them still waits, and where less than two of them have an answer.
    """
    answers = [other.result for other in entry.plant if isinstance(other.result, Answer)]
    if len(answers) < 2 or any(other.result is None for other in entry.plant):
        return None
    from florapp.core.fusion import together

    return together(answers)


def shown(entry: Entry, fused: Fused | None) -> Answer | Failure | None:
    """Return what is told beside a picture: the joint answer where there is one, else its own.

    Where no photograph of the plant can be used, each has its own flaw.
    """
    if fused is None or fused.answer.flaw or not isinstance(entry.result, Answer):
        return entry.result
    from florapp.core.fusion import seen_in

    return seen_in(fused.answer, entry.result)
