"""A recipe as the TOML that a person would write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def recipe_text(recipe: Mapping[str, Any]) -> str:
    """Write nested tables of texts, numbers, booleans and lists of these as TOML.

    What is None is left out: TOML does not have it.
    """
    return "\n".join(_table(recipe, "")).strip() + "\n"


def _table(table: Mapping[str, Any], name: str) -> Iterator[str]:
    inner = {key: value for key, value in table.items() if _is_table(value)}
    for key, value in table.items():
        if key not in inner and value is not None:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in inner.items():
        path = f"{name}.{_key(key)}" if name else _key(key)
        for part in value if isinstance(value, list) else [value]:
            if part or isinstance(value, list):
                yield ""
                yield f"[[{path}]]" if isinstance(value, list) else f"[{path}]"
                yield from _table(part, path)


def _is_table(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(part, Mapping) for part in value)
    return isinstance(value, Mapping)


def _key(key: str) -> str:
    plain = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if plain else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False)  # of texts, numbers and booleans it is TOML
