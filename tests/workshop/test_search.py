"""Searching: what may be changed, several processes at one study, the best recipe."""

import dataclasses
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import optuna
import pytest
from optuna.trial import TrialState
from typer.testing import CliRunner

from florapp.core.errors import DataError
from training.__main__ import app
from training.config import Range, Recipe, load_recipe
from training.fit import fit
from training.search import check_choices, search
from training.space import check_space, suggested
from training.studies import study_in


@pytest.mark.parametrize(
    ("space", "about"),
    [
        ({}, r"says nothing of what to search"),
        (
            {"fine_tune.learning_rat": Range(low=1, high=2)},
            "Did you mean 'fine_tune.learning_rate'",
        ),
        ({"data.valid_fraction": Range(low=0.1, high=0.2)}, "has no 'data.valid_fraction'"),
        ({"fine_tune.batch": Range(low=8, high=8)}, "a low below a high"),
        ({"fine_tune.schedule": Range(low=1, high=2)}, "as it is not a number"),
        ({"fine_tune.l2": Range(high=1, log=True)}, "needs a low above 0"),
        ({"fine_tune.batch": Range(choices=("8",))}, "expected: a whole number"),
        (
            {"fine_tune.batch": Range(choices=(8, 0))},
            "fine_tune.batch and head.batch are at least 1",
        ),
        ({"fine_tune.warmup_steps": Range(low=0.3, high=8, log=True)}, "needs a low above 0"),
        ({"model.dropout": Range(low=0.0, high=1.5)}, "model.dropout is in"),
        ({"model.backbone": Range(choices=("cnn", "resnet50"))}, "cannot be searched"),
        ({"model.start": Range(choices=("imagenet", "random"))}, "cannot be searched"),
    ],
)
def test_a_space_that_makes_no_sense(space, about):
    with pytest.raises(DataError, match=about):
        check_space(Recipe(search=space))


@pytest.mark.parametrize(
    ("key", "value", "about"),
    [
        ("fine_tune.train_from", "conv9", "begins with 'conv9'"),
        ("model.output", "sigmoid", "for two classes"),
    ],
)
def test_a_choice_that_cannot_be_trained_is_told_before_anything_long(key, value, about):
    with pytest.raises(DataError, match=about):
        check_choices(Recipe(search={key: Range(choices=(value,))}), 3)


def test_values_are_put_where_they_belong(spacious):
    check_space(spacious)
    made = suggested(
        optuna.trial.FixedTrial(
            {
                "fine_tune.learning_rate": 2e-3,
                "fine_tune.batch": "16",
                "model.dropout": 0.1,
                "head.epochs": 3,
                "augmentation.scale": "[0.8, 1.0]",
            }
        ),
        spacious,
    )
    assert (made.fine_tune.learning_rate, made.fine_tune.batch) == (2e-3, 16)
    assert (made.model.dropout, made.head.epochs, made.augmentation.scale) == (0.1, 3, (0.8, 1.0))
    assert made.fine_tune.sizes == spacious.fine_tune.sizes


def test_orders_of_magnitude_are_drawn_alike(spacious):
    """Of a learning rate from 1e-5 to 1e-1 half the trials are below 1e-3."""
    rate = "fine_tune.learning_rate"
    space = {rate: Range(low=1e-5, high=1e-1, log=True), "head.epochs": Range(low=1, high=9)}
    wide = dataclasses.replace(spacious, search=space)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    made = [suggested(study.ask(), wide) for _ in range(200)]
    assert 70 < sum(one.fine_tune.learning_rate < 1e-3 for one in made) < 130
    assert 70 < sum(one.head.epochs <= 5 for one in made) < 150


def test_a_search_ends_in_a_recipe_that_fit_takes(spacious, labels, dataset, weights, tmp_path):
    folder = tmp_path / "search"
    study = search(spacious, labels, dataset, weights, folder, trials=3)
    counted = study.get_trials(states=(TrialState.COMPLETE, TrialState.PRUNED))
    assert len(counted) == 3
    assert {path.name for path in folder.iterdir()} == {"study.db", "best.toml"}
    best = load_recipe(folder / "best.toml")
    assert best == dataclasses.replace(
        suggested(optuna.trial.FixedTrial(study.best_params), spacious), search={}
    )
    assert f"{study.best_value:.4f}" in (folder / "best.toml").read_text()
    state = fit(best, labels, dataset, weights, tmp_path / "run")
    assert state.kept["valid_accuracy"] == pytest.approx(study.best_value)  # it ends alike


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_several_may_begin_a_study_at_once(tmp_path):
    """Threads stand for processes; that catch_warnings is not of a thread is no matter there."""
    for folder in (tmp_path / "one", tmp_path / "another"):
        together = threading.Barrier(4)

        def begin(number, folder=folder, together=together):
            together.wait()
            return study_in(folder, "mine").study_name

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(begin, range(4))) == ["mine"] * 4


