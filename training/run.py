"""The folder of a training run: what it was begun with, and its best network.

``run.json`` (recipe, labels, photographs, starting weights, what has taught it), and
``best.weights.h5`` (lowest validation loss). Where it stands, state.py keeps beside them.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from florapp.core.errors import DataError
from florapp.core.model_file import Label
from florapp.core.network import Network
from training import learnt
from training.backbones import Start
from training.config import Model, Recipe, stored_recipe, with_twins
from training.dataset import Dataset
from training.files import content_hash, write_json
from training.from_model import is_model_file
from training.network import build
from training.progress import say
from training.state import State, checkpoint, damaged, last_two, read_table, state_of

#: What a run's ``run.json`` has in any case.
_FACTS: dict[str, Any] = {"recipe": {}, "labels": [], "fingerprint": "", "photographs": {}}


@dataclass(frozen=True)
class Run:
    """A run that has a trained network: what it was begun with, and its best weights, loaded.

    ``facts`` is what ``run.json`` holds, ``history`` what each epoch has given, and ``before`` what
    the network had before them (state.py).
    """

    recipe: Recipe
    labels: tuple[Label, ...]
    facts: dict[str, Any]
    network: keras.Model
    history: Sequence[dict[str, float]] = ()
    before: dict[str, float] = dataclasses.field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        """The ids of the classes, in the order of the network's outputs."""
        return tuple(label.id for label in self.labels)


def check(folder: Path, recipe: Recipe, dataset: Dataset, weights: Start) -> None:
    """Raise DataError where :func:`begin` would: all that is known before a photograph is opened.

    That is a run in ``folder`` with another recipe or other photographs, or with a head that was
    fitted to other starting weights; a weights file that does not exist; and another run to begin
    from that has another network, or other classes.
    """
    if isinstance(weights, Path) and weights.is_dir():
        check_alike(weights, recipe.model, dataset.classes)
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder} is a file. Choose a folder with --out.")
    start = identity(weights)
    if not _begun(folder):
        return
    before = _facts(folder)
    if "mean_of" in before:
        raise DataError(f"{folder} is the mean of other runs. Choose another folder with --out.")
    at_start = not state_of(folder).epoch  # later the starting weights are no longer used
    then, now = _as_given(stored_recipe(before["recipe"])), _as_given(recipe)
    as_now = dataclasses.replace(then.data, exclude=now.data.exclude)
    for differs, what in (
        (dataclasses.replace(then, data=as_now) != now, "another recipe"),
        (then != now, "other photographs left out (--exclude)"),
        (before["fingerprint"] != dataset.fingerprint, "other photographs"),
        (at_start and before.get("weights", start) != start, "other starting weights"),
    ):
        if differs:
            raise DataError(
                f"{folder} was begun with {what}. Give the same again, or choose another folder "
                "with --out."
            )


def twins_of(folder: Path) -> list[str] | None:
    """Return the twins that the run in ``folder`` has left out; None where it is yet to begin."""
    return stored_recipe(_facts(folder)["recipe"]).data.twins if _begun(folder) else None


def _begun(folder: Path) -> bool:
    """Whether anything was learnt there: before that, whatever was wrong may be put right."""
    return any((folder / name).exists() for name in ("head.npz", "state.json", "best.weights.h5"))


def begin(
    folder: Path, recipe: Recipe, labels: Sequence[Label], dataset: Dataset, weights: Start
) -> State:
    """Begin a run in ``folder``, or go on with the one there: return where it stands.

    What a kill may have left there half written is deleted. Raises DataError as :func:`check`.
    """
    check(folder, recipe, dataset, weights)
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "recipe": dataclasses.asdict(recipe),
        "labels": [dataclasses.asdict(label) for label in labels],
        "folder": str(dataset.root.resolve()),
        "weights": identity(weights),
        "fingerprint": dataset.fingerprint,
        "photographs": {"train": len(dataset.train), "valid": len(dataset.valid)},
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
    }
    path, state = folder / "run.json", state_of(folder)
    if _begun(folder):
        before = _facts(folder)
        if before["photographs"] != facts["photographs"]:
            raise DataError(
                f"{folder} was begun when {before['photographs']} photographs could be read; now "
                f"it is {facts['photographs']}. Repair them, or choose another folder with --out."
            )
        # Other names for the model and the same classes, and a folder that has moved.
        facts = before | {key: facts[key] for key in ("labels", "folder")}
        facts["recipe"] = before["recipe"] | {"name": recipe.name, "title": recipe.title}
    else:
        facts |= (_taught(weights, dataset) | learnt.from_photos(dataset.train)).as_facts()
    for left in (*folder.glob(".part-*"), *folder.glob("epoch-*.npz")):
        if left not in [checkpoint(folder, epoch) for epoch in last_two(state.epoch)]:
            left.unlink()
    write_json(path, facts)
    return state


