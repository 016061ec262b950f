"""What Keras tells of a pass over the photographs while it runs."""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras

from training.progress import duration, say
from training.state import State


@contextlib.contextmanager
def curves(folder: Path | None) -> Iterator[Callable[[State], None]]:
    """Give what writes the figures of every epoch to ``folder``, where TensorBoard shows them.

    Without a folder it writes nothing. What it returns from has been written: not so with
    SummaryWriter, whose thread writes later and, on a full disk, ends in tracebacks.
    """
    if folder is None:
        yield lambda _: None
        return
    from tensorboardX.event_file_writer import EventsWriter
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.summary import scalar

    folder.mkdir(parents=True, exist_ok=True)
    writer = EventsWriter(str(folder / "events"))

    def write(state: State) -> None:
        last = state.history[-1]
        try:
            for name in ("loss", "accuracy", "valid_loss", "valid_accuracy"):
                figure = scalar(name, last[name])
                writer.write_event(Event(wall_time=time.time(), step=last["epoch"], summary=figure))
            writer.flush()
        except OSError as error:  # of a full disk: it names no file by itself
            error.filename = error.filename or str(folder)
            raise

    try:
        yield write
    finally:
        with contextlib.suppress(OSError):  # it was told, or there is nothing left to write
            writer.close()


class Progress(keras.callbacks.Callback):  # type: ignore[misc]  # keras is untyped
    """Tells where a pass is and how long it will take: every second on a terminal, else a minute.

    It goes to stderr, as it is no part of what was found.
    ``work_after`` is what comes after this pass, in units of its work: the time left includes it.
    """

    def __init__(self, title: str, work_after: float = 0.0) -> None:
        super().__init__()
        self._title, self._after = title, work_after
        self._live = sys.stderr is not None and sys.stderr.isatty()
        self._started = self._told = time.monotonic()

    def _begin(self, logs: Any = None) -> None:
        self._started = self._told = time.monotonic()

    def _step(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        now, steps = time.monotonic(), self.params["steps"]
        if now - self._told < (1 if self._live else 60):
            return
        self._told = now
        whole = (now - self._started) * steps / (batch + 1)
        left = whole * (1 + self._after) - (now - self._started)
        loss = f"loss {logs['loss']:.3f}, " if logs and "loss" in logs else ""
        line = f"{self._title}: {batch + 1}/{steps}, {loss}{duration(left)} left"
        if self._live:
            print(f"\r{line}\033[K", end="", file=sys.stderr, flush=True)
        else:
            say(line, to=sys.stderr)

    def _end(self, logs: Any = None) -> None:
        if self._live:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    on_train_begin = on_test_begin = on_predict_begin = _begin
    on_train_batch_end = on_test_batch_end = on_predict_batch_end = _step
    on_train_end = on_test_end = on_predict_end = _end


class EndWithoutNumber(keras.callbacks.Callback):  # type: ignore[misc]  # keras is untyped
    """Ends a training whose loss is no number, as TerminateOnNaN does, which prints in between."""

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Look at the loss."""
        if not math.isfinite((logs or {}).get("loss", 0.0)):
            self.model.stop_training = True


class GoesOnFromWhatItLearnt(keras.callbacks.Callback):  # type: ignore[misc]
    """Takes back that Keras ends every ``fit`` with the running mean in place of the weights."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep what was learnt."""
        self._learnt = self.model.get_weights()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Give it back."""
        self.model.set_weights(self._learnt)
