"""The figures of every epoch, for TensorBoard."""

import errno
import os

import pytest
from tensorboardX.proto.event_pb2 import Event
from typer.testing import CliRunner

from training.__main__ import app
from training.state import State
from training.watch import curves

FIGURES = [
    {"epoch": 1, "loss": 2.0, "accuracy": 0.25, "valid_loss": 1.5, "valid_accuracy": 0.5},
    {"epoch": 2, "loss": 1.0, "accuracy": 0.75, "valid_loss": 1.25, "valid_accuracy": 0.625},
]


def written(folder):
    """Read all events as TensorBoard does: length, checksum, content, checksum."""
    found: dict[int, dict[str, float]] = {}
    for path in sorted(folder.glob("*.tfevents.*")):
        data = path.read_bytes()
        while data:
            length = int.from_bytes(data[:8], "little")
            event = Event.FromString(data[12 : 12 + length])
            for value in event.summary.value:
                found.setdefault(event.step, {})[value.tag] = value.simple_value
            data = data[16 + length :]
    return [{"epoch": step} | figures for step, figures in sorted(found.items())]


def test_each_epoch_is_there_as_soon_as_it_is_over(tmp_path):
    folder = tmp_path / "logs" / "mine"
    with curves(folder) as after_epoch:
        for count in (1, 2):
            after_epoch(State(count, history=FIGURES[:count]))
            assert written(folder) == FIGURES[:count]
    assert written(folder) == FIGURES


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with curves(None) as after_epoch:
        after_epoch(State(1, history=FIGURES[:1]))
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_by_the_name_of_the_folder(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with curves(tmp_path / "logs") as after_epoch:
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", full)
            with pytest.raises(OSError, match="No space left on device") as told:
                after_epoch(State(1, history=FIGURES[:1]))
        assert told.value.filename == str(tmp_path / "logs")


def test_fit_writes_them_where_it_is_told(photographs, recipe_file, weights, tmp_path, monkeypatch):
    def fit(*given, after_epoch):
        after_epoch(State(1, history=FIGURES[:1]))

    monkeypatch.setattr("training.fit.fit", fit)
    command = ["fit", "--recipe", recipe_file, "--data", photographs, "--weights", weights]
    command += ["--out", tmp_path / "run", "--tensorboard", tmp_path / "logs"]
    done = CliRunner().invoke(app, [str(word) for word in command])
    assert done.exit_code == 0, done.exception
    assert written(tmp_path / "logs") == FIGURES[:1]
