"""FlorApp from Python: ``Classifier().classify("a.jpg")``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from florapp.core.errors import PictureError
from florapp.core.model_file import Card
from florapp.core.network import Network
from florapp.core.paths import shipped_model
from florapp.core.pipeline import classify, in_order
from florapp.core.prediction import Answer, Failure
from florapp.core.source import PictureLike, Source


class Classifier:
    """Names the flower in pictures with one model. May be used from several threads at once."""

    def __init__(self, model: str | os.PathLike[str] | None = None) -> None:
        """Open ``model``, an ``.onnx`` file of the contract; without it the shipped one.

        Raises ModelFileError when the file cannot be used.
        """
        self._network = Network(model if model is not None else shipped_model(), eager=True)

    @property
    def card(self) -> Card:
        """What the model says of itself: its labels, figures, licence."""
        return self._network.card

    def classify(self, picture: PictureLike, *, bgr: bool = False) -> Answer:
        """Name the flower in one picture.

        ``picture`` is a path, bytes of a picture file, an open binary file, a Pillow image, or an
        array, uint8 ``[height, width, 3]`` in RGB, or in BGR (as OpenCV hands it) if ``bgr``.
        Raises PictureError when it cannot be read.
        """
        (result,) = self.classify_many([picture], bgr=bgr)
        if isinstance(result, Failure):
            raise PictureError(result.reason)
        return result

    def classify_many(
        self, pictures: Iterable[PictureLike], *, bgr: bool = False
    ) -> Iterator[Answer | Failure]:
        """Name the flowers in many pictures, in their order, reading ahead and in batches.

        A picture that cannot be read gives a Failure, and the rest goes on. Raises TypeError for a
        single one.
        """
        single = isinstance(pictures, str | bytes | bytearray | memoryview | os.PathLike)
        single = single or not isinstance(pictures, Iterable)
        # An array of two or three axes is one picture; an open file would give its lines.
        if single or hasattr(pictures, "read") or getattr(pictures, "ndim", None) in (2, 3):
            raise TypeError("classify_many() takes several pictures; for one there is classify().")
        sources = (_source(picture, bgr) for picture in pictures)
        return in_order(classify(self._network, sources))


def _source(picture: PictureLike, bgr: bool) -> Source | Failure:
    try:
        return Source.of(picture, bgr=bgr)
    except PictureError as error:
        return Failure(Source(type(picture).__name__, b""), str(error))
