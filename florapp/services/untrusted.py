"""Texts that files and models give, made fit to be shown. The frame needs it: it imports little."""

from __future__ import annotations

import re

_LONGEST_TIP = 500  # characters; what is longer would cover the screen
_LONGEST_NAME = 120
_LONG_WORD = re.compile(r"\S{20}")


def as_tip(text: str) -> str:
    """Return a text that a file or a model gave as a tooltip, in which Qt would obey markup."""
    short = text if len(text) <= _LONGEST_TIP else f"{text[:_LONGEST_TIP]}…"
    if "<" not in short:
        return short
    from html import escape  # the frame is painted before

    return f"<p>{escape(short)}</p>".replace("\n", "<br>")


def breakable(name: str) -> str:
    """Return a file's name as it can be broken into lines, its middle left out where it is long."""
    half = _LONGEST_NAME // 2
    short = name if len(name) <= _LONGEST_NAME else f"{name[:half]}…{name[-half:]}"
    return _LONG_WORD.sub("\\g<0>\u200b", short)
