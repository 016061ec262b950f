"""Draw the sample pictures again: assets/samples, one flower of each kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from florapp.core.drawing import draw

SAMPLES = Path(__file__).resolve().parent.parent / "assets" / "samples"
SIZE = (480, 360)

#: Each kind in a format that people have their photographs in.
SUFFIXES = {
    "sunflower": ".jpg",
    "oxeye_daisy": ".png",
    "tulip": ".webp",
    "rose": ".jpg",
    "common_dandelion": ".jpg",
    "purple_coneflower": ".png",
    "water_lily": ".webp",
    "corn_poppy": ".jpg",
}
OPTIONS: dict[str, dict[str, Any]] = {
    ".jpg": {"quality": 90, "subsampling": 0, "optimize": True},
    ".png": {"optimize": True},
    ".webp": {"quality": 88, "method": 6},
}


def main() -> None:
    SAMPLES.mkdir(parents=True, exist_ok=True)
    for kind, suffix in SUFFIXES.items():
        path = SAMPLES / f"{kind}{suffix}"
        Image.fromarray(draw(kind, *SIZE)).save(path, **OPTIONS[suffix])
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
