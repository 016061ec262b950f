"""Where a run stands after its last finished epoch, on the disk: what fit goes on from.

``state.json``, and beside it ``epoch-NNN.npz`` (the last two states, optimiser included),
``best.weights.h5`` (lowest validation loss) and ``head.npz`` (phase 1).
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from florapp.core.errors import DataError
from training.files import BROKEN_NPZ, write_json, write_weights, write_whole
from training.history import sound, sound_before
from training.optimize import averaged
from training.progress import say


@dataclass
class State:
    """Where a run stands after its last finished epoch.

    ``before`` is what the network had on the validation photographs before the first, if it knew
    anything: ``valid_loss`` and ``valid_accuracy``. Where no epoch has a lower loss that network is
    kept, and ``best_epoch`` is 0.
    """

    epoch: int = 0
    best_loss: float = math.inf
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    before: dict[str, float] = field(default_factory=dict)

    @property
    def kept(self) -> dict[str, float]:
        """What the network that is kept has given."""
        return self.history[self.best_epoch - 1] if self.best_epoch else self.before

    @property
    def waited(self) -> int:
        """How many epochs have gone by since the best of them."""
        losses = [line["valid_loss"] for line in self.history]
        return len(losses) - 1 - losses.index(min(losses)) if losses else 0


def keep(folder: Path, network: keras.Model) -> None:
    """Write the network that is the best so far. Raises DataError where the folder is gone."""
    check_there(folder)
    bare = keras.Model(network.inputs, network.outputs)  # Adam's variables are twice the weights
    write_weights(folder / "best.weights.h5", bare)


def save(folder: Path, network: keras.Model, state: State) -> None:
    """Write the network after an epoch, then the state that names it; drop all but one before.

    Raises DataError where the run's folder is gone.
    """
    check_there(folder)
    if state.best_epoch == state.epoch:
        with averaged(network):
            keep(folder, network)
    arrays = {f"w{i}": value for i, value in enumerate(network.get_weights())}
    for i, variable in enumerate(network.optimizer.variables):
        arrays[f"o{i}"] = keras.ops.convert_to_numpy(variable)
    write_whole(checkpoint(folder, state.epoch), lambda part: np.savez(part, **arrays))
    write_json(folder / "state.json", dataclasses.asdict(state))
    checkpoint(folder, state.epoch - 2).unlink(missing_ok=True)


def last_two(epoch: int) -> range:
    """Return the epochs whose states are there after ``epoch``, the last one last."""
    return range(max(epoch - 1, 1), epoch + 1)


def restore(folder: Path, network: keras.Model, state: State) -> State:
    """Give a compiled ``network`` the weights and the optimiser of the last finished epoch.

    Where its file is damaged the one before is taken; the state returned is that of the epoch
    taken. Raises DataError where both are damaged.
    """
    for epoch in reversed(last_two(state.epoch)):
        if _take(folder, network, epoch):
            return dataclasses.replace(state, epoch=epoch, history=state.history[:epoch])
        say(f"the state after epoch {epoch} is damaged or gone")
    raise DataError(
        f"{folder} cannot go on: the states of its last two epochs are damaged. The best network "
        "so far is still there, for export and evaluate; or begin again in another folder."
    )


def _take(folder: Path, network: keras.Model, epoch: int) -> bool:
    """Give a compiled ``network`` what it was after an epoch; say whether that is still there."""
    network.optimizer.build(network.trainable_variables)
    try:
        with checkpoint(folder, epoch).open("rb") as file, np.load(file) as saved:
            weights = [saved[f"w{i}"] for i in range(len(network.weights))]
            variables = [saved[f"o{i}"] for i in range(len(network.optimizer.variables))]
    except BROKEN_NPZ:
        return False
    if [value.shape for value in weights] != [tuple(own.shape) for own in network.weights]:
        return False  # of a network that is built otherwise now
    network.set_weights(weights)
    for variable, value in zip(network.optimizer.variables, variables, strict=True):
        variable.assign(value)
    return True


def take_better(folder: Path, network: keras.Model, state: State) -> State:
    """Put the better of the last two states in the place of the best weights, which are lost.

    A compiled ``network`` is then what it was; where the run now stands is written and returned,
    and what was better is marked as ``lost`` in its history. Raises DataError where both states are
    lost as well.
    """
    losses = {epoch: state.history[epoch - 1]["valid_loss"] for epoch in last_two(state.epoch)}
    for epoch in sorted(losses, key=losses.__getitem__):
        if _take(folder, network, epoch):
            found = _kept_instead(state, epoch)
            # The weights last: stopped in between, they are still lost, and it is done again.
            write_json(folder / "state.json", dataclasses.asdict(found))
            with averaged(network):
                keep(folder, network)
            say(f"the best weights are damaged or gone; epoch {epoch}'s are taken in their place")
            return found
    raise DataError(
        f"{folder} cannot go on: its best weights are damaged or gone, and so are the states of "
        "its last two epochs. If you have no copies of them, begin in another folder."
    )


def _kept_instead(state: State, epoch: int) -> State:
    loss = state.history[epoch - 1]["valid_loss"]
    history = [
        line | {"lost": 1.0} if line["valid_loss"] < loss else line for line in state.history
    ]
    before = state.before if state.best_epoch else {}
    return dataclasses.replace(
        state, best_epoch=epoch, best_loss=loss, history=history, before=before
    )


def check_there(folder: Path) -> None:
    """Raise DataError where the run in ``folder`` is gone: what is written there would be lost."""
    if not (folder / "run.json").exists():
        raise DataError(
            f"{folder} is gone, or its run.json is. Move it back, and the same command goes on "
            "after the last finished epoch."
        )


def saved_head(path: Path) -> list[NDArray[np.float32]] | None:
    """Return the kernel and bias that phase 1 has found; None where they are missing or damaged."""
    try:
        with path.open("rb") as file, np.load(file) as saved:
            return [saved["kernel"], saved["bias"]]
    except BROKEN_NPZ:
        return None


def state_of(folder: Path) -> State:
    """Return where the run in ``folder`` stands. Raises DataError where that is damaged."""
    path = folder / "state.json"
    if not path.exists():
        return State()
    form = dataclasses.asdict(State())
    del form["before"]  # earlier versions did not know it
    saved = read_table(path, form)
    before = sound_before(saved.get("before"))
    state = State(**{key: saved[key] for key in form}, before=before)
    least = 0 if before else 1
    if state.epoch != len(sound(state.history)) or not least <= state.best_epoch <= state.epoch:
        raise damaged(path, "its epochs are not what they should be")
    return state


def checkpoint(folder: Path, epoch: int) -> Path:
    """Return the file of the state after an epoch."""
    return folder / f"epoch-{epoch:03d}.npz"


def read_table(path: Path, form: Mapping[str, Any]) -> dict[str, Any]:
    """Read a JSON table that has, at least, the keys of ``form``, each with a value of its type.

    Raises DataError where it has not.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8", errors="surrogateescape"))
    except json.JSONDecodeError as error:
        raise damaged(path, error.msg) from error
    for key, like in form.items():
        if not isinstance(found, dict) or not isinstance(found.get(key), type(like)):
            raise damaged(path, f"{key!r} is missing in it, or is something else")
    return dict(found)


def damaged(path: Path, why: str) -> DataError:
    """Return the error that a file of a run is damaged."""
    return DataError(
        f"{path} is damaged ({why}). If you have no copy of it, begin in another folder."
    )
