"""The contract between workshop and program: what a model file must say of itself, version 1.

A model is one ``.onnx`` file. Its graph takes ``image``, uint8 ``[batch, height, width, 3]`` in
RGB, and gives ``logits`` and ``probabilities``, float32 ``[batch, classes]``; ``embedding``
``[batch, features]`` and ``class_maps`` ``[batch, h, w, classes]`` are optional. Everything else
stands in its ``metadata_props`` as JSON texts, one for each field of :class:`Card`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from florapp.core.errors import ModelFileError
from florapp.core.geometry import FITS, Geometry

CONTRACT = 1
_CONTRACT_KEY = "florapp_contract"


@dataclass(frozen=True, slots=True)
class Label:
    """A class: what it is called and where it stands among the plants.

    ``rank`` says what the class really is: species, genus, hybrid, cultivar or group. Everything
    but ``id`` and ``name`` may be empty (a model need not know plants).
    """

    id: str
    name: str
    scientific_name: str = ""
    rank: str = ""
    genus: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """The answer recorded at export for a picture that the program draws (core/drawing.py)."""

    drawing: str
    probabilities: dict[str, float]  # by label id, the largest few


@dataclass(frozen=True, slots=True)
class Card:
    """What a model file says of itself.

    ``temperature`` divides the logits before the softmax; ``figures`` were measured on held-back
    photographs, with their sample sizes; ``comparison`` is export's proof against Keras.
    """

    title: str
    labels: tuple[Label, ...]
    geometry: Geometry
    temperature: float
    precision: str
    self_test: SelfTest
    comparison: dict[str, Any]
    recipe: dict[str, Any]
    data: dict[str, Any]
    licence: str
    provenance: str
    figures: dict[str, Any] = field(default_factory=dict)


def to_metadata(card: Card) -> dict[str, str]:
    """Write ``card`` as the texts of ``metadata_props``."""
    fields = dataclasses.asdict(card)
    return {_CONTRACT_KEY: str(CONTRACT)} | {
        key: json.dumps(value, ensure_ascii=False) for key, value in fields.items()
    }


def from_metadata(metadata: Mapping[str, str]) -> Card:
    """Read the card from ``metadata_props``.

    Raises ModelFileError that says what is missing or wrong.
    """
    if _CONTRACT_KEY not in metadata:
        raise ModelFileError(
            "This is an ONNX file but not a FlorApp model: it does not carry its labels and card. "
            "Export it with 'python -m training export'."
        )
    if metadata[_CONTRACT_KEY] != str(CONTRACT):
        raise ModelFileError(
            f"This model is of contract version {metadata[_CONTRACT_KEY]}, and this FlorApp reads "
            f"version {CONTRACT}. Update FlorApp or export the model again."
        )
    values: dict[str, Any] = {}
    for key in (f.name for f in dataclasses.fields(Card)):
        if key not in metadata:
            raise ModelFileError(f"The model file is incomplete: its metadata has no {key!r}.")
        try:
            values[key] = json.loads(metadata[key])
        except ValueError as error:
            raise ModelFileError(f"The model file's {key!r} is not valid JSON: {error}.") from error
    try:
        values["labels"] = tuple(Label(**label) for label in values["labels"])
        values["geometry"] = Geometry(**values["geometry"])
        values["self_test"] = SelfTest(**values["self_test"])
    except TypeError as error:
        raise ModelFileError(
            f"The model file's metadata has an unexpected form: {error}."
        ) from error
    card = Card(**values)
    _check(card)
    return card


def _check(card: Card) -> None:
    ids = [str(label.id) for label in card.labels]
    if len(ids) < 2 or len(set(ids)) != len(ids):
        raise ModelFileError("The model file needs at least two labels with different ids.")
    size = card.geometry.size
    if card.geometry.fit not in FITS or not isinstance(size, int) or size < 1:
        raise ModelFileError(f"The model file's geometry is not understood: {card.geometry}.")
    if not isinstance(card.temperature, int | float) or not 0 < card.temperature < 1000:
        raise ModelFileError(f"The model file's temperature is {card.temperature!r}, not above 0.")
