"""Features are computed once, and kept for the same network and the same pictures only."""

import dataclasses

import numpy as np
import pytest

from training.config import Recipe
from training.dataset import Photo
from training.features import frozen_features
from training.files import content_hash


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """The files of which features were computed, call by call; no network is needed to count."""
    asked = []

    def computed(network, photos, geometry, after):
        asked.append([photo.path.name for photo in photos])
        return np.array([[len(photo.path.read_bytes()), 0.5] for photo in photos], np.float16)

    monkeypatch.setattr("training.features.cache_folder", lambda: tmp_path / "kept")
    monkeypatch.setattr("training.features._network", lambda *_: None)
    monkeypatch.setattr("training.features._computed", computed)
    return asked


@pytest.fixture
def files(tmp_path):
    """Three photographs and two files of weights; what is in them does not matter here."""
    for name in ("a.jpg", "b.jpg", "c.jpg", "one.h5", "other.h5"):
        (tmp_path / name).write_bytes(name.encode() * (1 + ord(name[0]) % 7))
    return tmp_path


def features(files, names, recipe=None, weights="one.h5"):
    paths = [files / name for name in names]
    hashes = [content_hash(path) for path in paths]
    photos = [Photo(path, 0) for path in paths]
    return frozen_features(photos, hashes, recipe or Recipe(), files / weights)


def test_only_what_is_new_is_computed_whatever_it_is_called(files, asked):
    features(files, ["a.jpg", "b.jpg"])
    (files / "a.jpg").rename(files / "z.jpg")
    (files / "b.jpg").write_bytes(b"another picture under the name")
    found = features(files, ["c.jpg", "b.jpg", "z.jpg", "z.jpg"])
    assert asked == [["a.jpg", "b.jpg"], ["c.jpg", "b.jpg"]]
    sizes = [(files / name).stat().st_size for name in ("c.jpg", "b.jpg", "z.jpg", "z.jpg")]
    assert found.tolist() == [[size, 0.5] for size in sizes]  # each photograph its own


@pytest.mark.parametrize(
    "change",
    [
        {"head": {"size": 192}},
        {"model": {"precision": "mixed_bfloat16"}},
        {"model": {"backbone": "vgg16"}},
        {},
    ],
    ids=str,
)
def test_another_network_or_size_has_features_of_its_own(files, asked, change):
    recipe = Recipe()
    for key, values in change.items():
        recipe = dataclasses.replace(
            recipe, **{key: dataclasses.replace(getattr(recipe, key), **values)}
        )
    features(files, ["a.jpg"])
    features(files, ["a.jpg"], recipe, "one.h5" if change else "other.h5")
    features(files, ["a.jpg"])
    assert asked == [["a.jpg"]] * 2


def test_what_is_kept_and_damaged_is_computed_anew(files, asked):
    once = features(files, ["a.jpg", "b.jpg"])
    (kept,) = (files / "kept").rglob("*.npz")
    kept.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    assert features(files, ["a.jpg", "b.jpg"]).tolist() == once.tolist()
    assert features(files, ["a.jpg", "b.jpg"]).tolist() == once.tolist()
    assert asked == [["a.jpg", "b.jpg"]] * 2


def test_where_nothing_can_be_kept_the_work_goes_on(files, asked, capsys, monkeypatch):
    monkeypatch.setattr("training.features._AT_ONCE", 1)
    (files / "kept").write_text("in the place of the folder")
    assert features(files, ["a.jpg", "b.jpg"]).shape == (2, 2)
    assert asked == [["a.jpg"], ["b.jpg"]]
    assert capsys.readouterr().out.count("the features are not kept") == 1
