"""A language to test with: English, and capitals for the sentences that core marks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QTranslator


class _Loud(QTranslator):
    def translate(self, context: str, source: str, *_: object) -> str:
        return source.upper() if context == "core" else source

    def isEmpty(self) -> bool:  # noqa: N802
        return False


@contextmanager
def loud() -> Iterator[None]:
    """Let the program speak English, and of failures in capitals."""
    translator = _Loud()
    QCoreApplication.installTranslator(translator)
    try:
        yield
    finally:
        QCoreApplication.removeTranslator(translator)
