"""Data sets by name: fetched once, then photographs like all others."""

from pathlib import Path

import keras
import numpy as np
import pytest
from typer.testing import CliRunner

from florapp.core.errors import DataError
from florapp.core.geometry import Geometry
from training.__main__ import app
from training.config import Data
from training.dataset import find, shaped
from training.named import data_folder


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr("training.named.user_cache_path", lambda *args, **kwargs: tmp_path)
    return tmp_path / "datasets"


def small_cifar10():
    """Pictures as bright as their label is high."""
    labels = np.arange(30).reshape(-1, 1) % 10
    images = np.broadcast_to(labels.reshape(-1, 1, 1, 1), (30, 32, 32, 3)).astype(np.uint8)
    return (images[:20], labels[:20]), (images[20:], labels[20:])


def test_a_named_data_set_is_fetched_once(cache, monkeypatch, tmp_path):
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", small_cifar10)
    folder = data_folder(Path("cifar10"))
    assert folder == cache / "cifar10"
    dataset = find(folder, Data(valid_fraction=0.5))
    assert dataset.classes[:3] == ("airplane", "automobile", "bird")
    for photo in dataset.photos:  # its labels are in the order of the names
        assert shaped(photo.path, Geometry(32))[0, 0, 0] == photo.label
    assert (len(dataset.train), len(dataset.valid), len(dataset.test)) == (10, 10, 10)
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", lambda: pytest.fail("again"))
    assert data_folder(Path("cifar10")) == folder


def test_a_disk_that_fills_up_leaves_nothing_of_it(cache, monkeypatch):
    def full(image, path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", small_cifar10)
    monkeypatch.setattr("PIL.Image.Image.save", full)
    with pytest.raises(OSError, match="No space left"):
        data_folder(Path("cifar10"))
    assert not list(cache.iterdir())


def test_another_process_may_be_there_first_and_nothing_else_in_the_way(cache, monkeypatch):
    def refused(part, folder):
        if theirs:
            folder.mkdir()
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", small_cifar10)
    monkeypatch.setattr(Path, "replace", refused)
    theirs = False
    with pytest.raises(PermissionError):
        data_folder(Path("cifar10"))
    theirs = True
    assert data_folder(Path("cifar10")) == cache / "cifar10"
    assert list(cache.iterdir()) == [cache / "cifar10"]


def test_every_command_knows_the_names(cache, monkeypatch, finished):
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: 1 / 0)
    for command in (["evaluate", finished], ["calibrate", finished / "run.json"]):
        words = [str(word) for word in command]
        said = CliRunner().invoke(app, [*words, "--data", "mnist"])
        assert "mnist could not be downloaded" in str(said.exception)


def test_a_folder_goes_before_a_name(cache, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mnist").mkdir()
    assert data_folder(Path("mnist")) == Path("mnist")


def test_without_a_network_it_says_so(cache, monkeypatch, tmp_path):
    def no_network():
        raise OSError("Temporary failure in name resolution")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", no_network)
    with pytest.raises(DataError, match=r"mnist could not be downloaded.*give a folder"):
        data_folder(Path("mnist"))
    assert not cache.exists()
