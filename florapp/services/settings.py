"""What FlorApp remembers from one start to the next: each setting declared once, typed.

In a JSON file, and not by QSettings: reading, PySide unpickles what is marked as an object of
Python in its files, and so runs whatever code stands there.
"""

from __future__ import annotations

import base64
import enum
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Self, TypeVar, overload

from platformdirs import user_config_path
from PySide6.QtCore import QLockFile

from florapp.core.conformal import PROMISE

_T = TypeVar("_T")

#: So many models are remembered.
MOST_MODELS = 8

_LARGEST = 1_000_000  # bytes of the file
_PATIENCE = 1000  # milliseconds to wait at the end for another window that writes


class ColourScheme(enum.Enum):
    """Which colours the window has."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


def _bytes(stored: object) -> bytes:
    return base64.b64decode(_text(stored))


def _text(stored: object) -> str:
    if not isinstance(stored, str) or "\0" in stored:
        raise TypeError
    os.fsencode(stored)  # most are paths; UnicodeEncodeError is a ValueError
    return stored


def _yes(stored: object) -> bool:
    if not isinstance(stored, bool):
        raise TypeError
    return stored


def _share(stored: object) -> float:
    if not isinstance(stored, float) or not 0 < stored < 1:
        raise ValueError
    return stored


def _texts(stored: object) -> tuple[str, ...]:
    if not isinstance(stored, list):
        raise TypeError
    return tuple(map(_text, stored))


class _Setting(Generic[_T]):
    """A setting in the file under ``key``: ``default`` unless the file holds a sound value."""

    def __init__(
        self,
        key: str,
        default: _T,
        load: Callable[[object], _T],
        save: Callable[[_T], object] = lambda value: value,
    ) -> None:
        self._key, self._default, self._load, self._save = key, default, load, save

    @overload
    def __get__(self, settings: None, _: type) -> Self: ...
    @overload
    def __get__(self, settings: Settings, _: type) -> _T: ...
    def __get__(self, settings: Settings | None, _: type) -> _T | Self:
        if settings is None:
            return self
        try:
            return self._load(settings._values[self._key])
        except (KeyError, TypeError, ValueError):
            return self._default

    def __set__(self, settings: Settings, value: _T) -> None:
        settings._values[self._key] = settings._changed[self._key] = self._save(value)
        settings.save(patience=0)  # the window waits for nobody


class Settings:
    """The settings in one file. Reading and writing them never raises."""

    geometry = _Setting[bytes](
        "window/geometry", b"", _bytes, lambda state: base64.b64encode(state).decode()
    )
    #: How the window is divided between the picture and the answer.
    split = _Setting[bytes](
        "window/split", b"", _bytes, lambda state: base64.b64encode(state).decode()
    )
    colours = _Setting("window/colours", ColourScheme.SYSTEM, ColourScheme, lambda c: c.value)
    #: How often the right flower is to be among those named.
    promise = _Setting[float]("answers/promise", PROMISE, _share)
    folder = _Setting[str]("pictures/folder", "", _text)
    #: Where something was saved last.
    saved_in = _Setting[str]("answers/folder", "", _text)
    #: The path of the model; "" is the shipped one.
    model = _Setting[str]("model/current", "", _text)
    #: Models opened before, the latest first.
    models = _Setting[tuple[str, ...]](
        "model/remembered", (), lambda s: _texts(s)[:MOST_MODELS], list
    )

    #: The id of the camera used last; "" is the system's own choice.
    camera = _Setting[str]("camera/device", "", _text)
    mirrored = _Setting[bool]("camera/mirrored", True, _yes)
    #: Whether what the camera sees is named all the time.
    live = _Setting[bool]("camera/live", False, _yes)

    def __init__(self, file: Path) -> None:
        self._file, self._values = file, _read(file)
        self._changed: dict[str, object] = {}  # and not written

    def remember(self, model: str) -> None:
        """Put ``model`` at the head of the models, and let go of the oldest if they are many."""
        others = [other for other in self.models if other != model]
        self.models = (model, *others)[:MOST_MODELS]

    def forget(self, model: str) -> None:
        """Take ``model`` from the models, and start with the shipped one: its file is gone, say."""
        self.models = tuple(other for other in self.models if other != model)
        if self.model == model:
            self.model = ""

    def save(self, patience: int = _PATIENCE) -> bool:
        """Write what has changed and is not written yet; say whether that went well.

        What another window, or a later FlorApp, has written stays. While another one writes,
        ``patience`` milliseconds are waited; without any, writing is left to the next time.
        """
        if not self._changed:
            return True
        from florapp.services.files import write_whole  # here: what it needs can wait

        lock = QLockFile(f"{self._file}.lock")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            if not lock.tryLock(patience) and not patience:
                return False
            values = _read(self._file) | self._changed
            write_whole(self._file, json.dumps(values, indent=1).encode())
        except OSError:
            return False
        finally:
            lock.unlock()
        self._changed.clear()
        return True


def _read(file: Path) -> dict[str, object]:
    try:
        if not file.is_file():  # a pipe would be waited for
            return {}
        with file.open("rb") as stored:
            values = json.loads(stored.read(_LARGEST))
    except (OSError, ValueError, RecursionError):  # there are none, or they are damaged
        return {}
    return values if isinstance(values, dict) else {}


def usual_file() -> Path:
    """Where the settings of the user lie."""
    return user_config_path("FlorApp", appauthor=False) / "settings.json"
