"""A recipe: one TOML file that holds every hyperparameter of a training run, typed and checked."""

from __future__ import annotations

import dataclasses
import difflib
import math
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from florapp.core.errors import DataError


@dataclass(frozen=True)
class DataSource:
    """A folder below ``--data`` with a sub-folder for each class, or train/ and valid/ with such.

    ``classes`` maps its class names to the recipe's; what it does not name is left out. Without
    it every class is taken under its own name.
    """

    folder: str = "."
    classes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Data:
    """The photographs. ``valid_fraction`` is split off a source that has no valid/ folder.

    ``exclude`` are those to leave out, by their paths below ``--data``.
    """

    sources: list[DataSource] = field(default_factory=lambda: [DataSource()])
    labels: str = ""
    valid_fraction: float = 0.2
    exclude: list[str] = field(default_factory=list)
    licence: str = ""
    provenance: str = ""


@dataclass(frozen=True)
class Model:
    """The network, and how a picture is made square for it (docs/decisions/002)."""

    backbone: Literal["resnet50"] = "resnet50"
    size: int = 224
    fit: Literal["stretch"] = "stretch"  # training crops are drawn on the stretched square
    dropout: float = 0.2
    precision: Literal["float32", "mixed_bfloat16"] = "float32"


@dataclass(frozen=True)
class Augmentation:
    """Random changes of a training photograph; each is drawn anew in every epoch.

    ``scale`` and ``aspect`` bound the crop's part of the area and its width to height;
    ``rotation`` is in degrees; ``brightness``, ``contrast`` and ``saturation`` are the largest
    relative changes; ``blur`` and ``recompress`` are probabilities (a Gaussian blur of up to
    ``blur_radius`` pixels; JPEG or WebP of quality ``quality``).
    """

    scale: tuple[float, float] = (0.35, 1.0)
    aspect: tuple[float, float] = (0.75, 1.3333)
    rotation: float = 15.0
    flip: bool = True
    brightness: float = 0.2
    contrast: float = 0.2
    saturation: float = 0.2
    blur: float = 0.2
    blur_radius: float = 1.5
    recompress: float = 0.2
    quality: tuple[int, int] = (30, 95)


@dataclass(frozen=True)
class Head:
    """Phase 1: a linear head on the features of the frozen backbone, computed once."""

    size: int = 160
    epochs: int = 60
    batch: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4


@dataclass(frozen=True)
class FineTune:
    """Phase 2: the layers from ``train_from`` on ("" = all) learn with a small rate.

    ``sizes`` gives the side of the training crops in pixels, epoch by epoch; their number is the
    number of epochs (growing sizes spend less on the first ones). The rate rises over
    ``warmup_steps`` to ``learning_rate`` and falls to 0 on a cosine; it does so anew after each
    epoch in ``restart_after``, each time to ``restart_scale`` times the peak before (warm restarts:
    Loshchilov and Hutter 2017). Training stops when the validation loss has not fallen for
    ``patience`` epochs.
    """

    sizes: tuple[int, ...] = (224,) * 7
    restart_after: tuple[int, ...] = ()
    restart_scale: float = 1.0
    train_from: str = ""
    batch: int = 32
    learning_rate: float = 1e-4
    warmup_steps: int = 100
    weight_decay: float = 1e-4
    label_smoothing: float = 0.1
    patience: int = 3


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a run but the photographs and the starting weights."""

    name: str = "my_model"
    title: str = ""
    seed: int = 1
    data: Data = field(default_factory=Data)
    model: Model = field(default_factory=Model)
    augmentation: Augmentation = field(default_factory=Augmentation)
    head: Head = field(default_factory=Head)
    fine_tune: FineTune = field(default_factory=FineTune)


def load_recipe(path: Path) -> Recipe:
    """Read a recipe. Raises DataError that names the key and, for an unknown one, the nearest."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"The recipe {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"The recipe {path} is not valid TOML: {error}.") from error
    recipe = recipe_from(table)
    check(recipe)
    return recipe


def recipe_from(table: dict[str, Any]) -> Recipe:
    """Build a recipe from nested tables, as TOML or JSON gives them."""
    built = _typed(Recipe, table, "recipe")
    assert isinstance(built, Recipe)
    return built


def data_from(recipe: dict[str, Any]) -> Data:
    """Read what the recipe in a model file says of its photographs, whatever version wrote it."""
    try:
        data = _typed(Data, recipe.get("data", {}), "recipe.data")
    except DataError:
        return Data()
    assert isinstance(data, Data)
    return data


