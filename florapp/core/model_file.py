"""The contract between workshop and program: what a model file must say of itself, version 1.

A model is one ``.onnx`` file. Its graph takes ``image``, uint8 ``[batch, height, width, 3]`` in
RGB, and gives ``logits`` and ``probabilities``, float32 ``[batch, classes]``; ``embedding``
``[batch, features]``, ``class_maps`` ``[batch, h, w, classes]`` and ``novelty`` ``[batch]`` (the
larger, the less like the training photographs) are optional. Everything else stands in its
``metadata_props`` as JSON texts, one for each field of :class:`Card`.
"""

from __future__ import annotations

import dataclasses
import json
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from florapp.core.errors import QT_TRANSLATE_NOOP, ModelFileError
from florapp.core.geometry import Geometry

CONTRACT = 1
_CONTRACT_KEY = "florapp_contract"
#: Pixels a side: a batch of eight larger ones would fill the memory.
MOST_SIZE = 2048


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
class Calibration:
    """What was learnt on ``photographs`` held-out photographs by running this very file.

    ``reach`` is, by promise ("0.95"), how far down the ranking a set goes (core/conformal.py);
    ``sure`` the least probability of a sure answer, above 1 where none is; ``usual`` the largest
    novelty of one, and ``novelty`` that of a known flower, None where the network does not say it;
    ``together`` the temperature of several photographs of one plant, by their number
    (core/fusion.py).
    """

    photographs: int
    reach: dict[str, float]
    sure: float
    usual: float | None
    novelty: float | None
    together: dict[str, float]


@dataclass(frozen=True, slots=True)
class Card:
    """What a model file says of itself.

    ``temperature`` divides the logits before the softmax; ``figures`` were measured on held-back
    photographs, with their sample sizes; ``comparison`` is export's proof against Keras. Without a
    ``calibration`` the probabilities are not to be taken at their word.
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
    calibration: Calibration | None = None


def to_metadata(card: Card) -> dict[str, str]:
    """Write ``card`` as the texts of ``metadata_props``."""
    fields = dataclasses.asdict(card)
    return {_CONTRACT_KEY: str(CONTRACT)} | {key: _json(value) for key, value in fields.items()}


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # a file's name in no encoding: only escapes can hold it
        return json.dumps(value)
    return text


def from_metadata(metadata: Mapping[str, str]) -> Card:
    """Read the card from ``metadata_props``.

    Raises ModelFileError that says what is missing or wrong.
    """
    if _CONTRACT_KEY not in metadata:
        raise ModelFileError(
            QT_TRANSLATE_NOOP(
                "core",
                "This is an ONNX file but not a FlorApp model: it does not carry its labels and "
                "card. Export it with 'python -m training export'.",
            )
        )
    if metadata[_CONTRACT_KEY] != str(CONTRACT):
        raise ModelFileError(
            QT_TRANSLATE_NOOP(
                "core",
                "This model is of contract version {0}, and this FlorApp reads version {1}. "
                "Update FlorApp or export the model again.",
            ),
            metadata[_CONTRACT_KEY],
            CONTRACT,
        )
    values: dict[str, Any] = {}
    for key, kind in get_type_hints(Card).items():
        if key == "calibration" and key not in metadata:  # a model older than honest answers
            continue
        if key not in metadata:
            raise ModelFileError(
                QT_TRANSLATE_NOOP(
                    "core", "The model file is incomplete: its metadata has no '{0}'."
                ),
                key,
            )
        try:
            value = json.loads(metadata[key])
        except (ValueError, RecursionError) as error:
            raise ModelFileError(
                QT_TRANSLATE_NOOP("core", "The model file's '{0}' is not valid JSON: {1}."),
                key,
                error,
            ) from error
        values[key] = _typed(value, kind, key)
    card = Card(**values)
    _check(card)
    return card


def _typed(value: Any, kind: Any, name: str) -> Any:
    """Make what JSON gave for the field ``name`` into the ``kind`` of its annotation."""
    inner, origin = get_args(kind), get_origin(kind) or kind
    if origin is UnionType:  # something or None
        return None if value is None else _typed(value, inner[0], name)
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        hints = get_type_hints(kind)
        fields = {k: _typed(v, hints.get(k, Any), f"{name}.{k}") for k, v in value.items()}
        try:
            return origin(**fields)
        except TypeError as error:  # a field too many or too few
            raise _unexpected(name, error) from error
    if origin is tuple and isinstance(value, list):
        return tuple(_typed(v, inner[0], f"{name}[{i}]") for i, v in enumerate(value))
    if origin is dict and isinstance(value, dict):
        return {k: _typed(v, inner[1], f"{name}.{k}") for k, v in value.items()}
    if origin is Literal:
        right = value in inner
    elif origin is float:
        right = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        right = origin is Any or type(value) is origin
    if not right:
        raise _unexpected(name, reprlib.repr(value))
    return value


def _unexpected(name: str, what: object) -> ModelFileError:
    return ModelFileError(
        QT_TRANSLATE_NOOP("core", "The model file's {0} has an unexpected form: {1}."), name, what
    )


def _check(card: Card) -> None:
    ids = [label.id for label in card.labels]
    if len(ids) < 2 or len(set(ids)) != len(ids):
        raise ModelFileError(
            QT_TRANSLATE_NOOP(
                "core", "The model file needs at least two labels with different ids."
            )
        )
    if not 1 <= card.geometry.size <= MOST_SIZE:
        raise ModelFileError(
            QT_TRANSLATE_NOOP("core", "The model file's geometry is not understood: {0}."),
            f"size={reprlib.repr(card.geometry.size)}",
        )
    if not 0 < card.temperature < 1000:
        raise ModelFileError(
            QT_TRANSLATE_NOOP("core", "The model file's temperature is {0}, not above 0."),
            reprlib.repr(card.temperature),
        )
    learnt = card.calibration
    if learnt is not None and not (
        learnt.reach
        and all(_is_promise(promise) for promise in learnt.reach)
        and all(reach >= 0 for reach in learnt.reach.values())
        and all(temperature > 0 for temperature in learnt.together.values())
    ):
        raise _unexpected("calibration", reprlib.repr(learnt))


def _is_promise(text: str) -> bool:
    try:
        return 0 < float(text) < 1
    except ValueError:
        return False
