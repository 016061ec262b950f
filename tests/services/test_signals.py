"""The Qt binding itself: what it once did wrong (docs/decisions/008-not-pyside-6.12.0.md)."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal


class Sender(QObject):
    sent = Signal(int)


def test_signals_do_not_use_up_references_to_true() -> None:
    sender = Sender()
    sender.sent.connect(lambda number: None)
    before = sys.getrefcount(True)
    for number in range(100):
        sender.sent.emit(number)
    assert sys.getrefcount(True) > before - 50
