import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from florapp.core.errors import DataError
from florapp.core.geometry import Geometry
from florapp.core.images import decode
from florapp.core.source import Source
from florapp.core.square import to_input
from training.batches import PlainBatches, TrainingBatches, drawn, one_hot
from training.config import Augmentation, Data, DataSource, FineTune, Recipe
from training.dataset import Photo, find, opened, readable, split_by_name
from training.held_out import held_out, labelled


def folders(root, counts):
    """Make class folders of small pictures, of another colour each: {"a/b": how many}."""
    for kind, (name, count) in enumerate(counts.items()):
        (root / name).mkdir(parents=True)
        for number in range(count):
            colour = (40 * kind % 256, 7 * number % 256, 99)
            Image.new("RGB", (12, 9), colour).save(root / name / f"{Path(name).name}{number}.png")
    return root


def names(photos, dataset):
    return sorted((dataset.classes[photo.label], photo.path.name) for photo in photos)


def test_plain_class_folders(tmp_path):
    root = folders(tmp_path, {"tulip": 10, "rose": 20, ".hidden": 3})
    (root / "rose" / "notes.txt").write_text("no picture")
    dataset = find(root, Data(valid_fraction=0.2))
    assert dataset.classes == ("rose", "tulip")
    assert Counter(p.label for p in dataset.train) == {0: 16, 1: 8}
    assert Counter(p.label for p in dataset.valid) == {0: 4, 1: 2}
    assert not {p.path for p in dataset.train} & {p.path for p in dataset.valid}
    assert all(p.path.parent.name == dataset.classes[p.label] for p in dataset.train)


def test_the_split_is_the_same_wherever_the_folder_lies(tmp_path):
    first = folders(tmp_path / "first", {"tulip": 17, "rose": 23})
    second = Path(shutil.copytree(first, tmp_path / "a" / "second"))
    one, again, other = (find(root, Data()) for root in (first, first, second))
    assert one == again
    assert names(one.valid, one) == names(other.valid, other)
    assert names(one.train, one) == names(other.train, other)
    assert one.fingerprint == other.fingerprint


def test_the_fingerprint_tells_photographs_apart(tmp_path):
    root = folders(tmp_path, {"tulip": 5, "rose": 5})
    before = find(root, Data()).fingerprint
    (root / "rose" / "rose0.png").rename(root / "rose" / "other.png")
    assert find(root, Data()).fingerprint != before


def test_folders_of_parts_are_taken_as_they_are(tmp_path):
    root = folders(tmp_path, {"train/a": 4, "train/b": 3, "valid/a": 2, "valid/b": 1, "test/a": 9})
    dataset = find(root, Data(test_fraction=0.5))
    assert names(dataset.train, dataset) == sorted(
        [("a", f"a{i}.png") for i in range(4)] + [("b", f"b{i}.png") for i in range(3)]
    )
    assert names(dataset.valid, dataset) == [("a", "a0.png"), ("a", "a1.png"), ("b", "b0.png")]
    assert len(dataset.test) == 9


def test_a_part_to_test_with_is_put_aside_first(tmp_path):
    root = folders(tmp_path, {"tulip": 50, "rose": 100})
    dataset = find(root, Data(test_fraction=0.2, valid_fraction=0.1))
    assert Counter(p.label for p in dataset.test) == {0: 20, 1: 10}
    assert Counter(p.label for p in dataset.valid) == {0: 8, 1: 4}
    assert Counter(p.label for p in dataset.train) == {0: 72, 1: 36}
    assert len({p.path for p in dataset.photos}) == 150
    # What is put aside to test with is what would be put aside to choose by, were there no test.
    assert dataset.test == find(root, Data(valid_fraction=0.2)).valid
    classes = ["rose", "tulip"]
    for to_choose, expected, what in (
        (False, dataset.test, "test"),
        (True, dataset.valid, "validation"),
    ):
        said, photos = held_out(
            root,
            Data(test_fraction=0.2, valid_fraction=0.1),
            classes,
            dataset.fingerprint,
            to_choose=to_choose,
        )
        assert photos == expected
        assert said == f"the {what} photographs of the training data"


