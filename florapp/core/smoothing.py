"""Calms answers that come many times a second."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray


class Smoothing:
    """The mean of the probabilities given within the last ``seconds``."""

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._given: deque[tuple[float, NDArray[np.float32]]] = deque()

    def add(self, at: float, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take in ``probabilities`` ``[classes]``, seen ``at`` a time in seconds; return the mean.

        Times do not go back.
        """
        self._given.append((at, probabilities))
        while at - self._given[0][0] > self._seconds:
            self._given.popleft()
        mean: NDArray[np.float32] = np.mean([given for _, given in self._given], axis=0)
        return mean
