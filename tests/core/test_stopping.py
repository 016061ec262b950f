"""Nothing holds up the caller: not a picture that hangs, and breaking off ends it at once."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from florapp.core import images, readers
from florapp.core.errors import ModelFileError
from florapp.core.network import Network
from florapp.core.pipeline import classify, in_order
from florapp.core.prediction import Answer, Failure
from florapp.core.source import Source

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def hanging(monkeypatch):
    """Make the reading of sources called "hang" wait until the event that this returns is set."""
    released = threading.Event()

    def decode(source, at_least=None):
        if source.name == "hang":
            released.wait(30)
        return images.decode(source, at_least)

    monkeypatch.setattr(readers, "decode", decode)
    yield released
    released.set()


@pytest.fixture
def hang(plain):
    return Source.of(plain("red"), name="hang")


def threads_reading():
    return sum(thread.name.startswith("florapp-reader") for thread in threading.enumerate())


def wait_until(condition):
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def test_a_process_that_is_stopped_for_a_while_gives_nothing_up(
    network, hanging, hang, coloured, monkeypatch
):
    """What was being read then was not at fault: it was stopped as well."""
    stopped, real = [0.0], time.monotonic
    monkeypatch.setattr("florapp.core.readers.time.monotonic", lambda: real() + stopped[0])
    results = classify(network, [coloured(0), hang], patience=20)
    assert isinstance(next(results)[1], Answer)
    stopped[0] = 100.0
    threading.Timer(1.0, hanging.set).start()
    assert isinstance(next(results)[1], Answer)


def test_an_error_of_the_sources_or_of_the_model_reaches_the_caller(
    network, coloured, make_model, monkeypatch
):
    def sources():
        yield coloured(0)
        raise OSError("unplugged")

    before = threads_reading()
    with pytest.raises(OSError, match="unplugged"):
        list(classify(network, sources()))
    broken = Network(make_model(broken=True))
    with pytest.raises(ModelFileError, match="cannot be run"):
        list(classify(broken, [coloured(0)]))
    assert wait_until(lambda: threads_reading() <= before)


def test_readers_that_hang_are_given_up_and_the_rest_goes_on(network, coloured, hang, hanging):
    sources = [hang if number % 4 == 0 else coloured(number) for number in range(40)]
    results = list(in_order(classify(network, sources, patience=0.5)))
    for number, result in enumerate(results):
        if number % 4:
            assert isinstance(result, Answer)
            assert result.source.name == str(number)
        else:
            assert isinstance(result, Failure)
            assert "took more than 0.5 seconds and was given up" in result.reason
    assert len(results) == 40


def test_a_reader_that_comes_back_too_late_is_not_heard(network, coloured, hang, hanging):
    results = []
    for position, result in classify(network, [hang, *map(coloured, range(60))], patience=0.2):
        results.append(position)
        if isinstance(result, Failure):
            hanging.set()
            time.sleep(0.1)
    assert sorted(results) == list(range(61))


def test_a_slow_caller_loses_no_picture(network, coloured):
    results: list[Answer | Failure] = []
    for _, result in classify(network, map(coloured, range(24)), patience=0.5):
        if len(results) % 8 == 0:
            time.sleep(0.8)  # more than the patience with readers
        results.append(result)
    assert len(results) == 24
    assert all(isinstance(result, Answer) for result in results)


def test_cancelling_ends_it_at_once_though_readers_hang(network, hang, hanging):
    cancelled = threading.Event()
    began = time.monotonic()
    timer = threading.Timer(0.2, cancelled.set)
    timer.start()
    assert list(classify(network, [hang] * 10, cancelled=cancelled)) == []
    assert time.monotonic() - began < 1.2
    assert list(classify(network, [hang], cancelled=cancelled)) == []


@pytest.mark.parametrize("kind", ["pictures", "failures"])
def test_cancelling_ends_an_endless_stream(network, coloured, kind):
    cancelled = threading.Event()
    failure = Failure(Source.of(b""), "No.")
    endless = map(coloured, itertools.count()) if kind == "pictures" else itertools.repeat(failure)
    results = classify(network, endless, cancelled=cancelled)
    next(results)
    cancelled.set()
    assert sum(1 for _ in itertools.islice(results, 1000)) < 32


def test_breaking_off_leaves_no_threads(network, coloured):
    before = threads_reading()
    for _ in range(10):
        results: Any = in_order(classify(network, map(coloured, itertools.count())))
        next(results)
        results.close()
    assert wait_until(lambda: threads_reading() <= before)


def test_after_breaking_off_nothing_more_is_read(network, coloured, monkeypatch):
    before, reading, go_on = threads_reading(), [], threading.Event()

    def decode(source, at_least=None):
        reading.append(source)
        go_on.wait(30)
        return images.decode(source, at_least)

    monkeypatch.setattr(readers, "decode", decode)
    stop = Failure(Source.of(b"", name="stop"), "Here the caller stops.")
    results: Any = classify(network, [*map(coloured, range(12)), stop])
    assert next(results)[0] == 12
    assert wait_until(lambda: bool(reading))
    results.close()
    go_on.set()
    assert wait_until(lambda: threads_reading() <= before)
    assert len(reading) <= 4  # one for each thread


_HOST = """
import sys, threading, time
from florapp.core import pipeline, readers
from florapp.core.network import Network
from florapp.core.source import Source

def decode(*picture):
    begun.set()
    time.sleep(float(sys.argv[2]))
    print("read", flush=True)

begun, readers.decode = threading.Event(), decode
pictures = [Source("picture", b"") for _ in range(12)]
answers = pipeline.classify(Network(sys.argv[1], 2), [*pictures, None])
threading.Thread(target=next, args=[answers], daemon=True).start()
begun.wait()
"""


@pytest.mark.parametrize(("seconds", "read"), [(0.1, {1, 2}), (600, {0})])
def test_a_program_that_ends_lets_decoders_end_but_not_for_long(tiny_model, seconds, read):
    """Python ends them wherever they are, and libheif then crashed the process.

    Neither of the two readers begins with another picture.
    """
    began = time.monotonic()
    command = [sys.executable, "-c", _HOST, str(tiny_model), str(seconds)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("read") in read
    assert time.monotonic() - began < 30
