"""Training in two phases, read from top to bottom: the head, then the network.

After every epoch the whole state is on disk, so the same command goes on after any stop.
Whatever is random is drawn from the seed and the epoch, never from a generator that a stop loses.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from florapp.core.errors import DataError
from florapp.core.geometry import Geometry
from florapp.core.model_file import Label
from training.backbones import Start
from training.batches import PlainBatches, TrainingBatches, drawn, one_hot, telling
from training.config import Recipe
from training.dataset import Dataset
from training.devices import evenly, share_the_work
from training.features import Weights, frozen_features
from training.files import content_hash, write_whole
from training.from_model import head_of, is_model_file
from training.lock import alone
from training.network import as_logits, build, freeze_before, new_epoch
from training.optimize import averaged, class_weights, compile_network, loss, rate_after
from training.progress import duration, say
from training.run import begin, has_best, load
from training.state import State, check_there, keep, restore, save, saved_head, take_better
from training.watch import EndWithoutNumber, GoesOnFromWhatItLearnt, Progress


def fit(
    recipe: Recipe,
    labels: Sequence[Label],
    dataset: Dataset,
    weights: Start,
    folder: Path,
    *,
    after_epoch: Callable[[State], None] = lambda _: None,
) -> State:
    """Train, or go on training, in ``folder`` (see training/run.py); return the final state.

    ``after_epoch`` is called with the state after each epoch has been saved; what it raises ends
    the training. Raises DataError when the folder belongs to another recipe or other photographs,
    when another process trains in it, and when the training diverges.
    """
    with alone(folder):
        state = begin(folder, recipe, labels, dataset, weights)
        other = weights if isinstance(weights, Path) and weights.is_dir() else None
        # By its own recipe: it may have begun otherwise, and its layers then have other names.
        taken = load(other).network.get_weights() if other and not state.epoch else None
        share_the_work(recipe, dataset)
        keras.utils.set_random_seed(recipe.seed)
        keras.mixed_precision.set_global_policy(recipe.model.precision)
        say(
            f"{len(dataset.classes)} classes, {len(dataset.train)} photographs to train on, "
            f"{len(dataset.valid)} to validate with"
        )
        network = build(
            recipe.model, len(dataset.classes), None if state.epoch or other else weights
        )
        freeze_before(network, recipe.model, recipe.fine_tune.train_from)
        best_is_lost = False
        if taken is not None:
            network.set_weights(taken)
        elif state.epoch:
            best_is_lost = not has_best(network, folder)  # no later epoch may be better
        elif recipe.model.pretrained and weights is not None:
            fit_head(network, recipe, dataset, weights, folder)
        compile_network(network, recipe.fine_tune, len(drawn(dataset.train, recipe, 1)))
        geometry = Geometry(recipe.model.size, recipe.model.fit)
        photos = dataset.valid[: evenly(len(dataset.valid))]
        valid = PlainBatches(photos, len(dataset.classes), geometry)
        if state.epoch:
            if best_is_lost:
                state = take_better(folder, network, state)
            state = restore(folder, network, state)
            say(f"going on after epoch {state.epoch}")
        elif other or (recipe.model.pretrained and weights is not None):
            keep_what_it_begins_with(network, valid, folder, state)
        fine_tune(network, recipe, dataset, folder, state, valid=valid, after_epoch=after_epoch)
        return state


def fit_head(
    network: keras.Model, recipe: Recipe, dataset: Dataset, weights: Weights, folder: Path
) -> None:
    """Phase 1: fit the linear head on the frozen backbone's features, which are computed once.

    A model file of the same classes has one already.
    """
    done, head = folder / "head.npz", network.get_layer("head")
    known = saved_head(done)
    if known is None and isinstance(weights, Path) and is_model_file(weights):
        known = head_of(weights, dataset.classes, *head.kernel.shape)
        if known:
            say(f"phase 1: {weights} names the same classes, so its head is kept")
    if known is None:
        say("phase 1: the head, on what the frozen backbone says of the photographs")
        kernel, bias = known = _fitted_head(head.units, recipe, dataset, weights)
        check_there(folder)
        write_whole(done, lambda part: np.savez(part, kernel=kernel, bias=bias))
    head.set_weights(known)


def _fitted_head(
    units: int, recipe: Recipe, dataset: Dataset, weights: Weights
) -> list[NDArray[np.float32]]:
    settings, photos = recipe.head, dataset.train
    features = frozen_features(
        photos, [content_hash(photo.path) for photo in photos], recipe, weights
    )
    labels = one_hot([photo.label for photo in photos], len(dataset.classes))
    keras.utils.set_random_seed(recipe.seed)  # whether features were kept or not has drawn from it
    given = keras.Input((features.shape[1],))
    linear = keras.layers.Dense(units, dtype="float32")
    network = keras.Model(given, as_logits(linear(given), recipe.model))
    network.compile(
        keras.optimizers.AdamW(settings.learning_rate, weight_decay=settings.weight_decay),
        loss(recipe.fine_tune),
        metrics=["accuracy"],
    )
    count = evenly(len(photos))
    logs = network.fit(
        features[:count],
        labels[:count],
        batch_size=settings.batch,
        epochs=settings.epochs,
        verbose=0,
        class_weight=class_weights(photos, len(dataset.classes))
        if recipe.fine_tune.class_weights
        else None,
    ).history
    if not math.isfinite(logs["loss"][-1]):
        raise DivergedError(
            "The head's training diverged. Set a lower learning_rate under [head] and begin in "
            "another folder."
        )
    say(f"phase 1: accuracy on the training photographs {logs['accuracy'][-1]:.3f}")
    kernel, bias = linear.get_weights()
    return [kernel, bias]


def keep_what_it_begins_with(
    network: keras.Model, valid: PlainBatches, folder: Path, state: State
) -> None:
    """Keep the network as it is before the first epoch: of few photographs none may be better."""
    loss, accuracy = _validated(network, valid, "before epoch 1")
    if math.isfinite(loss):
        keep(folder, network)
        state.best_loss = loss
        state.before = {"valid_loss": loss, "valid_accuracy": accuracy}
        say(f"before epoch 1: validation loss {loss:.4f}, accuracy {accuracy:.4f}")


def _validated(network: keras.Model, valid: PlainBatches, title: str) -> tuple[float, float]:
    """Return the loss by which networks are chosen, and the accuracy."""
    with telling(valid):
        loss, accuracy = network.evaluate(valid, verbose=0, callbacks=[Progress(title)])
    penalty = sum(float(keras.ops.convert_to_numpy(part)) for part in network.losses)  # of l2
    return loss - penalty, accuracy


def fine_tune(
    network: keras.Model,
    recipe: Recipe,
    dataset: Dataset,
    folder: Path,
    state: State,
    *,
    valid: PlainBatches,
    after_epoch: Callable[[State], None],
) -> None:
    """Phase 2: train the network epoch by epoch, keep the best, stop early, save after each."""
    tune, sizes = recipe.fine_tune, recipe.fine_tune.size_of_epochs
    shown = [dataset.train[i] for i in drawn(dataset.train, recipe, 1)]  # as many in every epoch
    weights = class_weights(shown, len(dataset.classes)) if tune.class_weights else None
    goes_on = [GoesOnFromWhatItLearnt()] if tune.ema_momentum else []
    while state.epoch < len(sizes) and state.waited < tune.patience:
        epoch, size = state.epoch + 1, sizes[state.epoch]
        if tune.schedule == "plateau":
            losses = [line["valid_loss"] for line in state.history]
            network.optimizer.learning_rate = rate_after(tune, losses)
        started = time.monotonic()
        batches = TrainingBatches(dataset, recipe, size=size, epoch=epoch)
        new_epoch(network, recipe.seed, epoch)
        after = sum(later**2 for later in sizes[epoch:]) / size**2
        title = f"epoch {epoch}/{len(sizes)} at {size} px"
        with telling(batches):
            logs = network.fit(
                batches,
                shuffle=False,
                verbose=0,
                class_weight=weights,
                callbacks=[Progress(title, after), EndWithoutNumber(), *goes_on],
            ).history
        if not math.isfinite(logs["loss"][-1]):
            raise _diverged(state, "training", logs["loss"][-1])
        with averaged(network):
            valid_loss, accuracy = _validated(network, valid, f"{title}, validation")
        if not math.isfinite(valid_loss):
            raise _diverged(state, "validation", valid_loss)
        took = time.monotonic() - started
        state.epoch = epoch
        state.history.append(
            {
                "epoch": epoch,
                "size": size,
                "loss": logs["loss"][-1],
                "accuracy": logs["accuracy"][-1],
                "valid_loss": valid_loss,
                "valid_accuracy": accuracy,
                "seconds": round(took),
            }
        )
        if valid_loss < state.best_loss:
            state.best_loss, state.best_epoch = valid_loss, epoch
        save(folder, network, state)
        found = f"validation loss {valid_loss:.4f}, accuracy {accuracy:.4f}"
        say(f"{title}: {found}, took {duration(took)}")
        after_epoch(state)
    best = f"epoch {state.best_epoch}" if state.best_epoch else "the network before epoch 1"
    say(f"done: {best} is kept, validation loss {state.best_loss:.4f}")


class DivergedError(DataError):
    """The loss of a training is no number any more."""


def _diverged(state: State, which: str, value: float) -> DivergedError:
    kept = "; in this one the best network before is kept" if math.isfinite(state.best_loss) else ""
    return DivergedError(
        f"The training diverged in epoch {state.epoch + 1}: its {which} loss is {value}. Set a "
        f"lower learning_rate under [fine_tune] and begin in another folder{kept}."
    )