def test_what_is_wrong_with_all_trials_ends_the_search(spacious, labels, dataset, tmp_path):
    with pytest.raises(DataError, match="There is no weights file"):
        search(spacious, labels, dataset, tmp_path / "none.h5", tmp_path / "search", trials=3)
    assert not (tmp_path / "search").exists()


def test_a_study_belongs_to_its_recipe_and_photographs(
    spacious, labels, dataset, weights, tmp_path
):
    folder = tmp_path / "search"
    search(spacious, labels, dataset, weights, folder, trials=1)
    other = dataclasses.replace(spacious, seed=2)
    with pytest.raises(DataError, match="begun with another recipe"):
        search(other, labels, dataset, weights, folder, trials=2)
    fewer = dataclasses.replace(dataset, fingerprint="0123456789abcdef")
    with pytest.raises(DataError, match="begun with other photographs"):
        search(spacious, labels, fewer, weights, folder, trials=2)
    others = tmp_path / "other.weights.h5"
    others.write_bytes(b"others")
    with pytest.raises(DataError, match="begun with other starting weights"):
        search(spacious, labels, dataset, others, folder, trials=2)


def test_a_database_that_cannot_be_used(spacious, labels, dataset, weights, tmp_path):
    (tmp_path / "study.db").write_bytes(b"no database, but long enough to be taken for one" * 9)
    with pytest.raises(DataError, match="The study's database cannot be used"):
        search(spacious, labels, dataset, weights, tmp_path, trials=1)
    with pytest.raises(DataError, match="driver has to be installed"):
        search(spacious, labels, dataset, weights, tmp_path, trials=1, database="postgresql://x/y")


def test_an_address_that_is_none_is_told_before_the_photographs_are_opened(
    space_file, photographs, weights, tmp_path, monkeypatch
):
    monkeypatch.setattr("training.prepare.prepared", lambda *_: pytest.fail("opened photographs"))
    command = ["search", "--recipe", space_file, "--data", photographs, "--weights", weights]
    command += ["--out", tmp_path / "search", "--database", "nonsense"]
    done = CliRunner().invoke(app, [str(word) for word in command])
    assert isinstance(done.exception, DataError)
    said = str(done.exception)
    assert said.startswith("The study's database cannot be used: ")
    assert said.endswith(
        ". An address is such as postgresql://USER@MACHINE/NAME or sqlite:///FILE."
    )
    assert ".." not in said and "driver" not in said
    assert not (tmp_path / "search").exists()


def test_folders_with_braces_in_their_names(spacious, labels, dataset, weights, tmp_path):
    search(spacious, labels, dataset, weights, tmp_path / "{a} ü", trials=1)
    assert (tmp_path / "{a} ü" / "best.toml").exists()


def test_the_best_recipe_finds_its_labels(space_file, photographs, weights, tmp_path):
    classes = ("sunflower", "tulip", "water_lily")
    names = "\n".join(f'[{name}]\nname = "{name}!"' for name in classes)
    (space_file.parent / "names.toml").write_text(names)
    text = space_file.read_text().replace("[data]", '[data]\nlabels = "names.toml"')
    space_file.write_text(text.replace("[32, 32]", "[32]"))
    out, run = tmp_path / "deep" / "search", tmp_path / "run"
    given = ("--data", photographs, "--weights", weights)
    search_it = ("search", "--recipe", space_file, "--trials", 1, "--out", out, *given)
    fit_it = ("fit", "--recipe", out / "best.toml", "--out", run, *given)
    for command in (search_it, fit_it):
        done = CliRunner().invoke(app, [str(word) for word in command])
        assert done.exit_code == 0, done.exception
    facts = json.loads((run / "run.json").read_text())
    assert [label["name"] for label in facts["labels"]] == ["sunflower!", "tulip!", "water_lily!"]
