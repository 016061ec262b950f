"""A recipe: one TOML file that holds every hyperparameter of a training run, typed and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from florapp.core.errors import DataError
from training.rules import check
from training.typed import known, typed

#: A file's name that is not in the system's encoding is one all the same.
ANY_NAME = "surrogateescape"


@dataclass(frozen=True)
class DataSource:
    """A folder below ``--data`` with a sub-folder for each class, or parts of it with such folders.

    The parts are train/, valid/ and test/.

    ``classes`` maps its class names to the recipe's; what it does not name is left out. Without
    it every class is taken under its own name.
    """

    folder: str = "."
    classes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Data:
    """The photographs.

    From a source that has no test/ folder ``test_fraction`` is put aside to report on, if it is not
    0; from the rest of one that has no valid/ folder ``valid_fraction`` to choose by. ``exclude``
    are those to leave out, by their paths below ``--data``; so are ``twins``, which ``fit`` finds:
    the same picture is held back.
    """

    sources: list[DataSource] = field(default_factory=lambda: [DataSource()])
    labels: str = ""
    test_fraction: float = 0.0
    valid_fraction: float = 0.2
    exclude: list[str] = field(default_factory=list)
    twins: list[str] = field(default_factory=list)
    licence: str = ""
    provenance: str = ""


@dataclass(frozen=True)
class Cnn:
    """The layers of the backbone ``cnn``, a plain convolutional network that starts from nothing.

    One convolution of ``kernel`` x ``kernel`` for each of ``filters``, each followed by 2x2
    max-pooling and, with ``batch_norm``, by a BatchNormalization (which costs a quarter there of
    what it would before the pooling); then one dense layer for each of ``dense``.
    """

    filters: tuple[int, ...] = (32, 64, 128, 128)
    kernel: int = 3
    activation: Literal["relu", "gelu", "silu", "elu", "tanh"] = "relu"
    batch_norm: bool = False
    dense: tuple[int, ...] = (512,)


@dataclass(frozen=True)
class Model:
    """The network, and how a picture is made square for it (docs/decisions/002).

    With ``start`` "imagenet" it begins from weights that know ImageNet, its BatchNormalizations
    stay as they are, and its head is fitted first; with "random", and always as ``cnn``, it begins
    from random ones. ``output`` "sigmoid" is a single output for two classes; its probability is
    that of the second.
    """

    backbone: Literal["resnet50", "vgg16", "inceptionv3", "efficientnetv2b0", "cnn"] = "resnet50"
    start: Literal["imagenet", "random"] = "imagenet"
    output: Literal["softmax", "sigmoid"] = "softmax"
    size: int = 224
    fit: Literal["stretch"] = "stretch"  # training crops are drawn on the stretched square
    dropout: float = 0.2
    precision: Literal["float32", "mixed_bfloat16"] = "float32"
    cnn: Cnn = field(default_factory=Cnn)

    @property
    def pretrained(self) -> bool:
        """Whether it begins from weights that were trained before."""
        return self.start == "imagenet" and self.backbone != "cnn"


@dataclass(frozen=True)
class Augmentation:
    """Random changes of a training photograph; each is drawn anew in every epoch.

    ``scale`` and ``aspect`` bound the crop's part of the area and its width to height;
    ``rotation`` is in degrees; ``brightness``, ``contrast`` and ``saturation`` are the largest
    relative changes; ``blur``, ``noise`` and ``recompress`` are probabilities (a Gaussian blur of
    up to ``blur_radius`` pixels; Gaussian noise of a standard deviation of up to
    ``noise_deviation`` of 255; JPEG or WebP of quality ``quality``). ``cutmix`` is the part of the
    photographs that get a rectangle of another one (augment.py).
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
    noise: float = 0.0
    noise_deviation: float = 20.0
    recompress: float = 0.2
    quality: tuple[int, int] = (30, 95)
    cutmix: float = 0.0


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
    """Phase 2: the layers from ``train_from`` on ("" = all) learn.

    ``sizes`` gives the side of the training crops in pixels, epoch by epoch (growing sizes spend
    less on the first ones). There are as many ``epochs``, or so many that the last size goes on.

    ``learning_rate`` is the highest: the rate rises to it over ``warmup_steps``, and falls to 0 on
    a cosine, or stays (``schedule`` "constant"); with "plateau" it starts there, and is cut when
    the validation loss stops falling (optimize.py). ``momentum`` is that of "sgd", and
    ``weight_decay`` that of "adamw", decoupled from the gradient (Loshchilov and Hutter 2019);
    ``l2`` is a penalty in the loss.
    With ``ema_momentum`` what is validated and kept is a running mean of what learns, which keeps
    so much of itself at every step (Polyak and Juditsky 1992): with 0.999 it is that of some
    thousand steps, and a training needs several times as many. BatchNormalizations keep the
    statistics of what learns.
    An epoch takes at most ``most_of_class`` photographs of a class, drawn anew; 0 means all.
    With ``class_weights`` every class counts alike, however few photographs it has. Training stops
    when the validation loss has not fallen for ``patience`` epochs.
    """

    sizes: tuple[int, ...] = (224,) * 7
    epochs: int = 0
    train_from: str = ""
    batch: int = 32
    optimizer: Literal["adamw", "adam", "sgd", "rmsprop"] = "adamw"
    momentum: float = 0.9
    learning_rate: float = 1e-4
    schedule: Literal["cosine", "constant", "plateau"] = "cosine"
    warmup_steps: int = 100
    weight_decay: float = 1e-4
    l2: float = 0.0
    ema_momentum: float = 0.0
    most_of_class: int = 0
    class_weights: bool = False
    label_smoothing: float = 0.1
    patience: int = 3

    @property
    def size_of_epochs(self) -> tuple[int, ...]:
        """The side of the training crops in every epoch."""
        more = max(0, self.epochs - len(self.sizes))
        return self.sizes + self.sizes[-1:] * more


