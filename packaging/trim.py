"""What the bundle does without, and why. tests/packaging/test_trim.py holds it against the facts.

PyInstaller takes along what might be needed. Here is what FlorApp is known not to need; what is
not named stays. libffmpegmediaplugin wants Qt Quick, Qml and OpenGL: without one of them there is
no camera, and nothing says so. So none of these is here, and the built program must pass its
self-test, which looks for the camera's part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

#: Modules of Python that are not imported, though something may name them.
MODULES = {
    "tkinter": "another window library",
    "setuptools": "for building packages",
    "_distutils_hack": "for building packages",
    "distutils": "for building packages",
    "multiprocessing": "we have threads; PyInstaller would ready it at every start (10 ms)",
    "readline": "for typing to Python; it is under the GPL",
    "sqlite3": "no database is used",
    "pygments": "colours of program text, which rich would show in tracebacks",
    "markdown_it": "Markdown, which rich could show",
    "defusedxml": "for metadata of pictures, which are not read",
    "charset_normalizer": "for the web",
    "attr": "something optional of rich",
    "IPython": "something optional of rich",
    "matplotlib": "for the workshop",
    "pytest": "for the tests",
    "tensorflow": "for the workshop",
    "keras": "for the workshop",
    "sklearn": "for the workshop",
    "scipy": "for the workshop",
    "onnx": "for the workshop",
    "training": "the workshop",
    "PySide6.QtConcurrent": "PyInstaller takes it for QtMultimedia",
    "PySide6.QtDBus": "PyInstaller takes it for QtMultimedia",
    "PySide6.QtMultimediaWidgets": "PyInstaller takes it for QtMultimedia",
}

#: Files of the bundle, by regular expressions in which case does not count.
FILES = {
    r"PySide6/(Qt/)?translations/": "FlorApp speaks English",
    r"libQt6MultimediaWidgets|Qt6MultimediaWidgets\.dll": "the camera's picture is painted by us",
    r"VirtualKeyboard": "a keyboard on the screen, in Qt Quick",
    r"plugins/imageformats/.*pdf|Qt6Pdf|QtPdf\.framework": "PDF is no picture",
    r"plugins/imageformats/.*(icns|tga|wbmp)": "no pictures that people have",
    r"plugins/platformthemes/.*gtk3": "it would bring GTK; the desktop's portal does the same",
    r"plugins/egldeviceintegrations/|Qt6EglF": "for screens without a desktop",
    r"plugins/platforms/.*(eglfs|linuxfb|minimal|vkkhr|vnc)": "for screens without a desktop",
    r"plugins/generic/": "for input without a desktop",
    r"plugins/networkinformation/": "Qt is not asked for the network",
    r"plugins/tls/": "Qt is not asked for the network",
    r"opencv|libx265": "nothing of ours wants it, and the second is under the GPL",
}

_FILES = re.compile("|".join(FILES), re.IGNORECASE)


def is_trimmed(name: str) -> bool:
    """Say whether the file ``name``, its path in the bundle, is left out."""
    return _FILES.search(name.replace("\\", "/")) is not None


def orphans(
    kept: Mapping[str, str], left_out: Iterable[str], links: Callable[[str], set[str]]
) -> set[str]:
    """Return the names of those ``kept`` that are there only for what was ``left_out``.

    PyInstaller takes what a library links before it is left out: all of GTK, where the machine that
    builds has it. ``kept`` has a file's path by its name in the bundle; ``links`` says what the
    library at a path links, and what that does in turn, by name.
    """
    came_along = {name for path in left_out for name in links(path)} & kept.keys()
    wanted = {name for file, path in kept.items() if file not in came_along for name in links(path)}
    return came_along - wanted
