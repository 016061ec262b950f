"""Which photographs a network is measured with."""

from collections import Counter

import pytest

from florapp.core.errors import DataError
from tests.workshop.hands import folders
from training.config import Data, DataSource
from training.dataset import find
from training.held_out import FLATTERS, held_out, labelled
from training.learnt import Learnt, from_facts, from_photos


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
        assert said.startswith(f"all photographs in {root / part}. Should it have learnt from")
        assert len(photos) == count


def test_held_out_of_another_folder_is_all_of_it(tmp_path):
    folders(tmp_path, {"own/train/tulip": 9, "own/train/rose": 9, "own/valid/tulip": 3})
    folders(tmp_path, {"own/valid/Rosen": 2, "own/valid/weed": 1, "test/tulip": 7})
    classes, mapped = ("tulip", "rose"), Data([DataSource("own", {"Rosen": "rose"})])
    weed = ", without weed: no classes of the model"
    for root, taken, expected in (
        (tmp_path / "own", f"own/valid{weed}", {0: 3, 1: 2}),  # not the data: beside train/, valid/
        (tmp_path / "own" / "valid", f"own/valid{weed}", {0: 3, 1: 2}),
        (tmp_path / "test", "test", {0: 7}),  # a single class
    ):
        what, photos = held_out(root, mapped, classes, "0123456789abcdef")
        assert what.startswith(f"all photographs in {tmp_path / taken}. Should it have learnt")
        assert Counter(p.label for p in photos) == expected
    with pytest.raises(DataError, match=r"No folder in .* is named like a class"):
        labelled(tmp_path / "test", Data(), ["lily", "iris"])


def test_what_it_has_learnt_from_is_passed_over_wherever_it_lies_now(tmp_path):
    root = folders(tmp_path / "root", {"tulip": 10, "rose": 10})
    dataset, classes = find(root, Data()), ("tulip", "rose")
    learnt = from_facts(from_photos(dataset.train).as_facts())
    assert learnt.whole
    assert len(learnt.marks) == len(dataset.train) == 16
    moved = dataset.train[0].path
    moved.rename(root / "rose" / "moved.png")
    elsewhere = root.rename(tmp_path / "elsewhere")
    for photo in find(elsewhere, Data()).photos:  # most of what it would train on is new
        if learnt.unseen([photo]):
            (elsewhere / f"rose/as {photo.path.name}").write_bytes(photo.path.read_bytes())
    for number in range(40):
        (elsewhere / "tulip" / f"new {number}.png").write_bytes(b"a new one: %d" % number)
    what, photos = held_out(elsewhere, Data(), classes, dataset.fingerprint, learnt=learnt)
    assert what == f"all photographs in {elsewhere}, but for 16 that it has learnt from"
    assert len(photos) == 4 + 4 + 40
    for photo in photos:
        photo.path.unlink()
    with pytest.raises(DataError, match="has learnt from the validation photographs of"):
        held_out(elsewhere, Data(), classes, dataset.fingerprint, learnt=learnt)


def test_training_data_that_has_changed_keeps_its_parts_and_what_is_left_out(tmp_path):
    root = folders(tmp_path, {"tulip": 20, "rose": 20})
    data = Data(exclude=[f"tulip/tulip{number}.png" for number in range(5)], test_fraction=0.2)
    dataset, classes = find(root, data), ("tulip", "rose")
    learnt = from_photos(dataset.train)
    (root / "tulip" / "new.png").write_bytes(b"a new one")
    (root / "orange").mkdir()
    (root / "orange" / "one.png").write_bytes(b"of another class")
    left_out = {root / name for name in data.exclude}
    for to_choose, part, other in (
        (False, "test", dataset.valid),
        (True, "validation", dataset.test),
    ):
        what, photos = held_out(
            root, data, classes, dataset.fingerprint, learnt=learnt, to_choose=to_choose
        )
        assert what.startswith(
            f"the {part} photographs of the training data, which has changed since"
        )
        paths = {photo.path for photo in photos}
        assert not paths & left_out
        assert len(paths & {photo.path for photo in other}) <= 1  # the cut may move by one
        assert all(classes[p.label] == p.path.parent.name for p in photos)


def test_new_photographs_with_some_old_ones_among_them_are_no_training_data(tmp_path):
    root = folders(tmp_path / "root", {"tulip": 20, "rose": 20})
    dataset, classes = find(root, Data()), ("tulip", "rose")
    fresh = folders(tmp_path / "fresh", {"rose": 0, "tulip": 0})
    for photo in dataset.train[:12]:
        copy = fresh / photo.path.parent.name / photo.path.name
        copy.write_bytes(photo.path.read_bytes())
    for number in range(8):
        (fresh / "tulip" / f"new {number}.png").write_bytes(b"a new one: %d" % number)
    learnt = from_photos(dataset.train)
    what, photos = held_out(fresh, Data(), classes, dataset.fingerprint, learnt=learnt)
    assert what == f"all photographs in {fresh}, but for 12 that it has learnt from"
    assert len(photos) == 8


def test_in_training_data_that_has_changed_a_class_may_be_spelt_otherwise(tmp_path):
    root = folders(tmp_path, {"water lily": 20, "rose": 20})
    dataset = find(root, Data())
    learnt = from_photos(dataset.train)
    (root / "water lily").rename(root / "Water_lily")
    what, photos = held_out(root, Data(), dataset.classes, "0123456789abcdef", learnt=learnt)
    assert what == "the validation photographs of the training data, which has changed since"
    assert Counter(photo.label for photo in photos) == {0: 4, 1: 4}


def test_an_empty_folder_beside_the_classes_is_no_class(tmp_path):
    root = folders(tmp_path, {"tulip": 10, "rose": 10})
    dataset = find(root, Data())
    (root / "orange").mkdir()
    what, photos = held_out(root, Data(), dataset.classes, dataset.fingerprint)
    assert what == "the validation photographs of the training data"
    assert photos == dataset.valid
    what, photos = held_out(root, Data(), ("tulip",), dataset.fingerprint, ".")
    assert what.endswith(", without rose: no classes of the model")
    assert {photo.path.parent.name for photo in photos} == {"tulip"}


def test_what_a_file_does_not_tell_may_have_taught_it(tmp_path):
    root = folders(tmp_path, {"tulip": 10, "rose": 10})
    dataset, classes = find(root, Data()), ("tulip", "rose")
    assert from_facts({}) == from_facts({"learnt_from": 7}) == Learnt()
    some = from_facts((Learnt() | from_photos(dataset.train)).as_facts())
    assert some.marks
    assert not some.whole
    for learnt, fingerprint, flatters in (
        (Learnt(), dataset.fingerprint, False),  # by which its own split is known
        (Learnt(), "0123456789abcdef", True),
        (some, dataset.fingerprint, True),  # it began from something that does not tell
        (from_photos(dataset.train), "0123456789abcdef", False),
    ):
        what, _ = held_out(root, Data(), classes, fingerprint, learnt=learnt)
        assert what.endswith(FLATTERS) == flatters


def test_a_class_is_known_in_another_spelling(tmp_path):
    folders(tmp_path, {"Rose": 2, "water lily": 3, "cafe\N{COMBINING ACUTE ACCENT}": 4, "tulip": 1})
    classes = ("rose", "water_lily", "caf\N{LATIN SMALL LETTER E WITH ACUTE}", "TULIP", "tulip")
    photos, others = labelled(tmp_path, Data(), classes)
    assert Counter(photo.label for photo in photos) == {0: 2, 1: 3, 2: 4, 4: 1}
    assert not others
