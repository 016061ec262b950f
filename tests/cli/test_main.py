"""`florapp` opens the window, or leaves it to a command in the terminal, by its arguments alone."""

from __future__ import annotations

import gc
import socket
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import typer

from florapp import __main__ as program
from florapp import cli

Start = Callable[..., int]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Sequence[str]]]:
    """What the window was opened with; a display is there."""
    opened: list[Sequence[str]] = []

    def main(paths: Sequence[str]) -> int:
        opened.append(paths)
        return 0

    stand_in = types.ModuleType("florapp.app")
    stand_in.main = main  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "florapp.app", stand_in)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    yield opened
    gc.enable()  # as the window does


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Start:
    def start(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["florapp", *arguments])
        return program.main()

    return start


def test_without_arguments_the_window_opens(start: Start, opened: list[Sequence[str]]) -> None:
    assert start() == 0
    assert opened == [[]]


def test_pictures_are_opened_in_the_window(
    start: Start, opened: list[Sequence[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ü 花.jpg", "classify", "-x.jpg"):
        (tmp_path / name).touch()
    there = str(tmp_path / "ü 花.jpg")

    assert start(there, "gone.jpg") == start("./classify") == start(str(tmp_path)) == 0
    assert start("--", "-x.jpg", "classify") == 0
    assert opened == [
        [there, "gone.jpg"], ["./classify"], [str(tmp_path)], ["-x.jpg", "classify"],
    ]  # fmt: skip


def test_the_commands_belong_to_the_terminal() -> None:
    group = typer.main.get_command(cli._app())

    assert set(program.COMMANDS) == set(group.commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "arguments",
    [("classify", "a.jpg"), ("models",), ("self-test", "--help"), ("--help",), ("--version",)],
)
def test_a_command_goes_to_the_terminal_as_it_is(
    start: Start,
    opened: list[Sequence[str]],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    ran: list[tuple[str, ...]] = []

    def run(given: Sequence[str]) -> int:
        ran.append(tuple(given))
        return 7

    monkeypatch.setattr(cli, "run", run)
    assert start(*arguments) == 7
    assert (ran, opened) == ([arguments], [])


@pytest.mark.parametrize(
    "arguments", [("--json",), ("a.jpg", "--json"), ("-x",), ("-x", "--", "a.jpg")]
)
def test_an_unknown_option_is_wrong_usage(
    start: Start, opened: list[Sequence[str]], arguments: tuple[str, ...]
) -> None:
    assert start(*arguments) == 2
    assert opened == []


@pytest.mark.parametrize("arguments", [("bloom",), ("",), ("no.jpg", "nor this.jpg")])
def test_what_is_neither_command_nor_file_is_wrong_usage(
    start: Start,
    opened: list[Sequence[str]],
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
) -> None:
    assert start(*arguments) == 2
    assert opened == []
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"florapp: {arguments[0]!r}")
    assert "florapp --help" in said.err


def test_the_help_speaks_of_the_window(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    assert start("--help") == 0
    assert "window" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="there is a display elsewhere")
def test_without_a_display_one_sentence_says_what_to_do(
    start: Start,
    opened: list[Sequence[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)

    assert start() == 2
    assert opened == []
    said = capsys.readouterr().err
    assert "no display" in said
    assert "florapp classify" in said
    assert len(said.splitlines()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="there is a display elsewhere")
def test_a_display_that_is_gone_is_one_sentence(
    start: Start,
    opened: list[Sequence[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":7777.0")
    assert start() == 2
    assert "none answers at :7777.0" in capsys.readouterr().err
    with socket.socket(socket.AF_UNIX) as server:  # as where X has its socket in another place
        server.bind("\0/tmp/.X11-unix/X7777")
        server.listen()
        assert start() == 0
    assert opened == [[]]


@pytest.mark.skipif(sys.platform != "linux", reason="there is a display elsewhere")
def test_a_display_of_another_machine_is_asked_whether_it_is_there(
    start: Start,
    opened: list[Sequence[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As with `ssh -X`, whose end here goes with the connection."""
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        display = f"127.0.0.1:{server.getsockname()[1] - 6000}.0"
        monkeypatch.setenv("DISPLAY", display)
        assert start() == 0
    assert opened == [[]]
    for gone in (display, "127.0.0.1:0x", "rose"):
        monkeypatch.setenv("DISPLAY", gone)
        assert start() == 2
        assert f"none answers at {gone}" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="there is a display elsewhere")
def test_a_wayland_display_that_is_gone_is_one_sentence(
    start: Start,
    opened: list[Sequence[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    for name in ("DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert start() == 2
    assert "none answers at wayland-9" in capsys.readouterr().err
    (tmp_path / "wayland-9").touch()
    assert start() == 0
    assert opened == [[]]


def test_an_empty_name_is_wrong_usage(
    start: Start, opened: list[Sequence[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A variable of the shell's that is not set; else all that lies here would be opened."""
    assert start("", str(tmp_path)) == 2
    assert opened == []
    assert "empty" in capsys.readouterr().err


def test_a_qt_that_does_not_load_is_one_sentence(
    start: Start,
    opened: list[Sequence[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "PySide6", None)

    assert start() == 2
    assert opened == []
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(("system", "first"), [("win32", True), ("linux", False)])
def test_on_windows_onnxruntime_comes_before_qt(
    start: Start,
    opened: list[Sequence[str]],
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    first: bool,
) -> None:
    asked = []

    class Watcher:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            asked.append(name)

    monkeypatch.setattr(sys, "platform", system)
    for name in ("onnxruntime", "PySide6"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "meta_path", [Watcher])  # nothing is found: both imports fail

    assert start() == 2
    assert asked == (["onnxruntime", "PySide6"] if first else ["PySide6"])
