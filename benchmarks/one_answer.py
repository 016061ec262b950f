"""How long does one answer take, from a file to probabilities, beside other libraries?

A JPEG of 12 megapixels is answered by FlorApp with its int8 model, and by ONNX Runtime, OpenVINO,
Keras, LiteRT and Hugging Face's pipeline, each decoding it as its own guide shows (peers/). Those
that read ONNX run the very same network, in int8 and, its rounding taken out, in fp32; the others
the same architecture with random weights, which takes as long. Each library has a process of its
own; they are asked in turn, in another order each round, and time themselves. The first rounds only
warm them.

Then come the stages of FlorApp's answer, and how far it is from the least that it could take: the
entropy decoding of that JPEG, by libjpeg-turbo alone, and the multiplications of the network at
the fastest that this machine multiplies int8.

    pip install -e ".[benchmark]"
    python benchmarks/one_answer.py [--photo PHOTOGRAPH] [--rounds 31]

Without a photograph a drawn flower is used. What is not installed is told, and the rest goes on.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.peers.child import Child, PeerError
from benchmarks.peers.florapp_itself import SHIPPED, STAGES
from benchmarks.peers.photographs import pixels, write
from benchmarks.peers.tables import machine, quartiles, spread, table
from benchmarks.peers.task import Task
from florapp.core.paths import shipped_model

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = (
    *("florapp_itself", "onnx_runtime", "open_vino", "keras_predict", "lite_rt", "hugging_face"),
)
SIDES = 4000, 3000
WARMING = 3  # rounds
PAUSE = 0.05  # seconds, in which the threads of the one before fall asleep
#: What the medians are to be times FlorApp's: for each way that begins so.
GOALS = {
    "Keras": 3.0,
    "Hugging Face": 3.0,
    "OpenVINO": 1.3,
    "ONNX Runtime fp32": 1.0,
    "LiteRT": 1.0,
}


@dataclass
class Measured:
    """Seconds of each round, by way and by stage of FlorApp; and what else was seen."""

    faults: dict[str, str]
    times: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    stages: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    best: dict[str, int] = field(default_factory=dict)  # the class, where the network is the same


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=shipped_model())
    parser.add_argument("--photo", type=Path)
    parser.add_argument("--rounds", type=int, default=31)
    given = parser.parse_args()
    described = machine()  # while nothing runs yet
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.jpg"
        write(pixels(given.photo), SIDES, picture)
        megabytes = picture.stat().st_size / 1e6
        task = Task.of(given.model, Path(folder))
        before = peaks()
        children = [Child(library, "one", task) for library in LIBRARIES]
        try:
            measured = in_turn(children, str(picture), given.rounds)
        finally:
            for child in children:
                child.close()
        after = peaks()
    print(f"{described}\n\nA JPEG of {SIDES[0]}x{SIDES[1]} pixels, {megabytes:.1f} MB; ", end="")
    print(f"{given.rounds} rounds in turn, after {WARMING} that warm.\n")
    print_peers(measured)
    print_stages(measured)
    fastest = {name: max(rate, after[name]) for name, rate in before.items()}
    print_limit(measured, multiplications(given.model), fastest)


def in_turn(children: list[Child], picture: str, rounds: int) -> Measured:
    """Ask every way once a round."""
    measured = Measured({child.library: child.fault for child in children if child.fault})
    order, dice = [(child, way) for child in children for way in child.ways], random.Random(1)
    for turn in range(-WARMING, rounds):
        dice.shuffle(order)
        for child, way in order:
            if way in measured.faults:
                continue
            time.sleep(PAUSE)
            try:
                reply = child.answer(way, picture)
            except PeerError as error:
                measured.faults[way] = str(error)
                continue
            if child.same and reply.best:
                measured.best[way] = reply.best[0]
            if turn >= 0:
                measured.times[way].append(reply.seconds)
                for stage, seconds in reply.stages.items():
                    measured.stages[stage].append(seconds)
    return measured


def print_peers(measured: Measured) -> None:
    """Print what each took, and how many times FlorApp's, round by round."""
    times, own, best = measured.times, measured.times[SHIPPED], measured.best
    ways = [way for way in times if way not in measured.faults and way != STAGES]
    ratios = {
        way: [other / florapp for other, florapp in zip(times[way], own, strict=True)]
        for way in ways
    }
    ways.sort(key=lambda way: quartiles(times[way])[1])
    wrong = {way for way in ways if best.get(way, best[SHIPPED]) != best[SHIPPED]}
    rows = [
        [
            f"{way} (**answers another class**)" if way in wrong else way,
            spread(times[way], 1000),
            spread(ratios[way], digits=2),
        ]
        for way in ways
    ]
    rows += [[way, fault, ""] for way, fault in measured.faults.items()]
    print(table(["file to probabilities, median (quartiles)", "ms", "times FlorApp's"], rows))
    print()
    for begin, goal in GOALS.items():
        right = [way for way in ways if way.startswith(begin) and way not in wrong]
        if right:
            ratio = quartiles(ratios[right[0]])[1]
            print(f"- {right[0]}: {ratio:.2f} times FlorApp's; goal {goal:g}.")
    print()


def print_stages(measured: Measured) -> None:
    """Print where FlorApp's time goes."""
    parts, whole, stages = ["decode", "resize", "infer"], measured.times[SHIPPED], measured.stages
    rows = [[stage, spread(stages[stage], 1000)] for stage in parts]
    sums = [sum(seconds) for seconds in zip(*(stages[stage] for stage in parts), strict=True)]
    rest = [took - known for took, known in zip(whole, sums, strict=True)]
    rows += [["all else", spread(rest, 1000)], ["one answer", spread(whole, 1000)]]
    print(table(["FlorApp, median (quartiles)", "ms"], rows), end="\n\n")


def print_limit(measured: Measured, count: int, fastest: dict[str, float]) -> None:
    """Print the least that an answer could take, and the distance to it."""
    library, rate = max(fastest.items(), key=lambda found: found[1])
    arithmetic, own = count / rate, quartiles(measured.times[SHIPPED])[1]
    reading = quartiles(measured.stages["entropy"])[1]
    least = reading + arithmetic
    found = ", ".join(f"{name} {most / 1e9:.0f}" for name, most in fastest.items())
    multiplying = f"{count / 1e9:.2f} billion multiplications in int8 at {library}'s peak"
    rows = [
        ["entropy decoding by libjpeg-turbo alone", f"{1000 * reading:.1f}"],
        [multiplying, f"{1000 * arithmetic:.1f}"],
        ["both: the limit", f"{1000 * least:.1f}"],
        ["FlorApp", f"{1000 * own:.1f}, {own / least:.2f} times the limit"],
    ]
    print(table(["", "ms"], rows))
    print(f"\nPeaks, in billions of int8 multiplications a second: {found}.")


def peaks() -> dict[str, float]:
    """Measure the machine's peaks in a process of its own."""
    said = limit()
    return {name: float(rate) for name, rate in (line.split("\t") for line in said.splitlines())}


def multiplications(model: Path) -> int:
    """Count what the network multiplies."""
    return int(limit(str(model)))


def limit(*arguments: str) -> str:
    """Run peers/limit.py."""
    command = [sys.executable, "-m", "benchmarks.peers.limit", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout


if __name__ == "__main__":
    main()
