"""What fit makes sure of: readable photographs, and no picture on both sides."""

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from florapp.core.drawing import FLOWERS, draw
from florapp.core.errors import DataError
from training.__main__ import app
from training.config import Data, FineTune, Model, Recipe
from training.dataset import find
from training.prepare import prepared, start_of


@pytest.fixture
def folder(tmp_path):
    """Ten different drawings in each of two classes, in train/, valid/ and test/."""
    random = np.random.default_rng(5)
    for name in ("left", "right"):
        for number in range(10):
            part = "test" if number < 2 else "valid" if number < 4 else "train"
            path = tmp_path / "data" / part / name / f"{name}{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            place, radius = tuple(random.uniform(0.3, 0.7, 2)), random.uniform(0.2, 0.45)
            pixels = draw(FLOWERS[number % len(FLOWERS)], 128, 96, centre=place, radius=radius)
            Image.fromarray(pixels).save(path)
    return tmp_path / "data"


def saved_anew(path, there):
    """Save a photograph smaller, as JPEG, under another name."""
    Image.open(path).resize((100, 75)).save(there, quality=70)


def test_the_same_picture_is_never_on_both_sides(folder):
    saved_anew(folder / "test/left/left0.png", folder / "train/left/a.jpg")
    saved_anew(folder / "test/left/left1.png", folder / "valid/right/b.jpg")  # wrongly named, too
    saved_anew(folder / "valid/right/right2.png", folder / "train/right/c.jpg")
    saved_anew(folder / "train/left/left9.png", folder / "train/left/d.jpg")  # may stay
    said: list[str] = []
    recipe, dataset = prepared(Recipe(), find(folder, Data()), said.append)
    assert recipe.data.twins == ["train/left/a.jpg", "train/right/c.jpg", "valid/right/b.jpg"]
    assert len(said) == 3
    assert (
        "train/left/a.jpg: left out. The same picture as test/left/left0.png, which is held back."
        in said
    )
    names = {photo.path.name for photo in dataset.photos}
    assert {"left0.png", "left1.png", "right2.png", "left9.png", "d.jpg"} <= names
    assert not {"a.jpg", "b.jpg", "c.jpg"} & names
    assert dataset == find(folder, recipe.data)  # whoever has the recipe finds the same


def test_small_pictures_are_the_same_only_where_their_files_are(folder):
    digit = draw(FLOWERS[0], 28, 28)
    Image.fromarray(digit).save(folder / "train" / "left" / "digit.png")
    digit[0, 0] ^= 1
    Image.fromarray(digit).save(folder / "test" / "left" / "digit.png")
    said: list[str] = []
    recipe, _ = prepared(Recipe(), find(folder, Data()), said.append)
    assert not said
    assert not recipe.data.twins
    Image.fromarray(digit).save(folder / "train" / "left" / "copy.png")
    recipe, _ = prepared(Recipe(), find(folder, Data()), said.append)
    assert recipe.data.twins == ["train/left/copy.png"]


def test_weights_that_would_not_be_used_are_refused(tmp_path):
    (tmp_path / "weights.h5").touch()
    nothing = Recipe(model=Model(backbone="cnn"), fine_tune=FineTune(sizes=(224,)))
    assert start_of(nothing, None) is None
    assert start_of(Recipe(), None) == "imagenet"
    with pytest.raises(DataError, match="leave out --weights"):
        start_of(nothing, tmp_path / "weights.h5")
    with pytest.raises(DataError, match="There is no weights file"):
        start_of(Recipe(), tmp_path / "none.h5")


def test_what_cannot_be_read_is_named_and_left_out(folder):
    (folder / "train/left/left5.png").write_bytes(b"no picture")
    said: list[str] = []
    recipe, dataset = prepared(Recipe(), find(folder, Data()), said.append)
    assert not recipe.data.twins
    assert len(said) == 1
    assert "left5.png: left out." in said[0]
    assert len(dataset.train) == 11


def test_a_run_that_goes_on_knows_its_twins(folder, weights, recipe_file, tmp_path):
    saved_anew(folder / "test/left/left0.png", folder / "train/left/a.jpg")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(recipe_file.read_text().replace("[32, 32, 40, 32]", "[32]"))
    command = ["fit", "--data", folder, "--out", tmp_path / "run", "--recipe", recipe]
    command = [str(word) for word in (*command, "--weights", weights)]
    first = CliRunner().invoke(app, command)
    assert "train/left/a.jpg: left out." in first.output
    assert "12 photographs to train on, 4 to validate with" in first.output
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert facts["recipe"]["data"]["twins"] == ["train/left/a.jpg"]
    again = CliRunner().invoke(app, command)
    assert again.exit_code == 0, again.exception
    assert "left out" not in again.output
    measured = CliRunner().invoke(app, ["evaluate", str(tmp_path / "run"), "--data", str(folder)])
    assert "the test photographs of the training data" in measured.output
    assert "4 photographs of 2 classes" in measured.output
