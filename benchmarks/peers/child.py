"""A process for each library, so that their pools of threads do not meet.

It lives as long as the benchmark, is asked by turns, and holds the clock itself.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from benchmarks.peers.task import Task

#: What libraries are told before they are loaded: to be quiet, and not to use the network.
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "KERAS_BACKEND": "tensorflow",
}


class PeerError(Exception):
    """What a library's process said instead of an answer."""


@dataclass(frozen=True)
class Reply:
    """What came of one picture, or of many."""

    seconds: float
    best: list[int]  # the most probable class of each picture
    stages: dict[str, float]  # seconds, where a way is a stopwatch itself


class Child:
    """The process of one library."""

    def __init__(self, library: str, kind: str, task: Task) -> None:
        """Start it, with the module of ``library`` and its function ``kind``: "one" or "many".

        ``ways`` is then filled; it stays empty where something is missing, which ``fault`` tells.
        ``same`` says that it runs the very network that FlorApp runs.
        """
        os.environ.update(QUIET)
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, library, kind, task))
        self._process.start()
        theirs.close()
        self.library, self.fault = library, ""
        self.ways: list[str] = []
        self.same = False
        try:
            self.ways, self.same = self._received()
        except PeerError as error:
            self.fault = str(error)

    def answer(self, way: str, what: str | Sequence[str]) -> Reply:
        """Let it answer a picture, or many, one of its ways.

        Raises PeerError with its own words where it could not.
        """
        self._pipe.send((way, what))
        reply: Reply = self._received()
        return reply

    def close(self) -> None:
        """End it."""
        self._pipe.close()
        self._process.join()

    def _received(self) -> Any:
        try:
            good, value = self._pipe.recv()
        except EOFError:
            raise PeerError("its process ended") from None
        if not good:
            raise PeerError(value)
        return value


def _serve(pipe: Connection, library: str, kind: str, task: Task) -> None:
    try:
        module = import_module(f"benchmarks.peers.{library}")
        ways = getattr(module, kind)(task)
    except ModuleNotFoundError as error:
        return pipe.send((False, f"not installed ({error.name})"))
    except Exception as error:  # each library raises its own kinds
        return pipe.send((False, _words(error)))
    pipe.send((True, (list(ways), module.SAME)))
    while True:
        try:
            way, what = pipe.recv()
        except EOFError:
            return None
        try:
            pipe.send((True, _timed(ways[way], what, task)))
        except Exception as error:  # as above
            pipe.send((False, _words(error)))


def _timed(way: Any, what: str | Sequence[str], task: Task) -> Reply:
    """Time it, and look whether what came are probabilities."""
    started = time.perf_counter()
    answers = way(what)
    if not isinstance(what, str):
        answers = list(answers)
    took = time.perf_counter() - started
    if isinstance(answers, dict):
        return Reply(took, [], answers)
    probabilities = np.atleast_2d(np.asarray(answers, dtype=np.float32))
    pictures = 1 if isinstance(what, str) else len(what)
    if probabilities.shape != (pictures, task.classes):
        raise ValueError(f"{probabilities.shape} are not the probabilities of {pictures}")
    if not np.allclose(probabilities.sum(axis=1), 1, atol=0.05):
        raise ValueError("they do not sum to 1")
    return Reply(took, probabilities.argmax(axis=1).tolist(), {})


def _words(error: Exception) -> str:
    last = (str(error).strip().splitlines() or [""])[-1]
    return f"failed: {type(error).__name__}: {last}"
