"""The answer that ``florapp self-test`` will expect of a file, recorded by running it."""

from __future__ import annotations

from florapp.core.drawing import FLOWERS
from florapp.core.model_file import SelfTest
from florapp.core.network import Network
from florapp.core.selftest import answer

_KEPT = 5


def record(network: Network) -> SelfTest:
    """Run ``network`` on the first of the drawn flowers and keep its most probable classes."""
    drawing = FLOWERS[0]
    found = answer(network, drawing).top(_KEPT)
    return SelfTest(drawing, {c.label.id: c.probability for c in found})
