"""FlorApp's workshop: from labelled photographs to the model file that the program loads."""

import florapp.core  # noqa: F401 - before onnxruntime, which it keeps from reporting
