"""The network in a model file, run by onnxruntime, which is spoken to here and in processors.py."""

from __future__ import annotations

import os
import stat
import threading
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from florapp.core.errors import QT_TRANSLATE_NOOP, FlorAppError, ModelFileError
from florapp.core.model_file import Card, from_metadata
from florapp.core.processors import OTHERS, PROCESSOR, Unsuitable, cores, faster, session

if TYPE_CHECKING:  # the window is painted before numpy is there
    import numpy as np
    from numpy.typing import NDArray

#: Bytes: protobuf, which ONNX files are written in, has no larger messages.
_LARGEST = 2**31
_ROUNDING = 1e-2  # by so much the probabilities of a picture may miss 1


@dataclass(frozen=True, slots=True, eq=False)
class Outputs:
    """What the network said of a batch of pictures, as arrays whose first axis is the picture.

    ``embedding``, ``class_maps`` and ``novelty`` are None where the network does not give them.
    """

    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    embedding: NDArray[np.float32] | None = None
    class_maps: NDArray[np.float32] | None = None
    novelty: NDArray[np.float32] | None = None


class Network:
    """An opened model file. ``run`` may be called from several threads at once."""

    card: Card

    def __init__(
        self, path: str | os.PathLike[str], threads: int | None = None, *, eager: bool = False
    ) -> None:
        """Open and check the model in ``path``, to run on so many ``threads``; None: all cores.

        ``eager`` gives a single answer sooner, and all else that the machine does less time.
        Raises ModelFileError with a sentence when it is missing, damaged or not of the contract.
        """
        self.path = Path(path)
        self.threads = threads or cores()
        #: Why onnxruntime's other provider is not used, where there is one; else "".
        self.remark = ""
        self._turns: AbstractContextManager[Any] = nullcontext()
        self._session = _open(self.path, self.threads, eager)
        try:
            self.card = from_metadata(self._session.get_modelmeta().custom_metadata_map)
            self._outputs = [output.name for output in self._session.get_outputs()]
            _check(self._session, self.card)
            self._take_what_is_faster(eager)
        except UnicodeDecodeError as error:
            raise ModelFileError(
                QT_TRANSLATE_NOOP("core", "{0} is damaged: what it says of itself is not text."),
                self.path,
            ) from error

    def _take_what_is_faster(self, eager: bool) -> None:
        size = self.card.geometry.size
        try:
            other = faster(self.path, self._session, self.threads, size, eager=eager)
        except Unsuitable as why:
            self.remark = str(why)
        else:
            self._session = other or self._session
        if self.runs_on == "DirectML":  # which takes one call at a time
            self._turns = threading.Lock()

    @property
    def runs_on(self) -> str:
        """What computes: "CPU", or the name of another provider of onnxruntime."""
        return OTHERS.get(self._session.get_providers()[0], "CPU")

    def run(self, images: NDArray[np.uint8]) -> Outputs:
        """Run the network on ``images``, uint8 ``[batch, size, size, 3]`` in RGB.

        Raises ModelFileError when the graph fails, as some do though they open well, or gives what
        breaks the contract.
        """
        try:
            with self._turns:
                values = self._session.run(self._outputs, {"image": images})
        except Exception as error:  # onnxruntime raises its own kinds, without a common base
            raise ModelFileError(
                QT_TRANSLATE_NOOP("core", "The model {0} opens but cannot be run ({1})."),
                self.path,
                str(error).strip().rstrip("."),
            ) from error
        named = dict(zip(self._outputs, values, strict=True))
        for name, value in named.items():
            if not self._is_sound(name, value, len(images)):
                raise ModelFileError(
                    QT_TRANSLATE_NOOP(
                        "core",
                        "The model {0} can be run, but its output '{1}' breaks the contract.",
                    ),
                    self.path,
                    name,
                )
        return Outputs(
            named["logits"],
            named["probabilities"],
            named.get("embedding"),
            named.get("class_maps"),
            named.get("novelty"),
        )

    def _is_sound(self, name: str, value: Any, pictures: int) -> bool:
        """Say whether an output is what its declaration, which binds nobody, may have promised."""
        import numpy as np

        if name not in ("logits", "probabilities", "class_maps", "novelty"):
            return True  # nothing is done with it
        if value.dtype != np.float32:
            return False
        if name == "novelty":  # what is no number is told as strange (verdict.py)
            return bool(value.shape == (pictures,))
        if not value.size or not np.isfinite(value).all():
            return False
        classes = len(self.card.labels)
        if name == "class_maps":
            return value.ndim == 4 and (value.shape[0], value.shape[-1]) == (pictures, classes)
        right = value.shape == (pictures, classes)
        if right and name == "probabilities":
            sums = value.sum(axis=1, dtype=np.float64)
            right = (value >= 0).all() and (abs(sums - 1) < _ROUNDING).all()
        return bool(right)


