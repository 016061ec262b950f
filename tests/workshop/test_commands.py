import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from training.__main__ import app, main
from training.config import Recipe
from training.labels import as_written

ROOT = Path(__file__).resolve().parents[2]


def test_a_mistake_is_one_sentence_and_no_traceback(tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text("[fine_tune]\nlearning_rat = 0.1\n")
    command = ["fit", "--data", tmp_path, "--out", tmp_path / "run", "--recipe", recipe]
    done = subprocess.run(
        [sys.executable, "-m", "training", *map(str, command)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    # TensorFlow may greet on stderr before.
    assert done.stderr.splitlines()[-1] == (
        "error: The recipe.fine_tune has no key 'learning_rat'. Did you mean 'learning_rate'?"
    )
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()


def test_export_chooses_its_backend_itself(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "training", "export", tmp_path, "--out", tmp_path / "m.onnx"],
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": "no_such_backend"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "is not a training run" in done.stderr.splitlines()[-1]


@pytest.fixture
def told(monkeypatch, capsys):
    """A function that runs a command which fails, and gives its one sentence."""

    def told(*arguments):
        monkeypatch.setattr(sys, "argv", ["training", *map(str, arguments)])
        assert main() == 1
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1
        assert lines[0].startswith("error: ")
        return lines[0]

    return told


def test_what_fit_cannot_use(told, tmp_path, photographs, weights):
    assert "There is no folder" in told("fit", "--data", tmp_path / "x", "--out", tmp_path / "run")
    (tmp_path / "empty").mkdir()
    nothing = ("--data", tmp_path / "empty")
    assert "at least two classes" in told("fit", *nothing, "--out", tmp_path / "run")
    assert "taken for a class" in told("fit", "--data", photographs, "--out", photographs / "run")
    missing = ("--weights", tmp_path / "none.h5")
    said = told("fit", "--data", photographs, "--out", tmp_path / "run", *missing)
    assert "There is no weights file" in said
    assert not (tmp_path / "run").exists()


def test_what_is_wrong_is_told_before_the_photographs_are_opened(
    told, finished, photographs, weights, monkeypatch
):
    monkeypatch.setattr("training.dataset.decode", lambda *args: pytest.fail("opened a photograph"))
    data = ("--data", photographs, "--weights", weights)
    assert "begun with another recipe" in told("fit", *data, "--out", finished)


def test_weights_are_looked_at_before_the_photographs_are_opened(
    told, photographs, tmp_path, monkeypatch
):
    monkeypatch.setattr("training.prepare.examine", lambda *args: pytest.fail("opened them"))
    (tmp_path / "broken.weights.h5").write_bytes(b"none")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[search]\n"model.dropout" = {low = 0.0, high = 0.5}\n')
    for command in ("fit", "search"):
        words = (command, "--data", photographs, "--recipe", recipe, "--out", tmp_path / command)
        said = told(*words, "--weights", tmp_path / "broken.weights.h5")
        assert "broken.weights.h5 do not fit resnet50" in said
    assert not (tmp_path / "fit").exists()


def test_labels_that_a_recipe_names_but_that_lack_a_class(told, tmp_path, photographs):
    (tmp_path / "labels.toml").write_text("[tulip]\nname = 'Tulip'\n")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text("[data]\nlabels = 'labels.toml'\n")
    said = told("fit", "--data", photographs, "--out", tmp_path / "run", "--recipe", recipe)
    assert "no entry for the class 'sunflower'" in said


def test_models_that_are_none(told, tmp_path, photographs):
    data = ("--data", photographs)
    assert "is not a training run" in told("evaluate", tmp_path, *data)
    assert "is not a training run" in told("export", tmp_path, *data, "--out", tmp_path / "m.onnx")
    assert "There is no model file" in told("evaluate", tmp_path / "none.onnx", *data)
    (tmp_path / "broken.onnx").write_bytes(b"x")
    assert "is not an ONNX model" in told("calibrate", tmp_path / "broken.onnx", *data)


def test_photographs_that_do_not_belong_to_the_model(told, finished, exported, copied, tmp_path):
    root = copied()
    (root / "tulip" / "tulip_0.png").unlink()
    said = told("export", finished, "--data", root, "--out", tmp_path / "m.onnx")
    assert "other photographs than the run was trained with" in said
    said = told("export", finished, "--data", root, "--out", root / "models" / "m.onnx")
    assert "taken for a class" in said and not (root / "models").exists()
    assert "has no source 'flowers5'" in told(
        "evaluate", finished, "--data", root, "--source", "flowers5"
    )
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_among_the_photographs_where_it_would_be_a_class(
    told, finished, exported, copied, tmp_path
):
    root, recipe = copied(), tmp_path / "recipe.toml"
    data, page = ("--data", root), root / "reports" / "page.html"
    recipe.write_text('[search]\n"model.dropout" = {low = 0.0, high = 0.5}\n')
    search = ("search", *data, "--recipe", recipe, "--out", tmp_path / "search")
    for command in (
        ("check", root, "--html", page),
        ("check", root, "--csv", page.with_suffix(".csv")),
        ("evaluate", finished, *data, "--html", page),
        ("evaluate", exported.int8, *data, "--out", page.with_suffix(".json")),
        ("compare", exported.fp32, exported.int8, *data, "--html", page),
        (*search, "--plot", page.with_suffix(".png")),
        ("fit", *data, "--out", tmp_path / "run", "--tensorboard", page.parent),
    ):
        assert "would be taken for a class" in told(*command)
        assert not page.parent.exists()
    said = told("evaluate", exported.int8, *data, "--source", "x", "--html", root / "page.html")
    assert "has no source 'x'" in said  # it lies in no class: nothing is wrong with that


def test_with_nothing_but_photographs_fit_takes_imagenet_s_resnet50_and_says_where_the_run_is(
    photographs, tmp_path, monkeypatch
):
    trained, fetched = [], []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("training.prepare.build_backbone", lambda *given: fetched.append(given))
    monkeypatch.setattr("training.fit.fit", lambda *given, after_epoch: trained.append(given))
    done = CliRunner().invoke(app, ["fit", "--data", str(photographs)])
    assert done.exit_code == 0, done.exception
    (recipe, _, _, start, out), expected = trained[0], Path("runs", photographs.name)
    assert recipe == Recipe(title=as_written(photographs.name))
    assert fetched == [("resnet50", "imagenet")] and start == "imagenet"
    assert out == expected
    assert done.output.count(str(expected)) == 1


def test_a_table_search_that_makes_no_sense_is_told_by_fit_too(told, photographs, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[search]\n"model.dropot" = {low = 0.0, high = 0.5}\n')
    command = ("fit", "--data", photographs, "--out", tmp_path / "run", "--recipe", recipe)
    assert "Did you mean 'model.dropout'?" in told(*command)


def test_a_place_that_cannot_be_written_is_told_before_the_work(
    told, tmp_path, photographs, exported
):
    (tmp_path / "file").touch()
    data = ("--data", photographs)
    for arguments in (
        ("check", photographs, "--html", tmp_path / "file/a.html"),
        ("check", photographs, "--csv", tmp_path),
        ("evaluate", exported.int8, *data, "--out", tmp_path / "file/a.json"),
        ("export", tmp_path, "--out", tmp_path / "file/a.onnx"),
        ("compare", exported.fp32, exported.int8, *data, "--html", tmp_path / "file/a.html"),
    ):
        assert str(tmp_path) in told(*arguments)
    assert "has to end in .onnx" in told("export", tmp_path, "--out", tmp_path / "model")
    overwritten = told(
        "compare", tmp_path, tmp_path, "--data", photographs, "--html", tmp_path / "a.json"
    )
    assert "Let it end in .html" in overwritten
    both = ("--out", tmp_path / "a.html", "--html", tmp_path / "x" / ".." / "a.html")
    said = told("evaluate", exported.int8, *data, *both)
    assert "are one file. Choose two." in said
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert "is a file" in told("fit", "--data", photographs, "--out", tmp_path / "file")
