"""How fast does a folder of photographs go, beside what its parts could reach, and other libraries?

1. In turn, round by round: the rate of decoding alone (d: decoded and shaped by a thread for each
   core, no network), the rate of the network alone (i: batches of 8 that lie in memory), each
   before and after the command, and that of `florapp classify --csv` on the folder, without its
   start, which a folder of one picture tells. Were decoding and the network to share the cores
   without any loss, the command would reach 1 / (1/d + 1/i).
2. In the same rounds: the same folder, or as much of it as `--peers` says, answered by other
   libraries as their guides show it (peers/), each warm, in a process of its own.
3. Resident memory while 2,000 and 100,000 links to small pictures are answered.
4. How soon Ctrl-C ends it, and whether its CSV then has whole answers only.

The folder holds 24 JPEGs of 0.3 to 12 megapixels, made of the photographs, under so many names as
pictures are wanted (links to the same files: the disk is not measured, all is read from memory).

    pip install -e ".[benchmark]"
    python benchmarks/folders.py FOLDER_OF_PHOTOGRAPHS [--pictures 2000] [--peers 120]
        [--rounds 5] [--many 100000] [--only rate memory stop]
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from benchmarks.command import TOP, command, memory, stop
from benchmarks.peers.child import Child, PeerError
from benchmarks.peers.florapp_itself import MANY
from benchmarks.peers.photographs import DISTINCT, MEGAPIXELS, distinct, linked
from benchmarks.peers.tables import machine, quartiles, spread, table
from benchmarks.peers.task import BATCH, Task
from florapp.core.folders import pictures_under
from florapp.core.images import decode
from florapp.core.network import Network
from florapp.core.paths import shipped_model
from florapp.core.source import Source
from florapp.core.square import to_input

LIBRARIES = (
    *("florapp_itself", "onnx_runtime", "open_vino", "keras_predict", "lite_rt", "hugging_face"),
)


@dataclass
class Round:
    """What was measured of FlorApp in one round."""

    decoding: list[float] = field(default_factory=list)  # pictures a second
    inferring: list[float] = field(default_factory=list)
    command: float = 0.0
    start: float = 0.0  # seconds
    first: float = 0.0  # seconds to the first answer

    @property
    def ideal(self) -> float:
        """The rate without any loss: one picture takes 1/d and 1/i."""
        each = (fmean(1 / rate for rate in rates) for rates in (self.decoding, self.inferring))
        return 1 / sum(each)


@dataclass
class Peers:
    """What was measured of the other libraries."""

    faults: dict[str, str]
    rates: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    best: dict[str, list[int]] = field(default_factory=dict)  # classes, if the network is the same

    def agreement(self, way: str) -> str:
        """Say how many of its answers are FlorApp's."""
        if way not in self.best:
            return "random weights"
        same = [
            ours == theirs for ours, theirs in zip(self.best[MANY], self.best[way], strict=True)
        ]
        return f"{fmean(same):.0%}"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("photographs", type=Path)
    parser.add_argument("--pictures", type=int, default=2_000)
    parser.add_argument("--peers", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--many", type=int, default=100_000)
    parts = {"rate": rate, "memory": memory, "stop": stop}
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    given = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # else children may be deaf to it
    print(f"{machine()}\n", flush=True)
    for part in given.only:
        with tempfile.TemporaryDirectory() as folder:
            parts[part](given, Path(folder))
        print(flush=True)


# ------------------------------------------------------------------ how fast


def rate(given: argparse.Namespace, folder: Path) -> None:
    """Measure FlorApp and its parts, and the other libraries."""
    photos = list(pictures_under(given.photographs))
    files = distinct(photos, folder / "distinct")
    every, one, some = folder / "all", folder / "one", folder / "some"
    paths = linked(files, every, given.pictures)
    linked(files[DISTINCT // 2 :], one, 1)
    asked, warming = linked(files, some, given.peers), linked(files, folder / "warm", BATCH)
    size = sum(path.stat().st_size for path in paths) / len(paths) / 1e6
    print(f"{len(paths)} JPEGs of {MEGAPIXELS[0]} to {MEGAPIXELS[1]} megapixels, ", end="")
    print(f"{size:.1f} MB in the mean; {given.rounds} rounds in turn.\n", flush=True)
    task = Task.of(shipped_model(), folder)
    network = Network(task.int8)
    shaped = shape(paths[:DISTINCT], network, task.threads)[1]
    children = [Child(library, "many", task) for library in LIBRARIES]
    rounds: list[Round] = []
    peers = Peers({child.library: child.fault for child in children if child.fault})
    try:
        for turn in range(given.rounds):
            print(f"round {turn + 1} of {given.rounds}", file=sys.stderr, flush=True)
            rounds.append(Round())
            parts_alone(rounds[-1], paths[: len(paths) // 2], shaped, network, task.threads)
            the_command(rounds[-1], every, one, len(paths))
            parts_alone(rounds[-1], paths[len(paths) // 2 :], shaped, network, task.threads)
            ask(children, asked, warming, peers)
    finally:
        for child in children:
            child.close()
    print_rates(rounds, peers, len(asked))


def shape(paths: Sequence[Path], network: Network, threads: int) -> tuple[float, Any]:
    """Decode and shape pictures; return how many a second, and batches of them."""

    def square(path: Path) -> Any:
        picture = decode(Source.of(path), network.card.geometry.at_least)
        return to_input(picture.image, network.card.geometry)[0]

    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        squares = list(pool.map(square, paths))
    took = time.perf_counter() - started
    last = len(squares) - len(squares) % BATCH
    batches = [np.stack(squares[i : i + BATCH]) for i in range(0, last, BATCH)]
    return len(squares) / took, batches


def infer(batches: Sequence[Any], network: Network, seconds: float) -> float:
    """Run the network for so long; return pictures a second."""
    count, started = 0, time.perf_counter()
    while (took := time.perf_counter() - started) < seconds:
        for batch in batches:
            network.run(batch)
            count += len(batch)
    return count / took


def parts_alone(
    measured: Round, paths: Sequence[Path], batches: Sequence[Any], network: Network, threads: int
) -> None:
    """Measure decoding alone and the network alone."""
    started = time.perf_counter()
    measured.decoding.append(shape(paths, network, threads)[0])
    measured.inferring.append(infer(batches, network, time.perf_counter() - started))


def the_command(measured: Round, every: Path, one: Path, count: int) -> None:
    """Measure the command."""
    measured.start = list(answers(one))[-1]
    times = list(answers(every))
    assert len(times) == count + 1, "a picture was not answered"
    measured.first = times[0]
    measured.command = (count - 1) / (times[-1] - measured.start)


def answers(folder: Path) -> Iterator[float]:
    """Run the command; yield the seconds to the end of each answer, and at last to its own."""
    started = time.perf_counter()
    with command(folder) as process:
        assert process.stdout is not None
        next(process.stdout)
        for row, _ in enumerate(process.stdout, 1):
            if row % TOP == 0:
                yield time.perf_counter() - started
    assert process.returncode == 0
    yield time.perf_counter() - started


def ask(
    children: Sequence[Child],
    paths: Sequence[Path],
    warming: Sequence[Path],
    peers: Peers,
) -> None:
    """Let each library answer ``paths`` its ways, after a few others that warm it."""
    asked, few = [str(path) for path in paths], [str(path) for path in warming]
    for child in children:
        for way in child.ways:
            if way in peers.faults:
                continue
            try:
                child.answer(way, few)
                reply = child.answer(way, asked)
            except PeerError as error:
                peers.faults[way] = str(error)
                continue
            peers.rates[way].append(len(asked) / reply.seconds)
            if child.same:
                peers.best[way] = reply.best


def print_rates(rounds: Sequence[Round], peers: Peers, count: int) -> None:
    """Print FlorApp beside its parts, and beside the others."""
    own = [measured.command for measured in rounds]
    decoding = [value for measured in rounds for value in measured.decoding]
    inferring = [value for measured in rounds for value in measured.inferring]
    fractions = [measured.command / measured.ideal for measured in rounds]
    rows = [
        ["d: decoding and shaping alone, all cores", spread(decoding)],
        ["i: the network alone, all cores", spread(inferring)],
        ["1 / (1/d + 1/i)", spread([measured.ideal for measured in rounds])],
        ["`florapp classify --csv`, without its start", spread(own)],
        ["part of 1 / (1/d + 1/i), by rounds; goal 0.9", spread(fractions, digits=3)],
        ["its start, seconds", spread([measured.start for measured in rounds], digits=2)],
        ["first answer, seconds", spread([measured.first for measured in rounds], digits=2)],
    ]
    print(table(["median (quartiles)", "pictures a second"], rows), end="\n\n")
    middle = quartiles(own)[1]
    ways = [way for way in peers.rates if way not in peers.faults]
    ways.sort(key=lambda way: -quartiles(peers.rates[way])[1])
    rows = [
        [
            way,
            spread(peers.rates[way]),
            f"{middle / quartiles(peers.rates[way])[1]:.2f}",
            peers.agreement(way),
        ]
        for way in ways
    ]
    rows += [[way, fault, "", ""] for way, fault in peers.faults.items()]
    head = [f"the first {count} pictures", "a second", "times slower", "answers as FlorApp's"]
    print(table(head, rows), flush=True)


if __name__ == "__main__":
    main()
