"""Threads and the objects whose signals they emit, which may end in any order."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QObject, Signal
from shiboken6 import Shiboken

from florapp.services.background import Gate


class Owner(QObject):
    said = Signal(int)


def test_a_gate_is_there_until_its_owner_is_destroyed_whoever_lets_go_of_it() -> None:
    """Else Qt closes what is no more, now and then: it ended the process."""
    owner = Owner()
    gate = weakref.ref(Gate(owner))
    gc.collect()
    kept = gate()
    assert kept is not None

    heard: list[int] = []
    said = owner.said
    said.connect(heard.append)
    kept.emit(said, 1)
    Shiboken.delete(owner)
    kept.emit(said, 2)
    assert heard == [1]

    del kept
    gc.collect()
    assert gate() is None


def test_a_gate_is_closed_then_and_there_by_whatever_thread_destroys_its_owner() -> None:
    """Not when the window's thread gets to it: it would be called for an owner that is gone."""
    owner = Owner()
    gate, said = Gate(owner), owner.said
    thread = threading.Thread(target=Shiboken.delete, args=(owner,))
    thread.start()
    thread.join()
    gate.emit(said, 1)  # an open one would raise: the signal's source is gone
