"""The shipped model: its card, its self-test, the sample pictures, and real photographs."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from florapp.classifier import Classifier
from florapp.cli import run
from florapp.core.drawing import FLOWERS, draw
from florapp.core.model_file import from_metadata, to_metadata
from florapp.core.network import Network
from florapp.core.paths import ASSETS, shipped_model
from florapp.core.verdict import Kind

PHOTOS = os.environ.get("FLORAPP_PHOTOS")
ROOT = Path(__file__).parents[2]
DATA = os.environ.get("FLORAPP_DATA")


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier()


def test_the_card_says_what_the_model_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "show"]) == 0

    card = capsys.readouterr().out
    for words in (
        "103",
        "Right at first",
        "Oxford 102",
        "Terms",
        "against the network",
        "Papaver rhoeas",
    ):
        assert words in card


def test_every_label_has_its_names_and_its_place_among_the_plants(classifier: Classifier) -> None:
    labels = classifier.card.labels
    assert len(labels) == 103
    assert all(
        label.name and label.scientific_name and label.genus and label.family for label in labels
    )
    assert {label.rank for label in labels} <= {"species", "genus", "hybrid", "cultivar", "group"}


def test_the_self_test_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["self-test"]) == 0
    assert "all is well" in capsys.readouterr().out


def test_the_self_test_fails_when_the_model_answers_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a processor would that multiplies wrongly: the recorded answer is another one."""
    for name in ("models", "samples", "icons"):
        (tmp_path / name).mkdir()
        for file in (ASSETS / name).iterdir():
            (tmp_path / name / file.name).write_bytes(file.read_bytes())
    (tmp_path / "species.toml").write_bytes((ASSETS / "species.toml").read_bytes())
    path = tmp_path / "models/flowers103.onnx"
    model = onnx.load(str(path))
    card = from_metadata({p.key: p.value for p in model.metadata_props})
    wrong = {name: p / 2 for name, p in card.self_test.probabilities.items()}
    test = dataclasses.replace(card.self_test, probabilities=wrong)
    onnx.helper.set_model_props(model, to_metadata(dataclasses.replace(card, self_test=test)))
    onnx.save(model, str(path))
    monkeypatch.setattr("florapp.core.paths.ASSETS", tmp_path)

    assert run(["self-test"]) == 1
    assert "differently" in capsys.readouterr().err


def test_the_self_test_fails_when_cameras_cannot_be_spoken_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("florapp.services.multimedia.has_backend", lambda: False)
    assert run(["self-test"]) == 1
    assert "libpulse0" in capsys.readouterr().err


def test_the_self_test_fails_when_an_asset_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("florapp.core.paths.ASSETS", tmp_path)

    assert run(["self-test"]) == 1
    assert "missing" in capsys.readouterr().err


def test_the_samples_are_answered(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["classify", "--json", str(ASSETS / "samples")]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == len(FLOWERS)
    assert all(len(line["predictions"]) == 5 for line in lines)


def test_probabilities_sum_to_one_and_the_class_maps_make_up_the_logits() -> None:
    """Whatever the picture, the logits are the maps' mean plus one and the same bias."""
    network = Network(shipped_model())
    size = network.card.geometry.size
    outputs = network.run(np.stack([draw("rose", size, size), draw("sunflower", size, size)]))

    assert outputs.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert outputs.class_maps is not None
    bias = outputs.logits - outputs.class_maps.mean(axis=(1, 2))
    assert bias[0] == pytest.approx(bias[1], abs=1e-4)


@pytest.mark.real_photos
@pytest.mark.skipif(not PHOTOS, reason="FLORAPP_PHOTOS does not name the folder of photographs")
@pytest.mark.parametrize(
    ("file", "flower"),
    [("pincushion_upside_down.jpg", "pincushion_flower"), ("oxeye_daisy.jpg", "oxeye_daisy"),
     ("red_rose.jpg", "rose")],
)  # fmt: skip
def test_real_photographs_are_named(classifier: Classifier, file: str, flower: str) -> None:
    assert classifier.classify(Path(PHOTOS or "") / file).best.label.id == flower


@pytest.mark.real_photos
@pytest.mark.skipif(not PHOTOS, reason="FLORAPP_PHOTOS does not name the folder of photographs")
@pytest.mark.parametrize("file", ["chairs.jpg", "stonehenge.jpg", "valley.jpg"])
def test_what_is_no_flower_is_told_as_such(classifier: Classifier, file: str) -> None:
    verdict = classifier.classify(Path(PHOTOS or "") / file).verdict
    assert verdict is not None and verdict.kind is Kind.UNKNOWN


@pytest.mark.real_photos
@pytest.mark.workshop
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not DATA, reason="FLORAPP_DATA does not name the folder of training data")
@pytest.mark.parametrize(("source", "promised"), [("flowers102", 0.975), ("flowers5", 0.95)])
def test_held_back_photographs_are_named_as_well_as_was_promised(
    tmp_path: Path, source: str, promised: float
) -> None:
    report = tmp_path / "evaluation.json"
    command = ["-m", "training", "evaluate", str(shipped_model()), "--data", str(DATA)]
    subprocess.run(
        [sys.executable, *command, "--source", source, "--out", str(report)], check=True, cwd=ROOT
    )
    assert json.loads(report.read_text())["top1"]["value"] >= promised


def test_what_tells_strangers_adds_less_than_three_megabytes() -> None:
    parts = onnx.load(str(shipped_model())).graph.initializer
    added = sum(part.ByteSize() for part in parts if part.name.startswith("novelty_"))
    assert 1e6 < added < 3e6


def test_the_shipped_model_is_calibrated() -> None:
    card = Network(shipped_model()).card
    assert card.calibration is not None and card.calibration.novelty is not None
    found = card.figures
    assert found["ece"] <= 0.02
    assert found["nll"] <= found["nll_before"] and found["brier"] <= found["brier_before"]