def test_a_train_folder_alone_is_split(tmp_path):
    dataset = find(folders(tmp_path, {"train/a": 10, "train/b": 10}), Data())
    assert len(dataset.train) == 16
    assert len(dataset.valid) == 4


def test_several_sources_meet_in_the_recipe_s_classes(tmp_path):
    folders(tmp_path, {"one/rose": 10, "one/oxeye_daisy": 10})
    folders(tmp_path, {"two/daisy": 10, "two/weed": 10})
    mapped = DataSource("two", {"daisy": "oxeye_daisy"})
    dataset = find(tmp_path, Data([DataSource("one"), mapped]))
    assert dataset.classes == ("oxeye_daisy", "rose")
    assert Counter(p.label for p in (*dataset.train, *dataset.valid)) == {0: 20, 1: 10}
    both, classes = Data([DataSource("one"), mapped]), ["rose", "oxeye_daisy"]
    what, only = held_out(tmp_path, both, classes, dataset.fingerprint, "one")
    assert what == f"the validation photographs of {tmp_path / 'one'}"
    assert len(only) == 4
    assert {(p.path.parent.name, p.label) for p in only} == {("rose", 0), ("oxeye_daisy", 1)}
    with pytest.raises(DataError, match="two has no class folder 'lily', which the recipe maps"):
        find(tmp_path, Data([DataSource("two", {"daisy": "d", "lily": "l"})]))


def test_an_unreadable_picture_is_named_and_left_out(tmp_path):
    root = folders(tmp_path, {"tulip": 10, "rose": 10})
    whole = find(root, Data())
    for photo in (whole.train[3], whole.valid[1]):
        photo.path.write_bytes(b"not a picture")
    said: list[str] = []
    listed = find(root, Data())
    dataset = opened(listed, said.append)
    assert dataset.fingerprint == listed.fingerprint
    broken = {whole.train[3].path, whole.valid[1].path}
    assert set(dataset.train) == {p for p in whole.train if p.path not in broken}
    assert set(dataset.valid) == {p for p in whole.valid if p.path not in broken}
    assert sorted(line.split(": left out. ")[0] for line in said) == sorted(map(str, broken))
    _, measured = held_out(root, Data(), dataset.classes, dataset.fingerprint)
    assert readable(measured, said.append) == dataset.valid
    with pytest.raises(DataError, match="None of the photographs could be read"):
        readable(whole.valid[1:2], said.append)


def test_a_link_into_the_void_is_named_and_left_out(tmp_path):
    root = folders(tmp_path, {"tulip": 10, "rose": 10})
    (root / "rose" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    said: list[str] = []
    dataset = opened(find(root, Data()), said.append)
    assert len(dataset.train) + len(dataset.valid) == 20
    assert len(said) == 1
    assert "gone.png: left out." in said[0]


def test_opening_many_photographs_tells_where_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr("training.dataset._TELL_EVERY", -1.0)
    said: list[str] = []
    opened(find(folders(tmp_path, {"tulip": 5, "rose": 5}), Data()), said.append)
    assert said == [f"opened {i} of 10 photographs" for i in range(10)]


@pytest.mark.parametrize(
    ("counts", "about"),
    [
        ({"rose": 5}, "at least two classes, and there is one"),
        ({}, "at least two classes, and there are none"),
        ({"rose": 5, "tulip": 5, "lily": 0}, "class 'lily' is empty"),
        ({"train/a": 2, "train/b": 2, "valid/a": 1, "valid/c": 1}, "class 'c' is empty"),
        ({"rose": 5, "Rose": 5}, "'Rose' and 'rose' look like one class in two spellings"),
        ({"corn poppy": 5, "corn_poppy": 5}, "'corn poppy' and 'corn_poppy' look like one"),
        ({"caf\u00e9": 5, "cafe\u0301": 5}, "look like one class in two spellings"),
        ({"rose": 1, "tulip": 1}, "no photograph to validate with"),
        ({"train/a": 5, "train/b": 5, "valid/a": 0}, "no photograph to validate with"),
    ],
)
def test_photographs_that_make_no_sense(tmp_path, counts, about):
    folders(tmp_path, counts)
    with pytest.raises(DataError, match=about):
        find(tmp_path, Data())


def test_a_class_of_unreadable_pictures_is_empty(tmp_path):
    root = folders(tmp_path, {"rose": 5, "tulip": 5, "lily": 0})
    (root / "lily" / "broken.jpg").write_bytes(b"no")
    dataset = find(root, Data())
    with pytest.raises(DataError, match=r"'lily' is empty: it has no photograph .* can be read"):
        opened(dataset, lambda line: None)


def test_only_case_and_blanks_make_two_spellings(tmp_path):
    assert find(folders(tmp_path, {"c": 5, "c#": 5, "c+": 5}), Data()).classes == ("c", "c#", "c+")


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"There is no folder .*--data"):
        find(tmp_path / "none", Data())


