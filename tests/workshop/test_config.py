import dataclasses
import json
import re
from pathlib import Path

import pytest

from florapp.core.errors import DataError
from training.config import (
    Augmentation,
    Data,
    DataSource,
    FineTune,
    Recipe,
    data_from,
    load_recipe,
    recipe_from,
    stored_recipe,
)
from training.rules import check

SHIPPED = sorted(
    path
    for path in (Path(__file__).resolve().parents[2] / "training" / "recipes").glob("*.toml")
    if not path.stem.endswith("_labels")
)


def refusal(tmp_path, text):
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as error:
        load_recipe(path)
    return str(error.value)


def test_an_empty_recipe_is_the_defaults(tmp_path):
    (tmp_path / "empty.toml").write_text("")
    assert load_recipe(tmp_path / "empty.toml") == Recipe()
    check(Recipe())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_recipes_load(path):
    recipe = load_recipe(path)
    assert recipe.name
    if recipe.data.labels:
        assert (path.parent / recipe.data.labels).is_file()


def test_recipes_are_shipped():
    assert SHIPPED


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_recipe_survives_json(path):
    recipe = load_recipe(path)
    assert recipe_from(json.loads(json.dumps(dataclasses.asdict(recipe)))) == recipe


def test_values_become_what_they_are_declared(tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text(
        "[fine_tune]\nsizes = [64, 96]\nlearning_rate = 1\n"
        "[augmentation]\nscale = [0.5, 1]\n"
        '[[data.sources]]\nfolder = "a"\nclasses = { daisy = "oxeye_daisy" }\n'
    )
    recipe = load_recipe(path)
    assert recipe.fine_tune.sizes == (64, 96)
    assert type(recipe.fine_tune.learning_rate) is float
    assert recipe.augmentation == Augmentation(scale=(0.5, 1.0))
    assert recipe.data.sources[0].classes == {"daisy": "oxeye_daisy"}


@pytest.mark.parametrize(
    ("text", "wrong", "nearest"),
    [
        ("sead = 2", "sead", "seed"),
        ("[fine_tun]\nbatch = 2", "fine_tun", "fine_tune"),
        ("[fine_tune]\nlearning_rat = 0.1", "learning_rat", "learning_rate"),
        ("[model]\nbackbon = 'resnet50'", "backbon", "backbone"),
        ("[augmentation]\nrotations = 3.0", "rotations", "rotation"),
        ("[head]\nepoch = 3", "epoch", "epochs"),
        ("[data]\nlicense = ''", "license", "licence"),
        ("[[data.sources]]\nfoldr = 'a'", "foldr", "folder"),
        ("qqq = 1", "qqq", None),
    ],
)
def test_an_unknown_key_names_the_nearest(tmp_path, text, wrong, nearest):
    said = refusal(tmp_path, text)
    assert repr(wrong) in said
    assert re.search(r"Did you mean '\w+'\?", said)
    if nearest:
        assert f"Did you mean {nearest!r}?" in said


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        ("seed = '1'", "recipe.seed", "a whole number"),
        ("seed = true", "recipe.seed", "a whole number"),
        ("name = 1", "recipe.name", "text"),
        ("model = 1", "recipe.model", "a table"),
        ("[augmentation]\nflip = 1", "recipe.augmentation.flip", "true or false"),
        ("[augmentation]\nscale = 0.5", "recipe.augmentation.scale", "a list of 2 of a number"),
        ("[augmentation]\nscale = [0.5]", "recipe.augmentation.scale", "a list of 2 of a number"),
        ("[fine_tune]\nsizes = [64, 'x']", "recipe.fine_tune.sizes[1]", "a whole number"),
        ("[fine_tune]\nbatch = 8.0", "recipe.fine_tune.batch", "a whole number"),
        ("[fine_tune]\nlearning_rate = '1'", "recipe.fine_tune.learning_rate", "a number"),
        ("[fine_tune]\nlearning_rate = nan", "recipe.fine_tune.learning_rate", "a number"),
        ("[head]\nweight_decay = inf", "recipe.head.weight_decay", "a number"),
        (
            "[model]\nbackbone = 'vgg'",
            "recipe.model.backbone",
            "'resnet50' or 'vgg16' or 'inceptionv3' or 'efficientnetv2b0' or 'cnn'",
        ),
        ("[model.cnn]\nfilters = 32", "recipe.model.cnn.filters", "a list of a whole number"),
        ("[model]\nfit = 'crop'", "recipe.model.fit", "'stretch'"),
        ("[data]\nsources = 'a'", "recipe.data.sources", "a list of a table"),
        ("[[data.sources]]\nclasses = ['a']", "recipe.data.sources[0].classes", "a table"),
        ("[[data.sources]]\nclasses = {a = 1}", "recipe.data.sources[0].classes.a", "text"),
    ],
)
def test_a_wrong_type_is_named_with_what_is_expected(tmp_path, text, where, expected):
    said = refusal(tmp_path, text)
    assert said.startswith(f"{where} is ")
    assert said.endswith(f"expected: {expected}.")


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("seed = -1", "seed"),
        ("[fine_tune]\nsizes = []", "fine_tune.sizes"),
        ("[fine_tune]\nsizes = [16]", "32 pixels"),
        ("[model]\nsize = 31", "32 pixels"),
        ("[head]\nsize = 0", "32 pixels"),
        ("[head]\nepochs = 0", "head.epochs"),
        ("[head]\nbatch = 0", "batch"),
        ("[fine_tune]\nbatch = -1", "batch"),
        ("[fine_tune]\nlearning_rate = 0.0", "learning_rate"),
        ("[fine_tune]\nweight_decay = -0.1", "weight_decay"),
        ("[head]\nweight_decay = -0.1", "weight_decay"),
        ("[data]\nsources = []", "data.sources"),
        ("[fine_tune]\npatience = 0", "patience"),
        ("[fine_tune]\nwarmup_steps = -1", "warmup_steps"),
        ("[fine_tune]\nlabel_smoothing = 1.0", "label_smoothing"),
        ("[model]\ndropout = 1.0", "dropout"),
        ("[data]\ntest_fraction = 1.0", "test_fraction"),
        ("[fine_tune]\nepochs = 3", "fine_tune.epochs"),
        ("[fine_tune]\nmomentum = 1.0", "momentum"),
        ("[fine_tune]\nema_momentum = 1.0", "ema_momentum"),
        ("[fine_tune]\nl2 = -0.1", "l2"),
        ("[model.cnn]\nfilters = []", "filters"),
        ("[model.cnn]\nfilters = [8, 0]", "model.cnn"),
        ("[model]\nbackbone = 'cnn'\nsize = 64", "a cnn has one size"),
        (
            "[model]\nbackbone = 'cnn'\nsize = 40\n[fine_tune]\nsizes = [40]",
            "too small for so many convolutions",
        ),
        ("[model]\nbackbone = 'inceptionv3'\nsize = 64", "inceptionv3 needs at least 75"),
        ("[data]\nvalid_fraction = 1.0", "valid_fraction"),
        ("[augmentation]\nscale = [0.9, 0.5]", "scale"),
        ("[augmentation]\nscale = [0.0, 1.0]", "scale"),
        ("[augmentation]\nscale = [0.5, 1.5]", "scale"),
        ("[augmentation]\naspect = [-1.0, 1.0]", "aspect"),
        ("[augmentation]\nrotation = -5.0", "rotation"),
        ("[augmentation]\nbrightness = 1.5", "augmentation"),
        ("[augmentation]\nblur = -0.1", "augmentation"),
        ("[augmentation]\nblur_radius = 0.1", "blur_radius"),
        ("[augmentation]\nquality = [0, 50]", "quality"),
        ("[augmentation]\nnoise_deviation = -1.0", "noise_deviation"),
        ("[augmentation]\ncutmix = 1.5", "cutmix"),
        ("[fine_tune]\nmost_of_class = -1", "most_of_class"),
    ],
)
def test_values_that_make_no_sense(tmp_path, text, about):
    said = refusal(tmp_path, text)
    assert said.startswith("The recipe does not make sense: ")
    assert about in said


