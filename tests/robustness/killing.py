"""Kills the program at random moments and sees that nothing is lost or half-written.

python -m tests.robustness.killing --rounds 100 --seed 1
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from florapp.services.settings import Settings
from tests.conftest import save_model
from tests.robustness.reader import ROOT
from tests.robustness.run import start

#: Writes settings and answers, again and again; both are long.
_WRITER = """
import itertools, sys
from pathlib import Path
from florapp.core.geometry import Placement
from florapp.core.prediction import Failure
from florapp.core.source import Source
from florapp.services import answers
from florapp.services.pictures import PictureList
from florapp.services.settings import Settings
folder = Path(sys.argv[1])
settings, pictures = Settings(folder / "settings.json"), PictureList()
pictures.add([Failure(Source("x" * 1000, b""), "No.")] * 100)
print("up", flush=True)
for number in itertools.count():
    settings.folder = settings.model = f"{number} " + "x" * 20_000
    settings.save()
    answers.save_answers(pictures, folder / "answers.json")
"""


def writing(rounds: int, dice: random.Random, folder: Path) -> None:
    """Kill what writes; whatever it wrote is whole, and the next one is not held up."""
    kept = False
    for _ in range(rounds):
        command = [sys.executable, "-c", _WRITER, str(folder)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"up\n"
            time.sleep(dice.random() * 0.2)
            process.kill()
        began = time.monotonic()
        settings = Settings(folder / "settings.json")
        for text in (settings.model, settings.folder):
            assert not text or text.endswith(" " + "x" * 20_000), "settings are half-written"
        if kept:
            assert settings.promise == 0.9, "settings are lost"
        kept = True
        settings.promise = 0.9
        assert settings.save()
        assert time.monotonic() - began < 5
        if (folder / "answers.json").exists():
            assert len(json.loads((folder / "answers.json").read_text("utf-8"))) == 100


def batch(rounds: int, dice: random.Random, folder: Path) -> None:
    """Kill a batch; what it has answered is there, line by line, and no picture has changed."""
    model = save_model(folder / "tiny.onnx")
    pictures = folder / "pictures"
    pictures.mkdir()
    for number in range(300):
        Image.new("RGB", (400, 300), (number % 256, 90, 0)).save(pictures / f"{number:03}.png")
    before = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    kept = 0
    for _ in range(rounds):
        with (folder / "answers.jsonl").open("wb") as out:
            process = start("classify", "--json", "--model", model, pictures, stdout=out)
            time.sleep(0.5 + dice.random() * 1.5)
            process.kill()
            process.communicate()
        lines = (folder / "answers.jsonl").read_bytes().split(b"\n")
        assert lines.pop() == b"", "a line is half-written"
        found = [json.loads(line)["path"] for line in lines]
        assert found == [str(path) for path in sorted(pictures.iterdir())][: len(found)]
        kept += len(found)
        (folder / "answers.jsonl").unlink()
        assert {path: path.read_bytes() for path in before} == before
        assert {path for path in folder.rglob("*") if path.is_file()} == before.keys()
    print(f"{kept} answers were kept in {rounds} batches")


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill the program at random moments.")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for what in (writing, batch):
        with tempfile.TemporaryDirectory() as folder:
            what(arguments.rounds, random.Random(arguments.seed), Path(folder))
        print(f"{what.__name__}: killed {arguments.rounds} times, nothing lost or half-written")


if __name__ == "__main__":
    main()