def _taught(weights: Start, dataset: Dataset) -> learnt.Learnt:
    """Return what the network that a run begins from has learnt from; tell of what is held back.

    A Keras file is taken for what it usually is, weights for ImageNet.
    """
    if not isinstance(weights, Path):
        return learnt.NOTHING
    if weights.is_dir():
        known = learnt.from_facts(_facts(weights))
    elif is_model_file(weights):
        known = learnt.from_facts(Network(weights).card.data)
    else:
        return learnt.NOTHING
    held_back = (*dataset.valid, *dataset.test)
    if seen := len(held_back) - len(known.unseen(held_back)):
        say(
            f"{seen} of the {len(held_back)} photographs held back have taught the network in "
            f"{weights}. evaluate and calibrate will do without them; the best epoch is chosen by "
            "them too"
        )
    if not known.whole:
        say(
            f"{weights} does not tell all that it has learnt from. Should these photographs be "
            "among it, that flatters what is measured with them"
        )
    return known


def load(folder: Path) -> Run:
    """Load the best network of the run in ``folder``.

    It is built under float32, whatever it was trained in: onnxruntime refuses a bfloat16
    convolution. Raises DataError when the folder holds no trained network.
    """
    best_of(folder)
    facts, state = _facts(folder), State()
    with contextlib.suppress(DataError):  # for the network it does not matter
        state = state_of(folder)
    recipe = stored_recipe(facts["recipe"])
    keras.mixed_precision.set_global_policy("float32")
    network = build(recipe.model, len(facts["labels"]), None)
    take_best(network, folder)
    labels = tuple(Label(**label) for label in facts["labels"])
    return Run(recipe, labels, facts, network, state.history, state.before)


def best_of(folder: Path) -> Path:
    """Return the file of the best weights of a run. Raises DataError where there is none."""
    if not (folder / "run.json").is_file():
        raise DataError(f"{folder} is not a training run: it has no run.json.")
    if not (folder / "best.weights.h5").is_file():
        if (folder / "state.json").exists():
            raise DataError(
                f"{folder} has lost its best network: best.weights.h5 is gone. {_mend(folder)}"
            )
        raise DataError(f"{folder} has no finished epoch yet. Let 'fit' finish at least one.")
    return folder / "best.weights.h5"


def take_best(network: keras.Model, folder: Path) -> None:
    """Give ``network`` the best weights of a run.

    Raises DataError where there are none, OSError where they cannot be read just now.
    """
    weights = best_of(folder)
    try:
        weights.open("rb").close()  # of a file that is only damaged HDF5 raises OSError, too
        network.load_weights(weights)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno:
            error.filename = error.filename or str(weights)
            raise
        raise DataError(
            f"The weights in {weights} are damaged, or of another network: "
            f"{str(error).rstrip('.')}. {_mend(folder)}"
        ) from error


def has_best(network: keras.Model, folder: Path) -> bool:
    """Say whether the best weights of a run are whole, and give them to ``network``.

    It is not compiled yet. Raises OSError where they may be whole, and cannot be read just now.
    """
    try:
        take_best(network, folder)
    except DataError:
        return False
    return True


def _mend(folder: Path) -> str:
    """Return what to do where the best weights of the run in ``folder`` are lost."""
    if "mean_of" in _facts(folder):
        return "If you have no copy of the file, begin in another folder."
    return (
        "Put a copy of the file back, or run 'fit' as before: it takes the better of the last two "
        "epochs in its place."
    )


def check_alike(folder: Path, model: Model, classes: Sequence[str]) -> None:
    """Raise DataError where the weights of the run in ``folder`` do not fit another's network."""
    best_of(folder)
    facts = _facts(folder)
    before = stored_recipe(facts["recipe"]).model
    if _layers(before) != _layers(model):
        raise DataError(f"The run {folder} is of another network.")
    if [label["id"] for label in facts["labels"]] != list(classes):
        raise DataError(f"The run {folder} is of other classes.")


def _layers(model: Model) -> tuple[object, ...]:
    """Return what decides which weights a network has: the dense layers of a cnn fit one size."""
    return model.backbone, model.output, model.cnn, model.size if model.backbone == "cnn" else None


def _as_given(recipe: Recipe) -> Recipe:
    """Return what of ``recipe`` decides a run: no name, no twins that fit found, no search."""
    return dataclasses.replace(with_twins(recipe, []), search={}, name="", title="")


def identity(weights: Start) -> str:
    """Say what the starting weights are: the SHA-256 of their file, "imagenet" or "random"."""
    if not isinstance(weights, Path):
        return weights or "random"
    file = best_of(weights) if weights.is_dir() else weights
    if not file.is_file():
        raise DataError(f"There is no weights file {weights}.")
    return content_hash(file)


def _facts(folder: Path) -> dict[str, Any]:
    """Return what the run in ``folder`` was begun with. Raises DataError where that is gone."""
    path = folder / "run.json"
    if not path.exists():
        raise damaged(path, "it is gone")
    return read_table(path, _FACTS)
