import itertools
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from florapp.core.geometry import Geometry
from florapp.core.network import Network
from training.answers import answers_of_file, answers_of_run
from training.calibrate import said_of
from training.export import export
from training.progress import duration
from training.watch import Progress


@pytest.mark.parametrize("live", [False, True], ids=["log", "terminal"])
def test_every_kind_of_pass_tells_where_it_is(monkeypatch, capsys, live):
    clock = SimpleNamespace(monotonic=itertools.count(0, 100).__next__)  # 100 s at each look
    monkeypatch.setattr("training.watch.time", clock)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: live, raising=False)
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    network.compile("sgd", "mse")
    photos, labels = np.zeros((6, 2)), np.zeros((6, 1))
    for title, run, given in (
        ("training", network.fit, (photos, labels)),
        ("validation", network.evaluate, (photos, labels)),
        ("features", network.predict, (photos,)),
    ):
        run(*given, batch_size=2, verbose=0, callbacks=[Progress(title, 1.0)])
        said = capsys.readouterr().err
        assert said.count(title) == 3
        # 100 s for one step of three; as much work again comes after.
        assert f"{title}: 1/3, " in said
        assert ", 8 min left" in said
        assert ("loss" in said) == (title != "features")
        assert ("\r" in said) == live


def test_whatever_answers_photographs_tells_where_it_is(
    run, exported, dataset, tmp_path, monkeypatch, capsys
):
    clock = SimpleNamespace(monotonic=itertools.count(0, 100).__next__)  # 100 s at each look
    monkeypatch.setattr("training.watch.time", clock)
    monkeypatch.setattr("training.progress._TELL_EVERY", -1.0)
    network, photos = Network(exported.int8), dataset.valid
    size = Geometry(32, "stretch")
    for answer, told in (
        (lambda: answers_of_run(run, photos), ["answers: 1/1, "]),
        (lambda: answers_of_file(network, photos), ["photographs answered: 15 of 15, "]),
        (lambda: said_of(network, photos), ["answers, 16 photographs at a time: 1 of 1, "]),
        (
            lambda: export(run, dataset, tmp_path / "tiny.onnx", size),
            ["Keras: 1/1, ", "fp32, a batch at a time: 1 of 1, ", "int8, a batch at a time: 1 of"],
        ),
    ):
        answer()
        said = capsys.readouterr()
        for words in told:
            assert words in said.err
            assert words not in said.out


def test_without_a_standard_error_it_goes_on(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr", None)
    progress = Progress("answers")
    progress.on_predict_begin()
    progress.on_predict_end()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (3570, "1 h 00 min"), (3900, "1 h 05 min")],
)
def test_duration(seconds, words):
    assert duration(seconds) == words
