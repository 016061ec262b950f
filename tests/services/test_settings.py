"""Settings come back as they were, and a damaged file means the defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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
    return tmp_path / "a folder that is not there yet" / "settings.ini"


def all_of(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in DEFAULTS}


def test_without_a_file_there_are_the_defaults(file: Path) -> None:
    assert all_of(Settings(file)) == DEFAULTS
    assert not file.exists()


def test_what_was_set_is_there_at_the_next_start(file: Path, tmp_path: Path) -> None:
    settings = Settings(file)
    for name, value in VALUES.items():
        setattr(settings, name, value)
    assert settings.save()

    moved = file.rename(tmp_path / "moved.ini")  # Qt knows a file that it has read by its path
    assert all_of(Settings(moved)) == VALUES


@pytest.mark.parametrize("models", [(), ("one.onnx",), ("one.onnx", "two.onnx")])
def test_a_list_stays_a_list_whatever_its_length(
    file: Path, tmp_path: Path, models: tuple[str, ...]
) -> None:
    settings = Settings(file)
    settings.models = ("something", "else")
    settings.models = models
    settings.save()

    assert Settings(file.rename(tmp_path / "moved.ini")).models == models


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


@pytest.mark.qt_log_ignore("QVariant::load: unknown user type", extend=True)
@pytest.mark.parametrize(
    "text",
    [
        "[window]\ngeometry=12\ncolours=purple\n[pictures]\nfolder=a, b\n"
        "[model]\ncurrent=@ByteArray(x)\nremembered=@ByteArray(x)\n",
        "[window]\ngeometry=@Variant(\\0\\0\\0\\x7f)\ncolours=@Rect(1 2 3 4)\n"
        "[pictures]\nfolder=@Variant(oh)\n[model]\ncurrent=@Size(1 1)\nremembered=@Point(1 2)\n",
        # What PySide makes of objects of Python, cut off
        "[window]\ngeometry=@Variant(\\0\\0\\0\\x7f\\0\\0\\0\\x18PySide::PyObjectWrapper\\0\\0\\0"
        "\\0\\x14\\x80\\x4\\x95\\t\\0)\n",
        "[[[\n\n===\n\\x;",
        "\0\x01\x02" * 1000,
    ],
    ids=["wrong types", "variants", "pickle", "no ini", "binary"],
)
def test_what_is_damaged_means_the_default(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")

    assert all_of(Settings(file)) == DEFAULTS


def test_one_damaged_setting_leaves_the_others(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("[window]\ncolours=purple\n[model]\ncurrent=x.onnx\n", encoding="utf-8")

    settings = Settings(file)
    assert (settings.colours, settings.model) == (ColourScheme.SYSTEM, "x.onnx")


def test_a_place_that_cannot_be_written_is_no_exception(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    settings = Settings(tmp_path / "file" / "settings.ini")
    settings.folder = "/pictures"

    assert settings.folder == "/pictures"  # for as long as the program runs
    assert not settings.save()
