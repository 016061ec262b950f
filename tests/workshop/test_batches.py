"""What a network is shown: the same pixels as in the program, in an order that comes again."""

import dataclasses
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from florapp.core.geometry import Geometry
from florapp.core.images import decode
from florapp.core.network import Network
from florapp.core.pipeline import classify
from florapp.core.source import Source
from florapp.core.square import to_input
from tests.workshop.hands import folders
from training.batches import PlainBatches, TrainingBatches, drawn, one_hot
from training.config import Augmentation, Data, FineTune, Recipe
from training.dataset import Photo, find


def test_training_batches_are_fixed_by_seed_and_epoch(dataset):
    def epoch(seed, number, dataset=dataset):
        recipe = Recipe(seed=seed, fine_tune=FineTune(batch=16))
        batches = TrainingBatches(dataset, recipe, size=32, epoch=number)
        return [batches[step] for step in range(len(batches))]

    def same(one, other):
        return all(np.array_equal(a, b) for x, y in zip(one, other, strict=True) for a, b in
                   zip(x, y, strict=True))  # fmt: skip

    first = epoch(1, 1)
    assert [images.shape for images, _ in first] == [(16, 32, 32, 3)] * 2 + [(13, 32, 32, 3)]
    assert all(images.dtype == np.uint8 for images, _ in first)
    assert same(first, epoch(1, 1))
    assert not same(first, epoch(1, 2))
    assert not same(first, epoch(2, 1))
    single = dataclasses.replace(dataset, train=dataset.train[:1])  # in whatever order
    assert not same(epoch(1, 1, single), epoch(2, 1, single))
    labels = np.concatenate([labels for _, labels in first])
    assert labels.dtype == np.float32
    assert np.array_equal(labels.sum(axis=0), [15, 15, 15])  # every photograph once


def test_an_epoch_takes_no_more_of_a_class_than_the_recipe_says_and_others_the_next_time():
    photos = [Photo(Path(f"{i}.jpg"), 0 if i < 3 else 1) for i in range(43)]
    recipe = Recipe(fine_tune=FineTune(most_of_class=10))

    epochs = [drawn(photos, recipe, epoch) for epoch in range(1, 61)]
    for order in epochs:
        assert Counter(photos[i].label for i in order) == {0: 3, 1: 10}
        assert len(set(order)) == 13
    assert epochs[0] == drawn(photos, recipe, 1)
    assert sorted(epochs[0]) != sorted(epochs[1])
    assert {i for order in epochs for i in order} == set(range(43))  # all of them in the end


def test_training_photographs_are_decoded_at_a_reduced_scale(tmp_path, monkeypatch):
    folders(tmp_path, {"a": 2, "b": 2})
    asked = []

    def spy(source, at_least):
        asked.append(at_least)
        return decode(source, at_least)

    monkeypatch.setattr("training.batches.decode", spy)
    recipe = Recipe(augmentation=Augmentation(scale=(0.25, 1.0)), fine_tune=FineTune(batch=2))
    batches = TrainingBatches(find(tmp_path, Data()), recipe, size=32, epoch=1)
    assert batches[0][0].shape == (2, 32, 32, 3)
    assert asked == [90, 90]  # 1.4 times 32 pixels for a crop of half the side


@pytest.mark.parametrize("fit", ["stretch", "cover", "contain"])
def test_plain_batches_are_what_the_program_feeds_its_network(tmp_path, fit):
    photos, expected, geometry = [], [], Geometry(32, fit)
    for i, side in enumerate((40, 64, 150, 700)):  # the last one is decoded at a reduced scale
        path = tmp_path / f"{i}.jpg"
        pixels = np.random.default_rng(i).integers(0, 256, (side, side + 30, 3), np.uint8)
        Image.fromarray(pixels).save(path, quality=95)
        photos.append(Photo(path, i % 2))
        expected.append(to_input(decode(Source.of(path), 2 * 32).pixels, geometry)[0])
    batches = PlainBatches(photos, 2, geometry, batch=3)
    given_images, given_labels = zip(*(batches[i] for i in range(len(batches))), strict=True)
    assert np.array_equal(np.concatenate(given_images), np.stack(expected))
    assert np.array_equal(np.concatenate(given_labels), one_hot([0, 1, 0, 1], 2))


def test_the_program_itself_feeds_its_network_what_was_measured(tmp_path, tiny_model, monkeypatch):
    pixels = np.random.default_rng(1).integers(0, 256, (700, 500, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.jpg", quality=95)  # decoded at a reduced scale
    network, given = Network(tiny_model), []
    answer = network.run

    def run(images):
        given.append(images)
        return answer(images)

    monkeypatch.setattr(network, "run", run)
    assert len(list(classify(network, [Source.of(tmp_path / "a.jpg")]))) == 1
    batches = PlainBatches([Photo(tmp_path / "a.jpg", 0)], 2, network.card.geometry)
    assert np.array_equal(given[0], batches[0][0])