@dataclass(frozen=True)
class Range:
    """Values that a search may try: one of ``choices``, or a number from ``low`` to ``high``.

    With ``log`` numbers are drawn evenly by their logarithm.
    """

    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a run but the photographs and the starting weights.

    ``search`` names what ``training search`` may change, such as "fine_tune.learning_rate".
    """

    name: str = "my_model"
    title: str = ""
    seed: int = 1
    data: Data = field(default_factory=Data)
    model: Model = field(default_factory=Model)
    augmentation: Augmentation = field(default_factory=Augmentation)
    head: Head = field(default_factory=Head)
    fine_tune: FineTune = field(default_factory=FineTune)
    search: dict[str, Range] = field(default_factory=dict)


def load_recipe(path: Path) -> Recipe:
    """Read a recipe. Raises DataError that names the key and, for an unknown one, the nearest."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError(f"The recipe {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"The recipe {path} is not valid TOML: {error}.") from error
    except ValueError as error:  # of a number with thousands of digits
        raise DataError(f"The recipe {path} cannot be understood: {error}.") from error
    _check_quoted(table.get("search"))
    recipe = recipe_from(table)
    check(recipe)
    return recipe


def _check_quoted(search: Any) -> None:
    """Raise DataError where TOML has taken the dot in a key of [search] for one of its own."""
    for name, inner in search.items() if isinstance(search, dict) else ():
        for key, space in inner.items() if isinstance(inner, dict) else ():
            if isinstance(space, dict):
                raise DataError(
                    f"The keys under [search] stand in quotation marks, for the dot in them: "
                    f'"{name}.{key}" = ...'
                )


def recipe_from(table: dict[str, Any]) -> Recipe:
    """Build a recipe from nested tables, as TOML or JSON gives them."""
    built = typed(Recipe, table, "recipe")
    assert isinstance(built, Recipe)
    return built


def stored_recipe(table: dict[str, Any]) -> Recipe:
    """Read the recipe that a run has stored, maybe by another version.

    Settings that have come since are as usual, and those that have gone are left out.
    """
    return recipe_from(known(Recipe, table))


def with_twins(recipe: Recipe, twins: Sequence[str]) -> Recipe:
    """Return ``recipe`` with these photographs for the twins of held-back ones."""
    return replace(recipe, data=replace(recipe.data, twins=list(twins)))


def data_from(recipe: dict[str, Any]) -> Data:
    """Read what the recipe in a model file says of its photographs, whatever version wrote it."""
    try:
        data = typed(Data, known(Data, recipe.get("data", {})), "recipe.data")
    except DataError:
        return Data()
    assert isinstance(data, Data)
    return data
