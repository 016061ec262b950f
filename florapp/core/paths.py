"""Where the program's own files lie: in a checkout, in an installed wheel, in a frozen program."""

from __future__ import annotations

from pathlib import Path

from florapp.core.errors import QT_TRANSLATE_NOOP, FlorAppError

_PACKAGE = Path(__file__).resolve().parents[1]

#: The assets inside the package (wheel, frozen program), else beside it (checkout).
ASSETS = _PACKAGE / "assets" if (_PACKAGE / "assets").is_dir() else _PACKAGE.parent / "assets"

#: All the assets; the self-test looks for each.
NEEDED = (
    "models/flowers103.onnx",
    "models/LICENSE.md",
    "species.toml",
    "samples/sunflower.jpg",
    "samples/oxeye_daisy.png",
    "samples/tulip.webp",
    "samples/rose.jpg",
    "samples/common_dandelion.jpg",
    "samples/purple_coneflower.png",
    "samples/water_lily.webp",
    "samples/corn_poppy.jpg",
    "icons/camera.svg",
    "icons/close.svg",
    "icons/copy.svg",
    "icons/empty.svg",
    "icons/florapp.svg",
    "icons/flower.svg",
    "icons/folder.svg",
    "icons/group.svg",
    "icons/info.svg",
    "icons/live.svg",
    "icons/mirror.svg",
    "icons/one-of.svg",
    "icons/open.svg",
    "icons/paste.svg",
    "icons/remove.svg",
    "icons/save.svg",
    "icons/sure.svg",
    "icons/unknown.svg",
    "icons/warning.svg",
)


def asset(name: str) -> Path:
    """Return the path of the asset ``name``, such as ``models/flowers103.onnx``.

    Raises FlorAppError when it is missing: the installation is then incomplete.
    """
    path = ASSETS / name
    if not path.is_file():
        raise FlorAppError(
            QT_TRANSLATE_NOOP(
                "core", "FlorApp's own file {0} is missing. Please install FlorApp again."
            ),
            path,
        )
    return path


def shipped_model() -> Path:
    """Return the path of the model that comes with the program."""
    return asset("models/flowers103.onnx")
