"""What is learnt after training, by running the very file that it is then stored in."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from florapp.core.network import Network
from training.dataset import Photo, shaped
from training.files import write_whole
from training.graph import set_card, set_temperature
from training.measure import expected_calibration_error, figures
from training.selftest import record

_BATCH = 16


def calibrate(path: Path, photos: Sequence[Photo]) -> dict[str, float]:
    """Fit the temperature of the model in ``path`` on validation ``photos`` and store it there.

    The figures on these photographs and the answer for the self-test are stored with it. Returns
    temperature, and ECE and NLL before and after, measured on the photographs it was fitted on.
    """
    network = Network(path)
    truth = np.array([photo.label for photo in photos])
    logits = logits_of(network, photos)
    temperature = fit_temperature(truth, logits)
    after = softmax(logits / temperature, axis=1)
    report = {
        "temperature": temperature,
        "ece_before": expected_calibration_error(truth, softmax(logits, axis=1)),
        "ece_after": expected_calibration_error(truth, after),
        "nll_before": negative_log_likelihood(truth, logits, 1.0),
        "nll_after": negative_log_likelihood(truth, logits, temperature),
    }
    held_out: dict[str, Any] = {
        name: dataclasses.asdict(figure) for name, figure in figures(truth, after).items()
    }
    held_out |= {"photographs": len(photos), "ece": report["ece_after"]}
    card = dataclasses.replace(network.card, temperature=temperature, figures=held_out)
    model = onnx.load(str(path))
    set_temperature(model, temperature)
    set_card(model, card)

    def write(part: Path) -> None:
        onnx.save(model, str(part))
        test = record(Network(part))  # the temperature has moved the answer
        set_card(model, dataclasses.replace(card, self_test=test))
        onnx.save(model, str(part))

    write_whole(path, write)
    return report


def fit_temperature(truth: NDArray[np.int_], logits: NDArray[np.float32]) -> float:
    """Find the temperature of least negative log-likelihood (Guo et al. 2017).

    ``truth`` is ``[photos]``, ``logits`` ``[photos, classes]``.
    """
    found = minimize_scalar(
        lambda log_t: negative_log_likelihood(truth, logits, float(np.exp(log_t))),
        bounds=(np.log(0.05), np.log(20.0)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(np.exp(found.x))


def negative_log_likelihood(
    truth: NDArray[np.int_], logits: NDArray[np.float32], temperature: float
) -> float:
    """Mean of -log probability of the true class."""
    return float(-log_softmax(logits / temperature, axis=1)[np.arange(len(truth)), truth].mean())


def logits_of(network: Network, photos: Sequence[Photo]) -> NDArray[np.float32]:
    """Run ``network`` on ``photos``: logits ``[photos, classes]``."""
    geometry = network.card.geometry
    parts = [photos[i : i + _BATCH] for i in range(0, len(photos), _BATCH)]
    return np.concatenate(
        [network.run(np.stack([shaped(p.path, geometry) for p in part])).logits for part in parts]
    )
