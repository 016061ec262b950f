"""What in a picture speaks for a class, from the class maps, as a smooth coloured map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Pixels of a side of a map; it covers the network's square.
SIDE = 112

_FAINT = 6.0  # logits: what speaks less than this in its best place is drawn faint
_OPAQUE = 0.7  # the picture is seen through all of it
_SOLID = 0.5  # from this strength on a map is as opaque as it gets

#: From weak to strong: ever lighter, from blue to yellow. Colour-blind people tell these two apart
#: as well, and flowers or leaves that are both are rare.
_COLOURS = np.array(
    [(20, 60, 190), (35, 125, 225), (110, 195, 230), (235, 225, 130), (255, 240, 60)], np.float32
)


def strengths(class_maps: NDArray[np.float32], chosen: int) -> NDArray[np.float32]:
    """Return how strongly each place speaks for a candidate, ``[SIDE, SIDE]`` from 0 to 1.

    ``class_maps`` are an answer's, ``[h, w, candidates]``. What counts is by how much the map of
    the ``chosen`` candidate exceeds the mean map of the others: probabilities depend on such
    differences only, and the candidates' own maps would mostly show, one like another, where the
    flower is. Over the map they add up to the candidate's lead in logits, but for biases.
    1 is the most that speaks for any candidate in any place, so that maps of one picture compare;
    where nothing speaks for the class, or something against it, is 0.
    """
    count = class_maps.shape[-1]
    total = class_maps.sum(-1, keepdims=True)
    leads = (count * class_maps - total) / (count - 1) if count > 1 else class_maps
    most = max(float(leads.max()), _FAINT)
    speaks = np.maximum(leads[..., chosen] / np.float32(most), 0)  # first: else it would ring
    smooth = Image.fromarray(speaks).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(smooth, np.float32), 0, 1)


def colours(strength: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Colour a map of strengths: uint8 RGBA ``[h, w, 4]``, clear where nothing speaks."""
    steps = np.linspace(0, 1, len(_COLOURS))
    solid = np.clip(strength / _SOLID, 0, 1)
    channels = [np.interp(strength, steps, channel) for channel in _COLOURS.T]
    channels.append(255 * _OPAQUE * solid * solid * (3 - 2 * solid))  # no edge where it begins
    return np.stack(channels, -1).round().astype(np.uint8)
