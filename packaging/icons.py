"""The program's icon in every size and form that a system wants, from assets/icons/florapp.svg."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SVG = Path(__file__).resolve().parents[1] / "assets/icons/florapp.svg"
SIDES = (16, 22, 24, 32, 48, 64, 128, 256, 512)


def draw_icons(folder: Path) -> None:
    """Write ``florapp-SIDE.png``, ``florapp.ico`` (Windows) and ``florapp.icns`` (macOS)."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication.instance() or QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    for side in SIDES:
        image = QImage(side, side, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        QSvgRenderer(str(SVG)).render(painter)
        painter.end()
        image.save(str(folder / f"florapp-{side}.png"))
    sizes = {side: Image.open(folder / f"florapp-{side}.png") for side in SIDES}
    others = [sizes[side] for side in (16, 24, 32, 48, 64, 128)]
    ico = [(image.width, image.height) for image in (*others, sizes[256])]
    sizes[256].save(folder / "florapp.ico", sizes=ico, append_images=others)
    sizes[512].save(folder / "florapp.icns", append_images=[sizes[side] for side in (128, 256)])
    del application
