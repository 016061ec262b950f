"""What FlorApp remembers from one start to the next: each setting declared once, typed."""

from __future__ import annotations

import enum
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Self, TypeVar, overload

from platformdirs import user_config_path
from PySide6.QtCore import QByteArray, QSettings

from florapp.core.conformal import PROMISE

_T = TypeVar("_T")

#: So many models are remembered.
MOST_MODELS = 8


class ColourScheme(enum.Enum):
    """Which colours the window has."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


def _bytes(stored: object) -> bytes:
    if not isinstance(stored, QByteArray):
        raise TypeError
    return bytes(stored.data())


def _text(stored: object) -> str:
    if not isinstance(stored, str):
        raise TypeError
    return stored


def _yes(stored: object) -> bool:
    """A truth comes back from the file as a word."""
    return {"true": True, "false": False, True: True, False: False}[stored]


def _share(stored: object) -> float:
    share = float(_text(stored))
    if not 0 < share < 1:
        raise ValueError
    return share


def _texts(stored: object) -> tuple[str, ...]:
    """A list of one text comes back from the file as a text, an empty one as None."""
    texts = stored if isinstance(stored, list) else [stored]
    return tuple(map(_text, texts))


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
            return self._load(settings._stored.value(self._key))
        except Exception:  # PySide's own formats can raise anything when they are damaged
            return self._default

    def __set__(self, settings: Settings, value: _T) -> None:
        settings._stored.setValue(self._key, self._save(value))


class Settings:
    """The settings in one file. Reading and writing them never raises."""

    geometry = _Setting[bytes]("window/geometry", b"", _bytes, QByteArray)
    colours = _Setting("window/colours", ColourScheme.SYSTEM, ColourScheme, lambda c: c.value)
    #: How often the right flower is to be among those named.
    promise = _Setting[float]("answers/promise", PROMISE, _share, str)
    folder = _Setting[str]("pictures/folder", "", _text)
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
        self._stored = QSettings(str(file), QSettings.Format.IniFormat)

    def remember(self, model: str) -> None:
        """Put ``model`` at the head of the models, and let go of the oldest if they are many."""
        others = [other for other in self.models if other != model]
        self.models = (model, *others)[:MOST_MODELS]

    def forget(self, model: str) -> None:
        """Take ``model`` from the models, and start with the shipped one: its file is gone, say."""
        self.models = tuple(other for other in self.models if other != model)
        if self.model == model:
            self.model = ""

    def save(self) -> bool:
        """Write to the file now rather than a little later; say whether that went well."""
        self._stored.sync()
        return self._stored.status() is QSettings.Status.NoError


def usual_file() -> Path:
    """Where the settings of the user lie."""
    return user_config_path("FlorApp", appauthor=False) / "settings.ini"
