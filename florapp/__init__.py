"""FlorApp names the flower in a photograph, on the user's own machine, offline."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

# onnxruntime reports to its makers from 1.29 on. It looks at this when it is loaded, which is never
# before this module is: docs/decisions/010-onnxruntime-reports-nothing.md.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from florapp.classifier import Classifier as Classifier
    from florapp.core.errors import ModelFileError as ModelFileError
    from florapp.core.errors import PictureError as PictureError
    from florapp.core.prediction import Answer as Answer
    from florapp.core.prediction import Candidate as Candidate
    from florapp.core.prediction import Failure as Failure

__version__ = "0.1.0"
__all__ = [
    "Answer",
    "Candidate",
    "Classifier",
    "Failure",
    "ModelFileError",
    "PictureError",
    "__version__",
]


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for: the window must open before numpy loads."""
    if name == "Classifier":
        from florapp.classifier import Classifier

        return Classifier
    if name in ("Answer", "Candidate", "Failure"):
        from florapp.core import prediction

        return getattr(prediction, name)
    if name in ("ModelFileError", "PictureError"):
        from florapp.core import errors

        return getattr(errors, name)
    raise AttributeError(f"module 'florapp' has no attribute {name!r}")
