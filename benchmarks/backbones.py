"""Does every network that a recipe can name learn from nothing, and end in the same file?

Draws three flowers 60 times each, trains each backbone on them from random weights, exports it,
and lets the program answer the held-back drawings with the fp32 and the int8 file.

    python benchmarks/backbones.py [resnet50 vgg16 inceptionv3 efficientnetv2b0]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from florapp.core.drawing import draw
from florapp.core.folders import pictures_under
from training.backbones import BACKBONES
from training.config import Data
from training.dataset import find

FLOWERS, EACH, SIDE = ("sunflower", "tulip", "water_lily"), 60, 96
RECIPE = """
name = "drawn"
title = "Three drawn flowers"
[data]
valid_fraction = 0.1
test_fraction = 0.3
[model]
backbone = "{backbone}"
start = "random"
size = {side}
[fine_tune]
sizes = [{side}]
epochs = 30
batch = 16
learning_rate = 5e-4
label_smoothing = 0.0
patience = 8
"""


def drawn(folder: Path) -> None:
    """Draw the photographs: the flower's place and size are random."""
    random = np.random.default_rng(5)
    for name in FLOWERS:
        (folder / name).mkdir(parents=True)
        for number in range(EACH):
            x, y = random.uniform(0.3, 0.7, 2)
            pixels = draw(name, 128, 128, centre=(x, y), radius=random.uniform(0.2, 0.45))
            Image.fromarray(pixels).save(folder / name / f"{name}_{number:02d}.png")


def main(names: list[str]) -> None:
    """Train, export, answer, and print."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        drawn(root / "drawn")
        for name in names:
            recipe = root / f"{name}.toml"
            recipe.write_text(RECIPE.format(backbone=name, side=SIDE))
            began = time.monotonic()
            _workshop("fit", "--recipe", recipe, "--data", root / "drawn", "--out", root / name)
            took = time.monotonic() - began
            said = _workshop("export", root / name, "--out", root / f"{name}.onnx")
            print(f"{name}: {took:.0f} s of training")
            for line in said.splitlines():
                if "top-1" in line:
                    print(f"  {line.split('  ', 1)[1]}")
            held_back = find(root / "drawn", Data(valid_fraction=0.1, test_fraction=0.3)).test
            test = root / "test"
            for photo in held_back:
                link = test / FLOWERS[photo.label] / photo.path.name
                link.parent.mkdir(parents=True, exist_ok=True)
                link.unlink(missing_ok=True)
                link.symlink_to(photo.path)
            for precision in ("fp32", "int8"):
                file = root / f"{name}-{precision}.onnx"
                right = _right(file, test)
                print(f"  the program, {precision}: {right} of {len(held_back)} right")


def _right(file: Path, folder: Path) -> int:
    """Count what `florapp classify` names rightly."""
    assert list(pictures_under(folder))
    said = _run("florapp", "classify", "--json", "--model", file, folder)
    answers = [json.loads(line) for line in said.splitlines()]
    return sum(Path(a["path"]).parent.name == a["predictions"][0]["id"] for a in answers)


def _workshop(*arguments: object) -> str:
    return _run("training", *arguments)


def _run(module: str, *arguments: object) -> str:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout + done.stderr if module == "training" else done.stdout


if __name__ == "__main__":
    main(sys.argv[1:] or list(BACKBONES))
