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

#: Writes settings and answers, again and again; both are long. It says which number is written.
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
settings = Settings(folder / "settings.json")
for number in itertools.count(int(sys.argv[2])):
    settings.folder = settings.model = f"{number} " + "x" * 20_000
    assert settings.save()
    pictures = PictureList()
    pictures.add([Failure(Source("x" * 1000, b""), f"{number}")] * 100)
    answers.save_answers(pictures, folder / "answers.json")
    print(number, flush=True)
"""
_PICTURES = 300


def writing(rounds: int, dice: random.Random, folder: Path) -> None:
    """Kill what writes; what it said it has written is there, and the next one is not held up."""
    written = 0
    for number in range(rounds):
        command = [sys.executable, "-c", _WRITER, str(folder), str(written + 1)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            said = process.stdout.readline()
            time.sleep(dice.random() * 0.2)
            process.kill()
            said += process.stdout.read()
        written = int(said.split(b"\n")[-2])
        began = time.monotonic()
        settings = Settings(folder / "settings.json")
        records = json.loads((folder / "answers.json").read_text("utf-8"))
        for text in (settings.model, settings.folder):
            assert text.endswith(" " + "x" * 20_000), "settings are half-written"
            assert int(text.split()[0]) in (written, written + 1), "settings are lost"
        assert len(records) == 100, "answers are half-written"
        (reason,) = {record["error"] for record in records}
        assert int(reason) in (written, written + 1), "answers are lost"
        if number:
            assert settings.promise == 0.9, "settings are lost"
        settings.promise = 0.9
        assert settings.save()
        assert time.monotonic() - began < 5
    print(f"{written} times all was written")


def batch(rounds: int, dice: random.Random, folder: Path) -> None:
    """Kill a batch; what it has answered is there, line by line, and no picture has changed."""
    model = save_model(folder / "tiny.onnx")
    pictures = folder / "pictures"
    pictures.mkdir()
    for number in range(_PICTURES):
        Image.new("RGB", (400, 300), (number % 256, 90, 0)).save(pictures / f"{number:03}.png")
    before = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    answers = folder / "answers.jsonl"
    kept = between = 0
    for _ in range(rounds):
        awaited = dice.randrange(1, _PICTURES // 2)
        with answers.open("wb") as out:
            process = start("classify", "--json", "--model", model, pictures, stdout=out)
            while answers.read_bytes().count(b"\n") < awaited and process.poll() is None:
                time.sleep(0.001)
            time.sleep(dice.random() * 0.02)
            process.kill()
            process.communicate()
        lines = answers.read_bytes().split(b"\n")
        assert lines.pop() == b"", "a line is half-written"
        found = [json.loads(line)["path"] for line in lines]
        assert found == [str(path) for path in sorted(pictures.iterdir())][: len(found)]
        assert len(found) >= awaited, "answers are lost"
        kept += len(found)
        between += len(found) < _PICTURES
        answers.unlink()
        assert {path: path.read_bytes() for path in before} == before
        assert {path for path in folder.rglob("*") if path.is_file()} == before.keys()
    assert between, "every batch had come to its end"
    print(f"{kept} answers were kept in {rounds} batches, {between} of them killed midway")


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