def test_the_last_size_goes_on():
    assert FineTune(sizes=(64, 96), epochs=5).size_of_epochs == (64, 96, 96, 96, 96)
    assert FineTune(sizes=(64, 96)).size_of_epochs == (64, 96)


def test_a_stored_recipe_of_another_version():
    """What is not known is left out, wherever it stands; what is missing is as usual."""
    stored = {"name": "old", "gone": 1, "fine_tune": {"batch": 8, "gone": [1]}, "data": {}}
    assert stored_recipe(stored) == Recipe(name="old", fine_tune=FineTune(batch=8))
    with pytest.raises(DataError, match="expected: a whole number"):
        stored_recipe({"fine_tune": {"batch": "8"}})


def test_the_photographs_of_a_recipe_that_another_version_wrote():
    known = {"sources": [{"folder": "a", "classes": {}}]}
    for more in ({"sharpen": {"much": 1}}, {"data": known | {"colour": "red"}}):
        assert data_from({"data": known} | dict(more)) == Data([DataSource("a")])
    for other in ({}, {"data": 1}, {"data": {"sources": 1}}):
        assert data_from(dict(other)) == Data()


def test_a_recipe_that_cannot_be_read(tmp_path):
    assert "is not valid TOML" in refusal(tmp_path, "seed = = 1")
    (tmp_path / "latin.toml").write_bytes(b'name = "caf\xe9"')
    for path, about in (
        (tmp_path / "latin.toml", "not valid TOML"),
        (tmp_path / "none.toml", "No such file"),
        (tmp_path, "cannot be read"),
    ):
        with pytest.raises(DataError, match=about):
            load_recipe(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed = 4294967296", "seed is in 0 to 4294967295"),
        (f"seed = {'9' * 5000}", "cannot be understood"),
        (f"[fine_tune]\nlearning_rate = {'9' * 400}", "expected: a number"),
        ("[model]\nsize = 2100", "are at most 2048 pixels"),
        ('[[data.sources]]\nfolder = "a"\n[[data.sources]]\nfolder = "a"', "names a folder twice"),
        (
            '[[data.sources]]\nfolder = "a"\n[[data.sources]]\nfolder = "./a"',
            "names a folder twice",
        ),
        ('[[data.sources]]\nclasses = {a = ""}', "maps a class to an empty name"),
        ("[fine_tune]\nepochs = 1000000000000", "fine_tune.epochs and head.epochs are at most"),
        ("[model.cnn]\ndense = [100000000000]", "model.cnn.dense are at most 65536"),
        ("[model.cnn]\nfilters = [65537]", "model.cnn.filters and model.cnn.dense are at most"),
        ("[model.cnn]\nkernel = 33", "model.cnn.kernel 31"),
        ("[fine_tune]\nbatch = 0", "fine_tune.batch and head.batch are at least 1"),
        (
            "[search]\nfine_tune.learning_rate = {low = 1e-5, high = 1e-3}",
            'stand in quotation marks, for the dot in them: "fine_tune.learning_rate" = ...',
        ),
    ],
)
def test_what_could_not_be_trained_with_is_named(tmp_path, text, words):
    assert words in refusal(tmp_path, text)


def test_a_recipe_is_read_whatever_editor_wrote_it(tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text("seed = 7", encoding="utf-8-sig")
    assert load_recipe(path).seed == 7
