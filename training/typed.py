"""Tables, as TOML and JSON give them, made into dataclasses by their annotations, or refused."""

from __future__ import annotations

import dataclasses
import difflib
import sys
from typing import Any, Literal, get_args, get_origin, get_type_hints

from florapp.core.errors import DataError


def typed(kind: Any, value: Any, where: str) -> Any:
    """Check ``value`` against the annotation ``kind``; make tables dataclasses and lists tuples.

    Raises DataError that names ``where`` it is and what is expected there; for an unknown key of a
    dataclass the nearest known one.
    """
    origin, args = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, value, where)
    if origin in (tuple, list) and isinstance(value, list | tuple):
        endless = origin is list or args[-1] is Ellipsis
        inner = args[:1] * len(value) if endless else args
        if len(inner) == len(value):
            pairs = zip(inner, value, strict=True)
            return origin(typed(k, v, f"{where}[{i}]") for i, (k, v) in enumerate(pairs))
    elif origin is dict and isinstance(value, dict):
        return {key: typed(args[1], v, f"{where}.{key}") for key, v in value.items()}
    elif kind is Any:
        return value
    elif kind is float:
        if type(value) in (int, float) and abs(value) <= sys.float_info.max:  # no infinity, no NaN
            return float(value)
    elif type(value) is kind or (origin is Literal and value in args):
        return value
    raise DataError(f"{where} is {value!r}; expected: {_in_words(kind)}.")


def known(kind: type, value: Any) -> Any:
    """Return ``value`` without the keys that the dataclass ``kind``, or one in it, does not have.

    What another version wrote may have them.
    """
    if not isinstance(value, dict) or not dataclasses.is_dataclass(kind):
        return value
    hints = get_type_hints(kind)
    return {key: known(hints[key], v) for key, v in value.items() if key in hints}


def _dataclass(kind: type, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise DataError(f"{where} is {value!r}; expected: a table.")
    hints = get_type_hints(kind)
    for key in value:
        if key not in hints:
            near = difflib.get_close_matches(key, hints, n=1, cutoff=0.0)[0]
            whose = where if where.startswith("The ") else f"The {where}"
            raise DataError(f"{whose} has no key {key!r}. Did you mean {near!r}?")
    return kind(**{key: typed(hints[key], v, f"{where}.{key}") for key, v in value.items()})


def _in_words(kind: Any) -> str:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " or ".join(repr(choice) for choice in args)
    if origin is tuple and args[-1] is not Ellipsis:
        return f"a list of {len(args)} of {_in_words(args[0])}"
    if origin in (tuple, list):
        return f"a list of {_in_words(args[0])}"
    words = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    return words.get(kind, "a table")