def check(recipe: Recipe) -> None:
    """Raise DataError where values are of the right type but make no sense."""
    tune, grow = recipe.fine_tune, recipe.augmentation
    rules = [
        (bool(tune.sizes), "fine_tune.sizes needs one size an epoch"),
        (all(size >= 32 for size in (*tune.sizes, recipe.model.size, recipe.head.size)),
         "sizes are at least 32 pixels"),
        (all(0 < epoch < len(tune.sizes) for epoch in tune.restart_after),
         "fine_tune.restart_after names epochs before the last one"),
        (0 < tune.restart_scale <= 1, "fine_tune.restart_scale is in (0, 1]"),
        (recipe.seed >= 0, "seed is at least 0"),
        (recipe.head.epochs > 0, "head.epochs is at least 1"),
        (tune.patience > 0, "fine_tune.patience is at least 1"),
        (tune.warmup_steps >= 0, "fine_tune.warmup_steps is at least 0"),
        (tune.batch > 0 and recipe.head.batch > 0, "a batch holds at least one picture"),
        (tune.learning_rate > 0 and recipe.head.learning_rate > 0, "a learning rate is above 0"),
        (tune.weight_decay >= 0 and recipe.head.weight_decay >= 0, "weight_decay is at least 0"),
        (0 <= tune.label_smoothing < 1, "fine_tune.label_smoothing is in [0, 1)"),
        (0 <= recipe.model.dropout < 1, "model.dropout is in [0, 1)"),
        (bool(recipe.data.sources), "data.sources needs at least one folder"),
        (0 < recipe.data.valid_fraction < 1, "data.valid_fraction is in (0, 1)"),
        (0 < grow.scale[0] <= grow.scale[1] <= 1, "augmentation.scale is two rising parts up to 1"),
        (0 < grow.aspect[0] <= grow.aspect[1], "augmentation.aspect is two rising ratios"),
        (0 <= grow.rotation <= 180, "augmentation.rotation is in 0 to 180 degrees"),
        (all(0 <= part <= 1 for part in (grow.brightness, grow.contrast, grow.saturation,
                                         grow.blur, grow.recompress)),
         "augmentation's changes and probabilities are in 0 to 1"),
        (grow.blur_radius >= 0.2, "augmentation.blur_radius is at least 0.2 pixels"),
        (1 <= grow.quality[0] <= grow.quality[1] <= 100, "augmentation.quality is within 1 to 100"),
    ]  # fmt: skip
    for holds, sentence in rules:
        if not holds:
            raise DataError(f"The recipe does not make sense: {sentence}.")


def _typed(kind: Any, value: Any, where: str) -> Any:
    """Check ``value`` against the annotation ``kind`` and convert lists to tuples."""
    origin, args = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, value, where)
    if origin in (tuple, list) and isinstance(value, list | tuple):
        endless = origin is list or args[-1] is Ellipsis
        inner = args[:1] * len(value) if endless else args
        if len(inner) == len(value):
            pairs = zip(inner, value, strict=True)
            return origin(_typed(k, v, f"{where}[{i}]") for i, (k, v) in enumerate(pairs))
    elif origin is dict and isinstance(value, dict):
        return {key: _typed(args[1], v, f"{where}.{key}") for key, v in value.items()}
    elif kind is float:
        if type(value) in (int, float) and math.isfinite(value):
            return float(value)
    elif type(value) is kind or (origin is Literal and value in args):
        return value
    raise DataError(f"{where} is {value!r}; expected: {_in_words(kind)}.")


def _dataclass(kind: type, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise DataError(f"{where} is {value!r}; expected: a table.")
    hints = get_type_hints(kind)
    for key in value:
        if key not in hints:
            near = difflib.get_close_matches(key, hints, n=1, cutoff=0.0)[0]
            raise DataError(f"The {where} has no key {key!r}. Did you mean {near!r}?")
    return kind(**{key: _typed(hints[key], v, f"{where}.{key}") for key, v in value.items()})


def _in_words(kind: Any) -> str:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " or ".join(repr(choice) for choice in args)
    if origin is tuple and args[-1] is not Ellipsis:
        return f"a list of {len(args)} of {_in_words(args[0])}"
    if origin in (tuple, list):
        return f"a list of {_in_words(args[0])}"
    words = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    return words.get(kind, "a table")