def test_held_out_of_the_training_data_is_its_validation_part(tmp_path):
    root = folders(tmp_path, {"tulip": 10, "rose": 10})
    dataset, classes = find(root, Data()), ("tulip", "rose")  # the model's order
    what, photos = held_out(root, Data(), classes, dataset.fingerprint)
    assert what == "the validation photographs of the training data"
    assert [p.path for p in photos] == [p.path for p in dataset.valid]
    assert all(classes[p.label] == p.path.parent.name for p in photos)
    with pytest.raises(DataError, match="has no source 'flowers5'"):
        held_out(root, Data(), classes, dataset.fingerprint, "flowers5")


def test_beside_train_the_test_folder_is_measured_and_the_valid_one_learnt_from(tmp_path):
    root = folders(tmp_path, {"train/tulip": 9, "valid/tulip": 3, "test/tulip": 5})
    for to_choose, part, count in ((False, "test", 5), (True, "valid", 3)):
        said, photos = held_out(root, Data(), ["tulip"], "0123456789abcdef", to_choose=to_choose)
        assert said == f"all photographs in {root / part}"
        assert len(photos) == count


def test_held_out_of_another_folder_is_all_of_it(tmp_path):
    folders(tmp_path, {"own/train/tulip": 9, "own/train/rose": 9, "own/valid/tulip": 3})
    folders(tmp_path, {"own/valid/Rosen": 2, "own/valid/weed": 1, "test/tulip": 7})
    classes, mapped = ("tulip", "rose"), Data([DataSource("own", {"Rosen": "rose"})])
    for root, taken, expected in (
        (tmp_path / "own", "own/valid", {0: 3, 1: 2}),  # not the data: beside train/, valid/
        (tmp_path / "own" / "valid", "own/valid", {0: 3, 1: 2}),
        (tmp_path / "test", "test", {0: 7}),  # a single class
    ):
        what, photos = held_out(root, mapped, classes, "0123456789abcdef")
        assert what == f"all photographs in {tmp_path / taken}"
        assert Counter(p.label for p in photos) == expected
    with pytest.raises(DataError, match=r"No folder in .* is named like a class"):
        labelled(tmp_path / "test", Data(), ["lily", "iris"])


@given(
    st.lists(st.text("abcdefgh123", min_size=1, max_size=6), unique=True, max_size=60),
    st.floats(0.01, 0.99),
    st.randoms(),
)
def test_split_by_name(stems, fraction, random):
    paths = [Path("data") / f"{stem}.jpg" for stem in stems]
    rest, part = split_by_name(paths, fraction)
    assert sorted(rest + part) == sorted(paths)
    if len(paths) > 1:
        assert len(part) == min(len(paths) - 1, max(1, round(len(paths) * fraction)))
    else:
        assert not part
    random.shuffle(paths)
    assert split_by_name(paths, fraction) == (rest, part)
    elsewhere = [Path("/mnt/z") / path.name for path in paths]
    assert [[p.name for p in ps] for ps in split_by_name(elsewhere, fraction)] == [
        [p.name for p in rest],
        [p.name for p in part],
    ]


def test_training_batches_are_fixed_by_seed_and_epoch(dataset):
    def epoch(seed, number):
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
    assert asked == [128, 128]  # 2 * 32 pixels for a crop of half the side


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
