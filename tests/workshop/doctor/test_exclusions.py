"""The file of proposed exclusions: written, edited by hand, honoured by the training."""

import csv

import pytest

from florapp.core.errors import DataError
from training.config import Data, Recipe
from training.dataset import find
from training.doctor.findings import Finding, Kind
from training.doctor.proposals import excluding, read_exclusions, write_proposals
from training.held_out import same

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


def test_a_line_removed_keeps_the_photograph(healthy, tmp_path):
    path, before = tmp_path / "out.csv", find(healthy, Data())
    write_proposals(path, PROPOSED)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\ufeff" + "\r\n".join([lines[0], lines[2]]), encoding="utf-8")  # as Excel does
    recipe = excluding(Recipe(), path, before)
    after = find(healthy, recipe.data)
    assert {photo.path.name for photo in set(before.train) - set(after.train)} == {"left4.png"}
    assert after.valid == before.valid
    assert after.fingerprint != before.fingerprint


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


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("path,reason\ntrain/left/left3.png,x\nleft/gone.png,x\n", "Line 3 of .* left/gone.png"),
        ("path;reason;detail\ntrain/left/left3.png;x;\n", "no column 'path'"),
        ("", "no column 'path'"),
    ],
)
def test_exclusions_that_cannot_be_used(healthy, tmp_path, text, sentence):
    (tmp_path / "out.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=sentence):
        read_exclusions(tmp_path / "out.csv", find(healthy, Data()))
    with pytest.raises(DataError, match="cannot be read"):
        read_exclusions(tmp_path / "none.csv", find(healthy, Data()))
