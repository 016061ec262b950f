"""Training in two phases, read from top to bottom: the head, then the network.

After every epoch the whole state is on disk, so the same command goes on after any stop.
Whatever is random is drawn from the seed and the epoch, never from a generator that a stop loses.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from florapp.core.errors import DataError
from florapp.core.geometry import Geometry
from florapp.core.model_file import Label
from training.backbones import Start
from training.batches import PlainBatches, TrainingBatches, one_hot
from training.config import Recipe
from training.dataset import Dataset
from training.files import write_whole
from training.network import build, freeze_before, new_epoch
from training.progress import duration, say
from training.run import State, begin, restore, save
from training.watch import Progress


def fit(
    recipe: Recipe, labels: Sequence[Label], dataset: Dataset, weights: Start, folder: Path
) -> State:
    """Train, or go on training, in ``folder`` (see training/run.py); return the final state.

    Raises DataError when the folder belongs to another recipe or other photographs, and when the
    training diverges.
    """
    state = begin(folder, recipe, labels, dataset, weights)
    keras.utils.set_random_seed(recipe.seed)
    keras.mixed_precision.set_global_policy(recipe.model.precision)
    say(
        f"{len(dataset.classes)} classes, {len(dataset.train)} photographs to train on, "
        f"{len(dataset.valid)} to validate with"
    )
    network = build(recipe.model, len(dataset.classes), None if state.epoch else weights)
    freeze_before(network, recipe.model.backbone, recipe.fine_tune.train_from)
    if not state.epoch:
        fit_head(network, recipe, dataset, folder)
    compile_network(network, recipe, len(dataset.train), state.epoch)
    if state.epoch:
        restore(folder, network, state)
        say(f"going on after epoch {state.epoch}")
    fine_tune(network, recipe, dataset, folder, state)
    return state


def fit_head(network: keras.Model, recipe: Recipe, dataset: Dataset, folder: Path) -> None:
    """Phase 1: fit the linear head on the frozen backbone's features, which are computed once."""
    done, head = folder / "head.npz", network.get_layer("head")
    if not done.exists():
        say("phase 1: features of the frozen backbone")
        settings = recipe.head
        backbone = keras.Model(network.input, network.get_layer("embedding").output)
        geometry = Geometry(settings.size, recipe.model.fit)
        photographs = PlainBatches(dataset.train, len(dataset.classes), geometry)
        features = backbone.predict(photographs, verbose=0, callbacks=[Progress("phase 1")])
        labels = one_hot([photo.label for photo in dataset.train], len(dataset.classes))
        linear = keras.Sequential(
            [keras.Input((features.shape[1],)), keras.layers.Dense(labels.shape[1])]
        )
        linear.compile(
            keras.optimizers.AdamW(settings.learning_rate, weight_decay=settings.weight_decay),
            _loss(recipe),
            metrics=["accuracy"],
        )
        logs = linear.fit(
            features, labels, batch_size=settings.batch, epochs=settings.epochs, verbose=0
        ).history
        kernel, bias = linear.layers[-1].get_weights()
        write_whole(done, lambda part: np.savez(part, kernel=kernel, bias=bias))
        say(f"phase 1: accuracy on the training photographs {logs['accuracy'][-1]:.3f}")
    with np.load(done) as saved:
        head.set_weights([saved["kernel"], saved["bias"]])


def fine_tune(
    network: keras.Model, recipe: Recipe, dataset: Dataset, folder: Path, state: State
) -> None:
    """Phase 2: train the network epoch by epoch, keep the best, stop early, save after each."""
    tune = recipe.fine_tune
    geometry = Geometry(recipe.model.size, recipe.model.fit)
    valid = PlainBatches(dataset.valid, len(dataset.classes), geometry)
    while state.epoch < len(tune.sizes) and state.epoch - state.best_epoch < tune.patience:
        if state.epoch in tune.restart_after:
            compile_network(network, recipe, len(dataset.train), state.epoch)
        epoch, size = state.epoch + 1, tune.sizes[state.epoch]
        started = time.monotonic()
        batches = TrainingBatches(
            dataset,
            recipe.augmentation,
            size=size,
            batch=tune.batch,
            seed=recipe.seed,
            epoch=epoch,
        )
        new_epoch(network, recipe.seed, epoch)
        after = sum(later**2 for later in tune.sizes[epoch:]) / size**2
        title = f"epoch {epoch}/{len(tune.sizes)} at {size} px"
        logs = network.fit(
            batches, shuffle=False, verbose=0, callbacks=[Progress(title, after)]
        ).history
        loss, accuracy = network.evaluate(
            valid, verbose=0, callbacks=[Progress(f"{title}, validation")]
        )
        if not math.isfinite(loss):
            raise DataError(
                f"The training diverged in epoch {epoch}: its validation loss is {loss}. Set a "
                "lower learning_rate under [fine_tune] and begin in another folder."
            )
        took = time.monotonic() - started
        state.epoch = epoch
        state.history.append(
            {
                "epoch": epoch,
                "size": size,
                "loss": logs["loss"][-1],
                "accuracy": logs["accuracy"][-1],
                "valid_loss": loss,
                "valid_accuracy": accuracy,
                "seconds": round(took),
            }
        )
        if loss < state.best_loss:
            state.best_loss, state.best_epoch = loss, epoch
        save(folder, network, state)
        say(f"{title}: validation loss {loss:.4f}, accuracy {accuracy:.4f}, took {duration(took)}")
    say(f"done: epoch {state.best_epoch} is the best, validation loss {state.best_loss:.4f}")


def compile_network(network: keras.Model, recipe: Recipe, photographs: int, epoch: int) -> None:
    """Give the network its optimiser, whose step count is also where the schedule stands.

    The schedule is that of the epochs between two restarts that follow ``epoch`` finished ones.
    """
    tune = recipe.fine_tune
    before = [after for after in tune.restart_after if after <= epoch]
    ends = min((after for after in tune.restart_after if after > epoch), default=len(tune.sizes))
    steps = (ends - max(before, default=0)) * -(-photographs // tune.batch)
    warmup = min(tune.warmup_steps, steps // 2)
    peak = tune.learning_rate * tune.restart_scale ** len(before)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warmup, warmup_target=peak, warmup_steps=warmup
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=tune.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    network.compile(optimizer, _loss(recipe), metrics=["accuracy"])


def _loss(recipe: Recipe) -> keras.losses.Loss:
    return keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=recipe.fine_tune.label_smoothing
    )
