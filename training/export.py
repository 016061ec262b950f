"""From a run to the model file: convert, quantise, compare with Keras, and only then write."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from numpy.typing import NDArray
from scipy.special import softmax

from florapp.core.errors import DataError
from florapp.core.geometry import Geometry
from florapp.core.model_file import Card, SelfTest
from florapp.core.network import Network
from training.batches import PlainBatches
from training.dataset import Dataset, shaped
from training.files import write_whole
from training.graph import add_probabilities, name_batch_axis, set_card
from training.learnt import FACTS
from training.outputs import outputs
from training.progress import counted, say
from training.quantize import quantize
from training.run import Run
from training.selftest import record
from training.watch import Progress

#: The most that fp32 probabilities may differ from those of Keras.
FP32_TOLERANCE = 1e-4
#: What int8 may lose in top-1 accuracy: this part of the photographs, or one of them.
INT8_LOSS = 0.005
_CALIBRATION_PHOTOS = 256
#: What the model file remembers of the run's facts.
_OF_THE_RUN = ("fingerprint", "photographs", "weights", "mean_of", *FACTS)


@dataclass(frozen=True)
class Exported:
    """The files written: fp32 and int8."""

    fp32: Path
    int8: Path


def export(run: Run, dataset: Dataset, out: Path, geometry: Geometry) -> Exported:
    """Write ``run`` as ``out``-fp32.onnx and ``out``-int8.onnx (``out`` ending in .onnx).

    Both are run on the validation photographs and compared with Keras, and neither is written when
    one differs by more than the tolerances above; DataError says by how much.
    """
    say(f"converting to ONNX at {geometry.size} px")
    fp32 = convert(run, geometry)
    chosen = _spread(dataset)
    say(f"quantising on {len(chosen)} training photographs")
    int8 = quantize(fp32, [shaped(path, geometry) for path in chosen])
    say(f"comparing with Keras on {len(dataset.valid)} validation photographs")
    batches = PlainBatches(dataset.valid, len(dataset.classes), geometry)
    truth = np.array([photo.label for photo in dataset.valid])
    answers = run.network.predict(batches, verbose=0, callbacks=[Progress("Keras")])
    expected = softmax(answers, axis=1)
    card = _card(run, geometry)
    files = []
    for precision, model in (("fp32", fp32), ("int8", int8)):
        add_probabilities(model, len(run.labels))
        draft = replace(card, precision=precision)
        with tempfile.TemporaryDirectory() as folder:
            network = _opened(model, draft, Path(folder))
            told = counted(batches, len(batches), f"{precision}, a batch at a time")
            given = np.concatenate([network.run(images).probabilities for images, _ in told])
            test = record(network)
        comparison = compare(truth, expected, given)
        say(f"{precision}: {_in_words(comparison)}")
        check(precision, comparison)
        set_card(model, replace(draft, comparison=comparison, self_test=test))
        files.append((out.with_name(f"{out.stem}-{precision}.onnx"), model))
    for path, model in files:
        write_whole(path, _saver(model))
        say(f"written: {path}, {path.stat().st_size / 1e6:.1f} MB")
    return Exported(files[0][0], files[1][0])


def convert(run: Run, geometry: Geometry) -> onnx.ModelProto:
    """Convert the network to ONNX, with its preprocessing inside.

    Its outputs are those of outputs.py; graph.add_probabilities adds the last one.
    Raises DataError when the network can have no such size.
    """
    import tf2onnx

    model = run.recipe.model
    if model.backbone == "cnn" and geometry.size != model.size:
        raise DataError(f"A cnn has the size it was trained with, {model.size}: leave out --size.")
    image = keras.Input((geometry.size, geometry.size, 3), dtype="uint8", name="image")
    given = outputs(run.network, model, image)
    named = [keras.layers.Identity(name=name)(value) for name, value in given.items()]
    converted: onnx.ModelProto
    converted, _ = tf2onnx.convert.from_keras(keras.Model(image, named), opset=17)
    _rename_outputs(converted, list(given))
    name_batch_axis(converted)
    return converted


def compare(
    truth: NDArray[np.int_], expected: NDArray[np.float32], given: NDArray[np.float32]
) -> dict[str, Any]:
    """Compare probabilities ``given`` by a file with Keras' ``expected``, ``[photos, classes]``."""
    ours, theirs = given.argmax(axis=1), expected.argmax(axis=1)
    return {
        "photographs": len(truth),
        "top1_agreement": float((ours == theirs).mean()),
        "top1_keras": float((theirs == truth).mean()),
        "top1": float((ours == truth).mean()),
        "largest_probability_difference": float(np.abs(given - expected).max()),
    }


def check(precision: str, comparison: dict[str, Any]) -> None:
    """Raise DataError when a file is further from Keras than it may be."""
    difference = comparison["largest_probability_difference"]
    if precision == "fp32" and not difference <= FP32_TOLERANCE:
        raise DataError(
            f"The fp32 file's probabilities differ from Keras' by up to {difference:.2g} "
            f"(at most {FP32_TOLERANCE:g} is allowed), so nothing was written. The conversion or "
            "the preprocessing in the graph is wrong."
        )
    lost = comparison["top1_keras"] - comparison["top1"]
    allowed = max(INT8_LOSS, 1 / comparison["photographs"])
    if precision == "int8" and not lost <= allowed + 1e-9:
        raise DataError(
            f"The int8 file loses {lost:.2%} of top-1 accuracy against Keras (at most "
            f"{allowed:.2%} is allowed), so nothing was written."
        )


def _card(run: Run, geometry: Geometry) -> Card:
    history = {"history": run.history} if run.history else {}  # the mean of runs has none
    before = {"before": run.before} if run.before else {}
    return Card(
        title=run.recipe.title or run.recipe.name,
        labels=run.labels,
        geometry=geometry,
        temperature=1.0,
        precision="fp32",
        self_test=SelfTest("", {}),
        comparison={},
        recipe=run.facts["recipe"],
        data={k: run.facts[k] for k in _OF_THE_RUN if k in run.facts} | history | before,
        licence=run.recipe.data.licence,
        provenance=run.recipe.data.provenance,
    )


def _spread(dataset: Dataset) -> list[Path]:
    """Training photographs at even steps through all of them, which lie in classes."""
    photos = dataset.train
    chosen = np.linspace(0, len(photos) - 1, min(len(photos), _CALIBRATION_PHOTOS)).astype(int)
    return [photos[i].path for i in chosen]


def _opened(model: onnx.ModelProto, card: Card, folder: Path) -> Network:
    set_card(model, card)
    onnx.save(model, str(folder / "model.onnx"))
    return Network(folder / "model.onnx")


def _rename_outputs(model: onnx.ModelProto, names: Sequence[str]) -> None:
    for value, name in zip(model.graph.output, names, strict=True):
        for node in model.graph.node:
            node.output[:] = [name if o == value.name else o for o in node.output]
            node.input[:] = [name if i == value.name else i for i in node.input]
        value.name = name


def _saver(model: onnx.ModelProto) -> Callable[[Path], object]:
    return lambda part: onnx.save(model, str(part))


def _in_words(comparison: dict[str, Any]) -> str:
    return (
        f"top-1 {comparison['top1']:.4f}, Keras {comparison['top1_keras']:.4f}, "
        f"same answer {comparison['top1_agreement']:.4f}, largest difference of a probability "
        f"{comparison['largest_probability_difference']:.2g}"
    )
