"""What the tests of the terminal share: a folder of pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from florapp.core.drawing import draw


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with five pictures, three levels deep, their names not plain ASCII."""
    folder = tmp_path / "Bilder aus dem Garten"
    for name in ("a.png", "b c.jpg", "ünter/Wald.webp", "ünter/花/z.png", "ünter/花/y.bmp"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw("sunflower", 64, 48)).save(folder / name)
    return folder
