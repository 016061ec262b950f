"""Does the program answer here as it did where its model was made?"""

from __future__ import annotations

from florapp.core.drawing import FLOWERS, draw
from florapp.core.errors import QT_TRANSLATE_NOOP, FlorAppError, ModelFileError
from florapp.core.network import Network
from florapp.core.pipeline import classify
from florapp.core.prediction import Answer, Failure
from florapp.core.source import Source

#: The most that a probability may differ from the recorded one: other processors round otherwise.
TOLERANCE = 0.02


def answer(network: Network, drawing: str) -> Answer:
    """Let ``network`` answer the flower ``drawing``, drawn by the program."""
    ((_, result),) = classify(network, [Source(drawing, draw(drawing))])
    if isinstance(result, Failure):
        raise FlorAppError(result.reason)
    return result


def check(network: Network) -> float:
    """Compare the answer for the drawn picture with the one in the file.

    Returns the largest difference of a probability; raises FlorAppError when it is above TOLERANCE,
    and ModelFileError when no answer is recorded.
    """
    expected = network.card.self_test
    if expected.drawing not in FLOWERS or not expected.probabilities:
        raise ModelFileError(
            QT_TRANSLATE_NOOP(
                "core", "The model file's self_test records no answer for a drawn flower."
            )
        )
    found = {c.label.id: c.probability for c in answer(network, expected.drawing).candidates}
    difference = max(abs(found.get(i, 0.0) - p) for i, p in expected.probabilities.items())
    if difference > TOLERANCE:
        raise FlorAppError(
            QT_TRANSLATE_NOOP(
                "core",
                "The model answers differently here than where it was made: a probability for the "
                "drawn {0} is off by {1} (at most {2} is right).",
            ),
            expected.drawing,
            f"{difference:.3f}",
            TOLERANCE,
        )
    return difference
