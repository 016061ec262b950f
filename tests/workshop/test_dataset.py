"""Photographs are found, split and named as the recipe says, and what makes no sense is told."""

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florapp.core.errors import DataError
from tests.workshop.hands import folders
from training.config import Data, DataSource
from training.dataset import find, opened, readable, spelling, split_by_name
from training.held_out import held_out


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
    renamed = find(root, Data()).fingerprint
    with (root / "rose" / "other.png").open("ab") as file:
        file.write(b"edited")
    assert len({before, renamed, find(root, Data()).fingerprint}) == 3
    parts = folders(tmp_path / "parts", {"train/a": 3, "train/b": 3, "valid/a": 1})
    before = find(parts, Data()).fingerprint
    (parts / "train" / "a" / "a2.png").rename(parts / "valid" / "a" / "a2.png")
    assert find(parts, Data()).fingerprint != before  # it was learnt from


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


def test_opening_many_photographs_tells_where_it_is(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("training.progress._TELL_EVERY", -1.0)
    opened(find(folders(tmp_path, {"tulip": 5, "rose": 5}), Data()), print)
    assert "photographs opened: 9 of 10, " in "".join(capsys.readouterr())


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
    with pytest.raises(DataError, match=r"'lily' is empty: no photograph .* can be read"):
        opened(dataset, lambda line: None)


def test_only_case_and_blanks_make_two_spellings(tmp_path):
    assert find(folders(tmp_path, {"c": 5, "c#": 5, "c+": 5}), Data()).classes == ("c", "c#", "c+")


def test_the_numbers_of_two_plots_are_no_spellings_of_one(tmp_path):
    folders(tmp_path, {"1-11": 3, "11-1": 3, "plot 2": 3})
    assert find(tmp_path, Data()).classes == ("1-11", "11-1", "plot 2")
    assert spelling("Plot_1 11") == spelling("plot1-11")


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"There is no folder .*--data"):
        find(tmp_path / "none", Data())


def test_no_numbering_decides_what_is_held_back():
    paths = [Path(f"{number:03}.jpg") for number in range(100)]
    held_back = {int(path.stem) // 10 for path in split_by_name(paths, 0.2)[1]}
    assert len(held_back) > 5  # from more than half of the series


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


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"Train/a": 3, "Train/b": 3, "Valid/a": 1}, "'Train'. Call it 'train'"),
        ({"train/a": 3, "train/b": 3, "val/a": 1}, "'val'. Call it 'valid'"),
        ({"train/a": 3, "train/b": 3, "valid/a": 1, "testing/a": 1}, "'testing'. Call it 'test'"),
        ({"training_set/a": 3, "test_set/a": 3}, "'test_set'. Call it 'test'"),
        ({"seg-train/a": 3, "seg-valid/a": 3}, "'seg-train'. Call it 'train'"),
        ({"Training/a": 3, "test data/a": 3}, "Call it"),
    ],
)
def test_parts_by_another_name_are_no_classes_and_not_passed_over(tmp_path, counts, words):
    with pytest.raises(DataError, match=words):
        find(folders(tmp_path, counts), Data())


def test_classes_may_be_called_like_parts(tmp_path):
    assert find(folders(tmp_path / "one", {"Test": 3, "val": 3}), Data()).classes == ("Test", "val")
    tubes = {"test tubes": 3, "training shoes": 3, "steam train": 3}
    assert len(find(folders(tmp_path / "three", tubes), Data()).classes) == 3
    vehicles = folders(tmp_path / "two", {"train": 3, "bus": 3, "plane": 3})
    with pytest.raises(DataError, match=r"holds no class folders.*Rename it if it is a class"):
        find(vehicles, Data())


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_class_whose_name_is_in_no_encoding_is_refused(tmp_path):
    root = folders(tmp_path, {"tulip": 3, "rose": 3})
    (root / "rose").rename(root / os.fsdecode(b"G\xe4nse"))
    with pytest.raises(DataError, match="'G\ufffdnse' is not in the system's encoding"):
        find(root, Data())
