"""How a network learns: its optimiser, the course of the rate, penalties, the weight of classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from training.config import FineTune
from training.dataset import Photo
from training.network import every_layer

#: With the schedule "plateau" the rate is cut to this part after so many epochs without a gain.
CUT, WAIT = 0.3, 2


def compile_network(network: keras.Model, tune: FineTune, photographs: int) -> None:
    """Give the network its loss and its optimiser, whose step count is where the schedule stands.

    ``photographs`` is how many there are to train on.
    """
    epochs = len(tune.size_of_epochs)
    optimizer = _optimizer(tune, _rate(tune, epochs * -(-photographs // tune.batch)))
    if tune.optimizer == "adamw":
        optimizer.exclude_from_weight_decay(var_names=["bias"])
    for layer in every_layer(network):
        kernel = getattr(layer, "kernel", None)
        if tune.l2 and kernel is not None:
            kernel.regularizer = keras.regularizers.L2(tune.l2)
    network.compile(optimizer, loss(tune), metrics=["accuracy"])
    # Built now: for that Keras, on JAX, would take the first batches from a process' first epoch.
    one = keras.ops.one_hot([0], network.output_shape[-1])
    network.compute_loss(y=one, y_pred=one)
    network.compute_metrics(None, one, one)
    network.reset_metrics()


def loss(tune: FineTune) -> keras.losses.Loss:
    """Return the cross-entropy of logits against one-hot labels."""
    return keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=tune.label_smoothing
    )


def class_weights(photos: Sequence[Photo], classes: int) -> dict[int, float]:
    """Return for each class the weight by which all classes count alike, 1 on average."""
    labels = np.array([photo.label for photo in photos])
    weights = compute_class_weight("balanced", classes=np.arange(classes), y=labels)
    return dict(enumerate(weights.tolist()))


@contextmanager
def averaged(network: keras.Model) -> Iterator[None]:
    """Give a compiled ``network`` its running mean meanwhile, where its recipe has it keep one."""
    if not network.optimizer.use_ema:
        yield
        return
    learnt = network.get_weights()
    network.optimizer.finalize_variable_values(network.trainable_variables)
    network.set_weights(network.get_weights())  # copies: JAX gives away what it is lent
    try:
        yield
    finally:
        network.set_weights(learnt)


def rate_after(tune: FineTune, valid_losses: Sequence[float]) -> float:
    """Return the rate of the schedule "plateau" after epochs with these validation losses."""
    rate, best, waited = tune.learning_rate, float("inf"), 0
    for valid_loss in valid_losses:
        best, waited = (valid_loss, 0) if valid_loss < best else (best, waited + 1)
        if waited == WAIT:
            rate, waited = rate * CUT, 0
    return rate


def _rate(tune: FineTune, steps: int) -> Any:
    if tune.schedule == "plateau":
        return tune.learning_rate
    warmup = min(tune.warmup_steps, steps // 2)
    return keras.optimizers.schedules.CosineDecay(
        0.0,
        steps - warmup,
        alpha=1.0 if tune.schedule == "constant" else 0.0,
        warmup_target=tune.learning_rate,
        warmup_steps=warmup,
    )


def _optimizer(tune: FineTune, rate: Any) -> keras.optimizers.Optimizer:
    ema = {"use_ema": tune.ema_momentum > 0, "ema_momentum": tune.ema_momentum}
    if tune.optimizer == "adamw":
        return keras.optimizers.AdamW(rate, weight_decay=tune.weight_decay, **ema)
    if tune.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=tune.momentum, **ema)
    kinds = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}
    return kinds[tune.optimizer](rate, **ema)