def _open(path: Path, threads: int, eager: bool) -> Any:
    import numpy  # noqa: F401 - onnxruntime would make an ImportError of a Ctrl-C meanwhile

    try:
        import onnxruntime
    except (ImportError, OSError) as error:  # on Windows often a DLL that is not there
        if isinstance(error.__cause__, KeyboardInterrupt | SystemExit):
            raise error.__cause__ from None
        raise FlorAppError(
            QT_TRANSLATE_NOOP(
                "core",
                "onnxruntime, which runs the model, cannot be loaded ({0}). Please install "
                "FlorApp again; on Windows, also Microsoft's Visual C++ Redistributable.",
            ),
            error,
        ) from error
    onnxruntime.disable_telemetry_events()  # on Windows it reports in another way
    _look_at(path)
    try:
        return session(path, PROCESSOR, threads, eager=eager)
    except Exception as error:  # onnxruntime raises its own kinds, without a common base
        raise ModelFileError(
            QT_TRANSLATE_NOOP(
                "core", "{0} is not an ONNX model that can be opened, or it is damaged."
            ),
            path,
        ) from error


def _look_at(path: Path) -> None:
    try:
        found = path.stat()
        if stat.S_ISREG(found.st_mode) and found.st_size <= _LARGEST:
            return path.open("rb").close()
        if stat.S_ISREG(found.st_mode):
            raise ModelFileError(
                QT_TRANSLATE_NOOP("core", "{0} is larger than 2 GB, which no ONNX model is."), path
            )
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise ModelFileError(
            QT_TRANSLATE_NOOP("core", "{0} cannot be read: {1}."), path, error.strerror
        ) from error
    raise ModelFileError(QT_TRANSLATE_NOOP("core", "There is no model file {0}."), path)


def _check(session: Any, card: Card) -> None:
    inputs = {i.name: i for i in session.get_inputs()}
    outputs = {o.name: o for o in session.get_outputs()}
    image = inputs.get("image")
    if len(inputs) != 1 or image is None or image.type != "tensor(uint8)":
        raise ModelFileError(
            QT_TRANSLATE_NOOP("core", "The model's one input must be 'image', uint8.")
        )
    if image.shape and isinstance(image.shape[0], int):
        raise ModelFileError(
            QT_TRANSLATE_NOOP(
                "core",
                "The model takes {0} pictures at a time; it must take any number: the "
                "first axis of its input is to be free.",
            ),
            image.shape[0],
        )
    size, classes = card.geometry.size, len(card.labels)
    if len(image.shape) != 4 or any(
        isinstance(given, int) and given != wanted
        for given, wanted in zip(image.shape[1:], (size, size, 3), strict=True)
    ):
        raise ModelFileError(
            QT_TRANSLATE_NOOP(
                "core", "The model's input is {0}, and its card says [batch, {1}, {1}, 3]."
            ),
            image.shape,
            size,
        )
    for name, axes in (("class_maps", 4), ("novelty", 1), ("embedding", 2)):
        shape = outputs[name].shape if name in outputs else [None] * axes
        right = len(shape) == axes
        if right and name == "class_maps" and isinstance(shape[-1], int):
            right = shape[-1] == classes
        if not right:
            raise ModelFileError(
                QT_TRANSLATE_NOOP(
                    "core", "The model's output '{0}' is {1}, which breaks the contract."
                ),
                name,
                shape,
            )
    for name in ("logits", "probabilities"):
        if name not in outputs:
            raise ModelFileError(QT_TRANSLATE_NOOP("core", "The model has no output '{0}'."), name)
        shape = outputs[name].shape
        if len(shape) != 2 or shape[1] != classes:
            raise ModelFileError(
                QT_TRANSLATE_NOOP(
                    "core", "The model's '{0}' are {1}, and its card says [batch, {2}]."
                ),
                name,
                shape,
                classes,
            )
