"""What a network runs on: the processor, or what a build of onnxruntime for another one offers."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from florapp.core.errors import QT_TRANSLATE_NOOP, FlorAppError

if TYPE_CHECKING:  # the window is painted before numpy is there
    import numpy as np
    from numpy.typing import NDArray

PROCESSOR = "CPUExecutionProvider"
#: What else is used where onnxruntime's build has it, the first before the others, and its name.
OTHERS = {
    "CUDAExecutionProvider": "CUDA",
    "DmlExecutionProvider": "DirectML",
    "CoreMLExecutionProvider": "CoreML",
    "OpenVINOExecutionProvider": "OpenVINO",
}
#: The most that a probability may differ from the processor's. The shipped model in float, as CUDA
#: computes it, differs by up to 0.06 for the drawn flowers and for 136 photographs.
_TOLERANCE = 0.1
_WEIGHTS_FOLDER = "session.model_external_initializers_file_folder_path"
_TRIES = 3
_WARNING, _FATAL = 2, 4  # of onnxruntime's own messages; the first is its default


class Unsuitable(FlorAppError):  # noqa: N818 - nothing has failed
    """What onnxruntime offers beside the processor is not used."""


def cores() -> int:
    """Return how many of the machine's cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def session(path: Path, provider: str, threads: int, *, eager: bool) -> Any:
    """Open the model file with onnxruntime, whose own exceptions it raises.

    ``eager`` threads wait for work by spinning: they take cores from those that decode.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only; warnings concern whoever exports
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(eager)))
    # Without the fallback, which tries the same again and prints of it on stdout.
    rest = (options, [provider])
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError:  # a name that onnxruntime would not take
        # It would look for weights outside the file in the current folder.
        options.add_session_config_entry(_WEIGHTS_FOLDER, os.devnull)
        return onnxruntime.InferenceSession(path.read_bytes(), *rest, enable_fallback=0)
    return onnxruntime.InferenceSession(str(path), *rest, enable_fallback=0)


def faster(path: Path, on_processor: Any, threads: int, size: int, *, eager: bool) -> Any:
    """Return a session that runs the model in ``path`` on something faster; None where it is not.

    ``on_processor`` is a session of the same model. The other one must give the same answers for
    drawn flowers of ``size`` pixels, one alone and all in a batch, and give that one sooner. Raises
    Unsuitable where there is another provider and it does not, with a sentence that says why the
    processor is used.
    """
    import onnxruntime

    there = [name for name in OTHERS if name in onnxruntime.get_available_providers()]
    if not there:
        return None
    import numpy as np

    from florapp.core.drawing import FLOWERS, draw

    images = np.stack([draw(flower, size, size) for flower in FLOWERS])
    try:
        expected, processor_took = _answers(on_processor, images), _seconds(on_processor, images)
    except Exception:  # it cannot be run: whoever does so is told
        return None
    provider, name = there[0], OTHERS[there[0]]
    onnxruntime.set_default_logger_severity(_FATAL)  # what is missing is told once, in a sentence
    try:
        other = session(path, provider, threads, eager=eager)
        answers, took = _answers(other, images), _seconds(other, images)
    except Exception as error:  # onnxruntime raises its own kinds, without a common base
        raise Unsuitable(
            QT_TRANSLATE_NOOP("core", "{0} cannot be used ({1}): the processor is used."),
            name,
            str(error).strip().rstrip("."),
        ) from error
    finally:
        onnxruntime.set_default_logger_severity(_WARNING)
    if other.get_providers()[0] != provider:
        raise Unsuitable(
            QT_TRANSLATE_NOOP("core", "{0} lacks its libraries here: the processor is used."), name
        )
    difference = float(abs(answers - expected).max())
    if not difference <= _TOLERANCE:  # it may be no number
        raise Unsuitable(
            QT_TRANSLATE_NOOP(
                "core", "{0} answers differently from the processor, by {1}: the processor is used."
            ),
            name,
            f"{difference:.3f}",
        )
    if took >= processor_took:
        raise Unsuitable(
            QT_TRANSLATE_NOOP(
                "core", "{0} takes {1} ms where the processor takes {2}: the processor is used."
            ),
            name,
            f"{1000 * took:.0f}",
            f"{1000 * processor_took:.0f}",
        )
    return other


def _answers(opened: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the probabilities for the first of ``images``, and for all of them in a batch."""
    import numpy as np

    batches = (images[:1], images)
    return np.concatenate([opened.run(["probabilities"], {"image": i})[0] for i in batches])


def _seconds(opened: Any, images: NDArray[np.uint8]) -> float:
    """Return the least that the first of ``images`` took."""
    took = float("inf")
    for _ in range(_TRIES):
        started = time.perf_counter()
        opened.run(["probabilities"], {"image": images[:1]})
        took = min(took, time.perf_counter() - started)
    return took
