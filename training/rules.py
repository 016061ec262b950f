"""What the values of a recipe have to be, beyond their types."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from florapp.core.errors import DataError
from florapp.core.model_file import MOST_SIZE

if TYPE_CHECKING:  # which asks for these rules
    from training.config import Model, Recipe


#: More is a slip of the finger, and may fill the memory before anything can be said of it.
MOST_EPOCHS, MOST_UNITS, MOST_KERNEL = 10_000, 65_536, 31


def check(recipe: Recipe) -> None:
    """Raise DataError where values are of the right type but make no sense."""
    tune, grow, model, cnn = recipe.fine_tune, recipe.augmentation, recipe.model, recipe.model.cnn
    sources = recipe.data.sources
    rules = [
        (bool(tune.sizes), "fine_tune.sizes needs one size per epoch"),
        (all(size >= 32 for size in (*tune.sizes, recipe.model.size, recipe.head.size)),
         "fine_tune.sizes, model.size and head.size are at least 32 pixels"),
        (tune.epochs == 0 or tune.epochs >= len(tune.sizes),
         "fine_tune.epochs is at least the number of fine_tune.sizes"),
        (0 <= recipe.seed < 2**32, "seed is in 0 to 4294967295"),
        (max(*tune.sizes, recipe.model.size, recipe.head.size, 0) <= MOST_SIZE,
         f"fine_tune.sizes, model.size and head.size are at most {MOST_SIZE} pixels"),
        (len({os.path.normpath(source.folder) for source in sources}) == len(sources),
         "data.sources names a folder twice"),
        (all(name.strip() for source in sources for name in source.classes.values()),
         "data.sources maps a class to an empty name"),
        (recipe.head.epochs > 0, "head.epochs is at least 1"),
        (max(tune.epochs, len(tune.sizes), recipe.head.epochs) <= MOST_EPOCHS,
         f"fine_tune.epochs and head.epochs are at most {MOST_EPOCHS}"),
        (tune.patience > 0, "fine_tune.patience is at least 1"),
        (tune.warmup_steps >= 0, "fine_tune.warmup_steps is at least 0"),
        (tune.batch > 0 and recipe.head.batch > 0, "fine_tune.batch and head.batch are at least 1"),
        (tune.learning_rate > 0 and recipe.head.learning_rate > 0,
         "learning_rate is above 0, under [fine_tune] and under [head]"),
        (tune.weight_decay >= 0 and recipe.head.weight_decay >= 0,
         "weight_decay is at least 0, under [fine_tune] and under [head]"),
        (0 <= tune.label_smoothing < 1, "fine_tune.label_smoothing is in [0, 1)"),
        (0 <= recipe.model.dropout < 1, "model.dropout is in [0, 1)"),
        (bool(sources), "data.sources needs at least one folder"),
        (0 < recipe.data.valid_fraction < 1, "data.valid_fraction is in (0, 1)"),
        (0 <= recipe.data.test_fraction < 1, "data.test_fraction is in [0, 1)"),
        (0 <= tune.momentum < 1, "fine_tune.momentum is in [0, 1)"),
        (0 <= tune.ema_momentum < 1, "fine_tune.ema_momentum is in [0, 1)"),
        (tune.most_of_class >= 0, "fine_tune.most_of_class is at least 0"),
        (tune.l2 >= 0, "fine_tune.l2 is at least 0"),
        (bool(cnn.filters), "model.cnn.filters needs one number per convolution"),
        (all(number > 0 for number in (*cnn.filters, *cnn.dense, cnn.kernel)),
         "the numbers under model.cnn are at least 1"),
        (max((*cnn.filters, *cnn.dense, 0)) <= MOST_UNITS and cnn.kernel <= MOST_KERNEL,
         f"model.cnn.filters and model.cnn.dense are at most {MOST_UNITS}, and model.cnn.kernel "
         f"{MOST_KERNEL}"),
        (model.backbone != "cnn" or {*tune.sizes} == {model.size},
         "a cnn has one size: that of model.size is the only one in fine_tune.sizes"),
        (model.backbone != "cnn" or cnn_side(model) > 0,
         "model.size is too small for so many convolutions in model.cnn.filters"),
        (model.backbone != "inceptionv3" or min(*tune.sizes, model.size, recipe.head.size) >= 75,
         "inceptionv3 needs at least 75 pixels"),
        (0 < grow.scale[0] <= grow.scale[1] <= 1, "augmentation.scale is two rising parts up to 1"),
        (0 < grow.aspect[0] <= grow.aspect[1], "augmentation.aspect is two rising ratios"),
        (0 <= grow.rotation <= 180, "augmentation.rotation is in 0 to 180 degrees"),
        (all(0 <= part <= 1 for part in (grow.brightness, grow.contrast, grow.saturation,
                                         grow.blur, grow.noise, grow.recompress, grow.cutmix)),
         "augmentation's brightness, contrast, saturation, blur, noise, recompress and cutmix are "
         "in 0 to 1"),
        (grow.blur_radius >= 0.2, "augmentation.blur_radius is at least 0.2 pixels"),
        (grow.noise_deviation >= 0, "augmentation.noise_deviation is at least 0"),
        (1 <= grow.quality[0] <= grow.quality[1] <= 100, "augmentation.quality is within 1 to 100"),
    ]  # fmt: skip
    for holds, sentence in rules:
        if not holds:
            raise DataError(f"The recipe does not make sense: {sentence}.")


def cnn_side(model: Model) -> int:
    """Return the side in cells of the last map of the backbone ``cnn``, 0 where none is left."""
    side = model.size
    for _ in model.cnn.filters:
        side = max(0, side - model.cnn.kernel + 1) // 2
    return side
