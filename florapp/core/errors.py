"""The errors whose text is a sentence for the user: what happened, why, and what to do.

It is English here, in the terminal and in files. The window translates it where it is shown
(services/words.py), by its template, which lupdate finds as ``QT_TRANSLATE_NOOP("core", "...")``.
"""

from __future__ import annotations

from typing import Any, Self


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:  # noqa: N802 - by this name lupdate looks
    """Return ``text`` as it is: the call only marks it as one to be translated."""
    return text


class Sentence(str):
    """A template with its ``{0}``, ``{1}`` filled in, which still knows what it was made of.

    ``values`` are texts, sentences perhaps themselves. Without any, ``text`` is taken literally.
    """

    text: str
    values: tuple[str, ...]

    def __new__(cls, text: str, *values: object) -> Self:
        if isinstance(text, cls):
            return text
        said = tuple(map(str, values))  # no more than that: an error would hold its whole stack
        sentence = super().__new__(cls, text.format(*said) if said else text)
        sentence.text, sentence.values = text, said
        return sentence

    def __str__(self) -> str:
        """Return the sentence itself, so that ``str(error)`` does not forget the template."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle it with its template."""
        return type(self), (self.text, *self.values)


class FlorAppError(Exception):
    """Base of every error that the program explains instead of showing a traceback."""

    def __init__(self, text: str, *values: object) -> None:
        super().__init__(Sentence(text, *values))


class PictureError(FlorAppError):
    """A source cannot be read as a picture."""


class ModelFileError(FlorAppError):
    """A file is not a model of the contract, or its model cannot be run."""


class DataError(FlorAppError):
    """A folder of labelled photographs, or a recipe, cannot be used as it is."""
