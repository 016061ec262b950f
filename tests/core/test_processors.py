"""Another provider of onnxruntime is used where it answers alike, and sooner."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from florapp.core import network, processors
from florapp.core.network import Network

OPENVINO = "OpenVINOExecutionProvider"


class Other:
    """A session of the same model elsewhere, whose answers may be ``off``, and late.

    All of them, or those of a batch but for its first.
    """

    def __init__(self, real: Any, off: float, behind: float, lost: bool) -> None:
        self._real, self._off, self._behind, self._lost = real, off, behind, lost

    def get_providers(self) -> list[str]:
        return [processors.PROCESSOR] if self._lost else [OPENVINO, processors.PROCESSOR]

    def run(self, names: list[str], given: dict[str, Any]) -> list[Any]:
        values = [value + np.float32(self._off) for value in self._real.run(names, given)]
        for value in values:
            value[1:] += np.float32(self._behind)
        return values


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretend that onnxruntime was built for OpenVINO too."""
    real = processors.session

    def pretend(
        off: float = 0.0,
        *,
        behind: float = 0.0,
        late: float = 0.0,
        lost: bool = False,
        fails: str = "",
    ) -> None:
        def session(path: Path, provider: str, threads: int, *, eager: bool) -> Any:
            opened = real(path, processors.PROCESSOR, threads, eager=eager)
            if provider == OPENVINO:
                if fails:
                    raise RuntimeError(fails)
                return Other(opened, off, behind, lost)
            return opened

        def seconds(opened: Any, _: Any) -> float:
            return 0.01 + late if isinstance(opened, Other) else 0.02

        there = [OPENVINO, processors.PROCESSOR]
        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
        monkeypatch.setattr(processors, "session", session)
        monkeypatch.setattr(network, "session", session)
        monkeypatch.setattr(processors, "_seconds", seconds)

    return pretend


def test_without_one_there_is_nothing_to_say(tiny_model: Path) -> None:
    opened = Network(tiny_model)
    assert (opened.runs_on, opened.remark) == ("CPU", "")


def test_one_that_answers_alike_and_sooner_is_used(
    tiny_model: Path, elsewhere: Callable[..., None]
) -> None:
    elsewhere(0.001)
    opened = Network(tiny_model)
    assert (opened.runs_on, opened.remark) == ("OpenVINO", "")
    size = opened.card.geometry.size
    outputs = opened.run(np.zeros((2, size, size, 3), np.uint8))
    assert outputs.probabilities.shape == (2, len(opened.card.labels))


@pytest.mark.parametrize(
    ("what", "remark"),
    [
        ({"off": 0.5}, "OpenVINO answers differently from the processor, by 0.500"),
        ({"behind": 0.5}, "OpenVINO answers differently from the processor, by 0.500"),
        ({"off": float("nan")}, "OpenVINO answers differently from the processor, by nan"),
        ({"late": 0.5}, "OpenVINO takes 510 ms where the processor takes 20"),
        ({"lost": True}, "OpenVINO lacks its libraries here"),
        ({"fails": "no device."}, r"OpenVINO cannot be used \(no device\)"),
    ],
)
def test_one_that_is_of_no_use_is_left_alone_and_told(
    tiny_model: Path,
    elsewhere: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    what: dict[str, Any],
    remark: str,
) -> None:
    """In one line: onnxruntime says nothing itself meanwhile, as it does of a CUDA that lacks."""
    levels: list[int] = []
    monkeypatch.setattr(onnxruntime, "set_default_logger_severity", levels.append)
    elsewhere(**what)
    opened = Network(tiny_model)
    assert opened.runs_on == "CPU"
    assert re.match(remark, opened.remark)
    assert opened.remark.endswith("the processor is used.")
    assert levels == [4, 2]  # fatal, and warnings as before


def test_directml_is_given_one_call_at_a_time(
    tiny_model: Path, elsewhere: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not stand two, and the window has two lanes."""
    elsewhere()
    monkeypatch.setitem(processors.OTHERS, OPENVINO, "DirectML")
    opened, inside, run = Network(tiny_model), threading.Lock(), Other.run

    def alone(self: Other, names: list[str], given: dict[str, Any]) -> list[Any]:
        assert inside.acquire(blocking=False)
        time.sleep(0.01)
        inside.release()
        return run(self, names, given)

    monkeypatch.setattr(Other, "run", alone)
    size = opened.card.geometry.size
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(opened.run, [np.zeros((1, size, size, 3), np.uint8)] * 8))


@pytest.mark.parametrize("cores", [1, 2, 8, 32])
def test_it_takes_the_cores_that_it_may_use_unless_told_otherwise(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    """Those of this process, not of the machine: it may be held to some of them."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    for asked, wanted in ((None, cores), (3, 3)):
        opened = Network(tiny_model, asked)
        assert opened.threads == wanted
        options = opened._session.get_session_options()
        assert options.intra_op_num_threads == wanted
