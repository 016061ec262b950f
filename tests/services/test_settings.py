"""Settings come back as they were, and a damaged file means the defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QLockFile

from florapp.core.conformal import PROMISE
from florapp.services.settings import MOST_MODELS, ColourScheme, Settings

VALUES: dict[str, Any] = {
    "geometry": b'\x00\xff@,;"=[x]\n\\',
    "colours": ColourScheme.DARK,
    "folder": '/home/Änne/@Bilder, alt; 花="1"\\n[x]%20',
    "model": r"C:\Modelle\tulpen ü.onnx",
    "models": ("/a, b.onnx", "@c.onnx", ""),
}
DEFAULTS: dict[str, Any] = {
    "geometry": b"",
    "colours": ColourScheme.SYSTEM,
    "folder": "",
    "model": "",
    "models": (),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a folder that is not there yet" / "settings.json"


def all_of(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in DEFAULTS}


def test_without_a_file_there_are_the_defaults(file: Path) -> None:
    assert all_of(Settings(file)) == DEFAULTS
    assert not file.exists()


def test_what_was_set_is_there_at_the_next_start(file: Path) -> None:
    settings = Settings(file)
    for name, value in VALUES.items():
        setattr(settings, name, value)
    assert settings.save()

    assert all_of(Settings(file)) == VALUES


@pytest.mark.parametrize("models", [(), ("one.onnx",), ("one.onnx", "two.onnx")])
def test_a_list_stays_a_list_whatever_its_length(file: Path, models: tuple[str, ...]) -> None:
    settings = Settings(file)
    settings.models = ("something", "else")
    settings.models = models
    settings.save()

    assert Settings(file).models == models


def test_the_latest_model_comes_first_and_few_are_remembered(file: Path) -> None:
    settings = Settings(file)
    for number in range(MOST_MODELS + 2):
        settings.remember(f"{number}.onnx")
    settings.remember("5.onnx")
    settings.forget("7.onnx")

    assert settings.models == tuple(f"{n}.onnx" for n in (5, 9, 8, 6, 4, 3, 2))


def test_a_model_that_is_forgotten_is_not_started_with(file: Path) -> None:
    settings = Settings(file)
    for settings.model in ("a.onnx", "b.onnx"):
        settings.remember(settings.model)
    settings.forget("a.onnx")
    assert (settings.model, settings.models) == ("b.onnx", ("b.onnx",))
    settings.forget("b.onnx")
    assert (settings.model, settings.models) == ("", ())


@pytest.mark.parametrize(
    "text",
    [
        """{"window/geometry": 12, "window/colours": "purple", "pictures/folder": ["a", "b"],
        "model/current": true, "model/remembered": "x"}""",
        """{"window/geometry": "ü", "window/colours": ["dark"], "pictures/folder": null,
        "model/current": {}, "model/remembered": ["a", 1]}""",
        r"""{"model/current": "a\u0000b", "model/remembered": ["\ud800"],
        "pictures/folder": "\ud800"}""",
        "[]",
        "7",
        "{",
        "[" * 100_000,
        "[window]\ncolours=dark\n",
        "\0\x01\x02" * 1000,
    ],
    ids=["types", "more", "no paths", "list", "number", "cut off", "deep", "ini", "binary"],
)
def test_what_is_damaged_means_the_default(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")

    settings = Settings(file)
    assert all_of(settings) == DEFAULTS
    settings.folder = "/pictures"
    assert settings.save()
    assert Settings(file).folder == "/pictures"


def test_one_damaged_setting_leaves_the_others(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"window/colours": "purple", "model/current": "x.onnx"}', encoding="utf-8")

    settings = Settings(file)
    assert (settings.colours, settings.model) == (ColourScheme.SYSTEM, "x.onnx")


def test_numbers_and_truths_are_what_they_are(file: Path) -> None:
    settings = Settings(file)
    settings.promise, settings.mirrored, settings.live = 0.99, False, True
    settings = Settings(file)
    assert (settings.promise, settings.mirrored, settings.live) == (0.99, False, True)
    for wrong in ("1", "1.5", "-0.5", "NaN", '"0.9"', "true"):
        file.write_text(f'{{"answers/promise": {wrong}, "camera/mirrored": 0}}')
        assert (Settings(file).promise, Settings(file).mirrored) == (PROMISE, True)


def test_what_was_set_is_written_at_once(file: Path) -> None:
    """A program that is killed has not forgotten it."""
    Settings(file).folder = "/pictures"
    assert Settings(file).folder == "/pictures"


def test_what_another_window_has_set_meanwhile_stays(file: Path) -> None:
    one, other = Settings(file), Settings(file)
    one.folder = "/pictures"
    other.model = "other.onnx"
    again = Settings(file)
    assert (again.folder, again.model) == ("/pictures", "other.onnx")


def test_a_place_that_cannot_be_written_is_no_exception(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    settings = Settings(tmp_path / "file" / "settings.json")
    settings.folder = "/pictures"

    assert settings.folder == "/pictures"  # for as long as the program runs
    assert not settings.save()


def test_while_another_window_writes_nothing_is_waited_for_and_nothing_lost(file: Path) -> None:
    settings = Settings(file)
    settings.folder = "/pictures"
    other = QLockFile(f"{file}.lock")
    assert other.lock()
    settings.model = "mine.onnx"
    assert settings.model == "mine.onnx"
    assert Settings(file).model == ""  # it is not written over what the other one writes

    other.unlock()
    settings.colours = ColourScheme.DARK
    again = Settings(file)
    assert (again.folder, again.model, again.colours) == (
        "/pictures",
        "mine.onnx",
        ColourScheme.DARK,
    )
