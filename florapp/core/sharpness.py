"""How sharp a picture is, to tell the best of a few taken in a row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sharpness(pixels: NDArray[np.uint8]) -> float:
    """Return the variance of the Laplacian (Pech-Pacheco et al. 2000); more is sharper.

    ``pixels`` are RGB ``[height, width, 3]`` or grey ``[height, width]``. Only pictures of the same
    scene and size can be compared. Green alone is looked at, in every other row and column: a
    quarter of the places says as much, and a camera leaves little time.
    """
    light = pixels[..., 1] if pixels.ndim == 3 else pixels
    if min(light.shape) < 3:
        return 0.0
    laplacian = 4 * light[1:-1:2, 1:-1:2].astype(np.int16)
    laplacian -= light[:-2:2, 1:-1:2]
    laplacian -= light[2::2, 1:-1:2]
    laplacian -= light[1:-1:2, :-2:2]
    laplacian -= light[1:-1:2, 2::2]
    return float(laplacian.var(dtype=np.float64))
