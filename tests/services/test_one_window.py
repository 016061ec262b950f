"""Pictures go to the window that is open; whatever is wrong with it, none is lost."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from florapp.services.one_window import Listener, hand_over, usual_address

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="speaks to sockets itself")

Ask = Callable[..., bool]

CLIENT = """
import os, pathlib, sys
from florapp.services import one_window
one_window._PATIENCE = int(sys.argv[2])
paths = [pathlib.Path(os.fsdecode(path)) for path in sys.stdin.buffer.read().split(b"\\0")[:-1]]
print(one_window.hand_over(sys.argv[1], paths), end="")
"""


@pytest.fixture
def address(tmp_path: Path) -> str:
    return str(tmp_path / "florapp-1-0")


@pytest.fixture
def ask(qtbot: QtBot, address: str) -> Iterator[Ask]:
    """Return what hands paths over from another process; it returns what that one is told."""
    processes = []

    def ask(
        *paths: Path, patience: int = 30_000, environment: Mapping[str, str] | None = None
    ) -> bool:
        process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, address, str(patience)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | (environment or {}),
        )
        processes.append(process)
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(b"".join(os.fsencode(path) + b"\0" for path in paths))
        process.stdin.close()
        qtbot.waitUntil(lambda: process.poll() is not None, timeout=30_000)
        return {b"True": True, b"False": False}[process.stdout.read()]

    yield ask
    for process in processes:
        with process:
            process.kill()


@pytest.fixture
def taken() -> list[list[Path]]:
    return []


@pytest.fixture
def listener(address: str, taken: list[list[Path]], qtbot: QtBot) -> Iterator[Listener]:
    made = Listener(address, taken.append)
    yield made
    made.deleteLater()


def test_without_a_window_nobody_takes_them(address: str) -> None:
    assert not hand_over(address, [Path("/rose.jpg")])
    assert not Path(address).exists()


@pytest.mark.parametrize(
    "paths",
    [
        [],
        [Path("/rose.jpg")],
        [Path("/a b/Tulpe\nfür 花.png"), Path("/x\udcff.jpg")],  # any name that Linux allows
        [Path(f"/{'long' * 500}/{number}.jpg") for number in range(1000)],
    ],
)
def test_the_window_that_is_there_takes_them(
    listener: Listener, ask: Ask, taken: list[list[Path]], paths: list[Path]
) -> None:
    assert listener.listening
    assert ask(*paths)
    assert taken == [paths]


def test_it_takes_them_again_and_again(
    listener: Listener, ask: Ask, taken: list[list[Path]]
) -> None:
    assert all(ask(Path(f"/{number}.jpg")) for number in range(3))
    assert len(taken) == 3


def test_only_the_user_may_speak_to_it(listener: Listener, address: str) -> None:
    assert Path(address).stat().st_mode & 0o077 == 0


def test_its_end_leaves_nothing_behind(address: str, qtbot: QtBot) -> None:
    from shiboken6 import Shiboken

    listener = Listener(address, print)
    assert Path(address).exists()
    Shiboken.delete(listener)
    assert not Path(address).exists()


def test_the_socket_of_a_window_that_crashed_is_passed_over_and_replaced(
    address: str, ask: Ask, taken: list[list[Path]]
) -> None:
    with socket.socket(socket.AF_UNIX) as crashed:
        crashed.bind(address)
        crashed.listen()

    assert not ask(Path("/rose.jpg"))
    listener = Listener(address, taken.append)
    assert listener.listening
    assert ask(Path("/rose.jpg"))
    assert taken == [[Path("/rose.jpg")]]


def test_a_window_opened_beside_one_that_hangs_takes_its_place(
    listener: Listener, address: str, ask: Ask, taken: list[list[Path]]
) -> None:
    heard: list[list[Path]] = []
    second = Listener(address, heard.append)
    assert ask(Path("/rose.jpg"))
    assert (taken, heard) == ([], [[Path("/rose.jpg")]])
    second.deleteLater()


def test_a_window_that_another_has_replaced_leaves_it_the_address(
    listener: Listener, address: str, ask: Ask
) -> None:
    heard: list[list[Path]] = []
    second = Listener(address, heard.append)
    listener.leave()
    assert ask(Path("/rose.jpg")) and heard
    second.leave()
    assert not Path(address).exists()
    second.deleteLater()


def test_a_window_that_hangs_takes_nothing(address: str, ask: Ask) -> None:
    with socket.socket(socket.AF_UNIX) as hanging:
        hanging.bind(address)
        hanging.listen()  # the system accepts for it; nobody answers
        assert not ask(Path("/rose.jpg"), patience=200)


@pytest.mark.parametrize("answer", [b"", b"th", b"no\n"])
def test_a_window_that_goes_takes_nothing(address: str, ask: Ask, answer: bytes) -> None:
    def go(server: socket.socket) -> None:
        guest, _ = server.accept()
        with guest:
            guest.recv(1)
            guest.sendall(answer)

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        thread = threading.Thread(target=go, args=(server,))
        thread.start()
        assert not ask(Path("/rose.jpg"))
        thread.join()


def test_a_window_that_cannot_use_them_takes_nothing(address: str, ask: Ask, qtbot: QtBot) -> None:
    def fail(_: list[Path]) -> None:
        raise RuntimeError("full")

    with qtbot.captureExceptions() as errors:
        listener = Listener(address, fail)
        assert not ask(Path("/rose.jpg"), patience=500)
    assert [str(error) for _, error, _ in errors] == ["full"]
    listener.deleteLater()


@pytest.mark.parametrize(
    "words",
    [
        b"\n",
        b"rose.jpg\n",
        b"[]\n",
        b'{"paths": 1, "token": ""}\n',
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"paths": [], "token": "\\u0000"}\n',
        b'{"paths": [], "token": "\\ud800"}\n',
    ],
    ids=lambda words: repr(words[:40]),
)
def test_nonsense_is_answered_by_hanging_up(
    listener: Listener, address: str, qtbot: QtBot, taken: list[list[Path]], words: bytes
) -> None:
    with socket.socket(socket.AF_UNIX) as guest:
        guest.connect(address)
        guest.sendall(words)
        guest.settimeout(0)

        def hung_up() -> bool:
            try:
                return guest.recv(99) == b""
            except BlockingIOError:
                return False
            except ConnectionResetError:
                return True

        qtbot.waitUntil(hung_up)
    assert taken == []


def test_a_folder_that_cannot_be_made_only_means_that_nobody_listens(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    listener = Listener(str(tmp_path / "file" / "florapp"), print)
    assert not listener.listening
    assert not hand_over(str(tmp_path / "file" / "florapp"), [])
    listener.deleteLater()


def test_each_user_and_each_screen_has_a_place_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    found = set()
    for screen in (":0", ":1", "far.away:10.0"):
        monkeypatch.setenv("DISPLAY", screen)
        found.add(usual_address())
    monkeypatch.setattr(os, "getuid", lambda: 1234)
    found.add(usual_address())
    monkeypatch.setenv("QT_QPA_PLATFORM", "wayland")
    found.add(usual_address())

    assert len(found) == 5
    assert {Path(place).parent for place in found} == {tmp_path}


def test_without_a_folder_for_sockets_it_is_beside_the_reports(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tmp_path in Path(usual_address()).parents


def test_what_lets_a_window_come_forward_on_wayland_goes_along(
    address: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "of the listener")
    listener = Listener(address, lambda _: seen.append(os.environ["XDG_ACTIVATION_TOKEN"]))
    assert ask(environment={"XDG_ACTIVATION_TOKEN": "of the guest"})
    assert seen == ["of the guest"]
    listener.deleteLater()
