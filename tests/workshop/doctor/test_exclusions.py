"""The file of proposed exclusions: written, edited by hand, honoured by the training."""

import csv
import io
import os
import shutil
import unicodedata

import pytest

from florapp.core.errors import DataError
from tests.workshop.hands import folders
from training.config import Data, Recipe
from training.dataset import find
from training.doctor.findings import Finding, Kind
from training.doctor.proposals import excluding, read_exclusions, write_proposals
from training.held_out import same
from training.prepare import prepared

PROPOSED = [
    Finding(Kind.UNREADABLE, "train/left/left3.png", "left", "It is cut short."),
    Finding(Kind.REPEAT, "train/left/left4.png", "left", "The same, again.", "train/a.png"),
    Finding(Kind.MISLABEL, "train/left/left4.png", "left", "Looks right."),
    Finding(Kind.BLURRED, "train/left/left5.png", "left", "No edges."),
]


def test_the_file_of_exclusions_has_one_line_for_each_photograph(healthy, tmp_path):
    path = tmp_path / "new" / "out.csv"
    assert write_proposals(path, PROPOSED) == 2
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["path"] for row in table] == ["train/left/left3.png", "train/left/left4.png"]
    assert table[1]["reason"] == "twice in a class; label in doubt"
    assert table[1]["detail"] == "The same, again. Compare train/a.png. Looks right."
    assert read_exclusions(path, find(healthy, Data())) == [row["path"] for row in table]


def test_a_line_removed_keeps_the_photograph(data, tmp_path):
    path, before = tmp_path / "out.csv", find(data, Data())
    write_proposals(path, PROPOSED)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\ufeff" + "\r\n".join([lines[0], lines[2]]), encoding="utf-8")  # as Excel does
    recipe = excluding(Recipe(), path, before)
    after = find(data, recipe.data)
    assert {photo.path.name for photo in set(before.train) - set(after.train)} == {"left4.png"}
    assert after.valid == before.valid
    assert after.fingerprint != before.fingerprint
    (data / "train/left/left4.png").unlink()  # it may as well be: the same command goes on
    assert excluding(Recipe(), path, find(data, Data())) == recipe
    assert find(data, recipe.data).fingerprint == after.fingerprint


def test_the_others_stay_in_the_parts_they_were_in(tmp_path):
    root = folders(tmp_path / "data", {"rose": 10, "tulip": 10})
    before = find(root, Data())
    left_out, *others = before.valid
    after = find(root, Data(exclude=[left_out.path.relative_to(root).as_posix()]))
    assert (after.valid, after.train) == (tuple(others), before.train)


def test_what_the_recipe_excludes_stays_excluded(healthy, tmp_path):
    write_proposals(tmp_path / "out.csv", PROPOSED)
    recipe = Recipe(data=Data(exclude=["train/left/left9.png"]))
    found = excluding(recipe, tmp_path / "out.csv", find(healthy, recipe.data)).data.exclude
    assert found == [f"train/left/left{number}.png" for number in (3, 4, 9)]


def test_a_model_finds_its_photographs_again_without_those_excluded(data):
    name = "train/left/left4.png"
    recipe = Data(exclude=[name])
    fingerprint = find(data, recipe).fingerprint
    assert same(data, recipe, fingerprint) is not None
    assert same(data, Data(), fingerprint) is None
    (data / name).unlink()  # once excluded it may as well be deleted
    assert same(data, recipe, fingerprint) is not None


def test_exclusions_that_empty_a_class(healthy):
    named = [f"train/left/left{number}.png" for number in range(2, 10)]
    with pytest.raises(DataError, match="The class 'left' is empty"):
        find(healthy, Data(exclude=named))


@pytest.mark.parametrize("text", ["name;reason\ntrain/left/left3.png;x\n", "", "PK\3\4\0\0"])
def test_exclusions_that_cannot_be_used(healthy, tmp_path, text):
    (tmp_path / "out.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="no column 'path'"):
        read_exclusions(tmp_path / "out.csv", find(healthy, Data()))
    (tmp_path / "out.csv").write_bytes(b"\xff\xfep")  # cut off in the middle of a letter
    with pytest.raises(DataError, match="not a CSV file"):
        read_exclusions(tmp_path / "out.csv", find(healthy, Data()))
    with pytest.raises(DataError, match="cannot be read"):
        read_exclusions(tmp_path / "none.csv", find(healthy, Data()))


NAMES = ['train/left/grün; "klein", 1.png', "train/left/left3.png"]


def saved(names, **how):
    file = io.StringIO(newline="")
    csv.writer(file, **how).writerows([("path", "reason"), *((name, "é, ü") for name in names)])
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        saved(NAMES, delimiter=";").encode("utf-8-sig"),
        saved(NAMES, delimiter=";").encode("cp1252"),
        saved(NAMES, delimiter="\t").encode("utf-16"),
        saved(NAMES, quoting=csv.QUOTE_ALL).encode(),
        unicodedata.normalize("NFD", saved(NAMES)).encode(),
        saved(name.replace("/", "\\") for name in NAMES).encode(),
    ],
    ids=["semicolons", "western", "wide", "quoted", "accents apart", "backslashes"],
)
@pytest.mark.skipif(os.name != "posix", reason="the name has quotation marks")
def test_exclusions_as_spreadsheets_save_them(data, tmp_path, content):
    shutil.copy(data / NAMES[1], data / NAMES[0])
    (tmp_path / "out.csv").write_bytes(content)
    before = find(data, Data())
    recipe = excluding(Recipe(), tmp_path / "out.csv", before)
    gone = set(before.photos) - set(find(data, recipe.data).photos)
    assert {photo.path for photo in gone} == {data / name for name in NAMES}


def test_what_is_to_be_excluded_and_not_there_is_told_at_once(healthy):
    gone = [f"train/left/gone{number:02}.png" for number in range(12)]
    recipe = Recipe(data=Data(exclude=["train/left/left3.png", *gone]))
    with pytest.raises(DataError) as told:
        prepared(recipe, find(healthy, recipe.data), print)
    assert "gone00.png" in str(told.value) and "gone09.png and 2 more" in str(told.value)
    assert "left3" not in str(told.value)
    assert "Delete from the list what you have moved or deleted" in str(told.value)
