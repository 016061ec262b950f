"""What goes wrong with the user's home, settings and disk breaks nothing, and loses nothing."""

from __future__ import annotations

import csv
import ctypes
import errno
import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from florapp.services.settings import ColourScheme, Settings
from tests.robustness.reader import ROOT
from tests.robustness.run import at_home, start
from tests.ui.hands import WAIT, button, drop, entries, mime_of, open_window

pytestmark = pytest.mark.timeout(300)


def window(
    model: Path | str,
    pictures: list[Path],
    before: Callable[[], object] | None = None,
    **environment: str,
) -> str:
    """Start the program with pictures, let it close when they are answered; what it answered.

    It may not end otherwise than well, nor complain. ``before`` is called in its process. Without a
    model ("") it is the one in the settings.
    """
    command = [sys.executable, "-m", "tests.robustness.window", str(model)]
    ended = subprocess.run(
        [*command, *map(str, pictures)],
        cwd=ROOT,
        env=at_home(**environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=before,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


ALL = "red.png red\ngreen.png green\nblue.png blue\n"


def full() -> None:
    """Let this process, and what it becomes, write not a byte to any file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


class TestHome:
    @pytest.mark.parametrize("home", ["/proc/nowhere", "relative", ""])
    def test_the_window_does_without_one(
        self, tiny_model: Path, pictures: list[Path], home: str
    ) -> None:
        """None in which anything could be made, not even by root.

        What is no folder's name is passed over for the user's own home, where nothing may change.
        """
        assert window(tiny_model, pictures, full, HOME=home) == ALL

    def test_a_full_disk(self, tiny_model: Path, pictures: list[Path], tmp_path: Path) -> None:
        """Not a byte can be written, be it to settings, locks or reports."""
        home = tmp_path / "home"
        home.mkdir()
        assert window(tiny_model, pictures, full, HOME=str(home)) == ALL
        assert not [path for path in home.rglob("*") if path.is_file() and path.stat().st_size]

    def test_files_where_folders_should_be(
        self, tiny_model: Path, pictures: list[Path], tmp_path: Path
    ) -> None:
        home = tmp_path / "home"
        home.mkdir()
        for name in (".config", ".local", ".cache"):
            (home / name).write_text("not a folder")
        assert window(tiny_model, pictures, HOME=str(home)) == ALL
        assert {path.read_text() for path in home.iterdir()} == {"not a folder"}

    def test_one_that_is_read_only(
        self, tiny_model: Path, pictures: list[Path], tmp_path: Path
    ) -> None:
        """The settings in it are obeyed, and stay as they are."""
        file = tmp_path / "home/.config/FlorApp/settings.json"
        Settings(file).model = str(tiny_model)
        content = file.read_bytes()
        places = (file, *file.parents[:3])
        home = places[-1]
        for path in places:
            path.chmod(0o555)
        try:
            assert window("", pictures, obey_permissions, HOME=str(home)) == ALL
        finally:
            for path in places:
                path.chmod(0o755)
        assert [path for path in home.rglob("*") if path.is_file()] == [file]
        assert file.read_bytes() == content


def obey_permissions() -> None:
    """Take from this process, and what it becomes, what lets root write everywhere."""
    drop_from_bounds, override = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
    ctypes.CDLL(None).prctl(drop_from_bounds, override, 0, 0, 0)  # who is not root need not


class TestSettings:
    def test_a_disk_that_fills_up_leaves_the_old_ones(self, tmp_path: Path) -> None:
        file = tmp_path / "settings.json"
        before = Settings(file)
        before.colours = ColourScheme.DARK
        assert before.save()
        content = file.read_bytes()
        program = (
            "import resource, signal; from pathlib import Path\n"
            "from florapp.services.settings import Settings\n"
            f"settings = Settings(Path({str(file)!r}))\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "settings.model = 'x' * 10_000\n"
            "print(settings.save())"
        )
        said = subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True)
        assert said == "False\n"
        assert file.read_bytes() == content

    def test_those_of_a_later_version_are_kept(self, tmp_path: Path) -> None:
        file = tmp_path / "settings.json"
        later = {"answers/promise": 0.9, "answers/voice": "loud", "garden": {"plots": [1, 2]}}
        file.write_text(json.dumps(later))
        settings = Settings(file)
        assert settings.promise == 0.9
        settings.colours = ColourScheme.LIGHT
        assert settings.save()
        assert json.loads(file.read_text()) == later | {"window/colours": "light"}

    def test_a_pipe_in_their_place_is_not_waited_for(
        self, tiny_model: Path, pictures: list[Path], tmp_path: Path
    ) -> None:
        """Nor is it replaced."""
        file = tmp_path / "home/.config/FlorApp/settings.json"
        file.parent.mkdir(parents=True)
        os.mkfifo(file)
        assert window(tiny_model, pictures, HOME=str(tmp_path / "home")) == ALL
        assert file.is_fifo()

    def test_two_windows_write_them_at_the_same_time(self, tmp_path: Path) -> None:
        """Each its own; the file is whole all the time, and has both in the end."""
        program = (
            "import sys; from pathlib import Path\n"
            "from florapp.services.settings import Settings\n"
            "settings = Settings(Path(sys.argv[1]))\n"
            "for number in range(100):\n"
            "    setattr(settings, sys.argv[2], f'{number} ' + 'x' * 5000)\n"
            "    assert settings.save()\n"
        )
        file = tmp_path / "settings.json"
        writers = [
            subprocess.Popen([sys.executable, "-c", program, str(file), name], cwd=ROOT)
            for name in ("folder", "model")
        ]
        seen = 0
        while any(writer.poll() is None for writer in writers):
            if file.exists():
                for value in json.loads(file.read_text()).values():
                    assert re.fullmatch(r"\d+ x{5000}", value)
                seen += 1
        assert [writer.wait() for writer in writers] == [0, 0]
        assert seen > 10
        settings = Settings(file)
        assert settings.folder.startswith("99 ") and settings.model.startswith("99 ")


class TestAnswers:
    def test_a_disk_that_fills_up_in_a_batch(
        self, tiny_model: Path, pictures: list[Path], tmp_path: Path
    ) -> None:
        """What was written before stays, and with room again it goes on where it was."""
        file = tmp_path / "answers.csv"

        def resumed(pictures: list[Path], **options: Any) -> tuple[int, str]:
            command = ("classify", "--resume", file, "--model", tiny_model, *pictures)
            process = start(*command, cwd=ROOT, **options)
            _, complaints = process.communicate(timeout=100)
            return process.returncode, complaints

        assert resumed(pictures[:1]) == (0, "")
        earlier = file.read_bytes()
        room = len(earlier) * 5 // 2  # the second answer, and half of the third

        def little() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

        going_on = f"{file} has {{}} answers; going on with the rest.\n"
        told = going_on.format(1) + "florapp: Writing fails: File too large.\n"
        assert resumed(pictures, preexec_fn=little) == (1, told)
        assert file.read_bytes().startswith(earlier) and file.stat().st_size == room
        assert resumed(pictures) == (0, going_on.format(2))
        with file.open(encoding="utf-8", newline="") as rows:
            best = [row["id"] for row in csv.DictReader(rows) if row["rank"] == "1"]
        assert best == ["red", "green", "blue"]

    def test_a_disk_that_fills_up_while_the_window_saves(
        self,
        qtbot: QtBot,
        qapp: QApplication,
        tiny_model: Path,
        pictures: list[Path],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """It is told, and the answers that were saved before stay whole."""
        settings = Settings(tmp_path / "settings.json")
        settings.model = str(tiny_model)
        window = open_window(qtbot, qapp, settings)
        drop(window, mime_of(*pictures))
        qtbot.waitUntil(lambda: len([e for e in entries(window) if e.result]) == 3, timeout=WAIT)
        file, messages = tmp_path / "answers.csv", window.workspace.messages
        chosen = (str(file), "Table (*.csv)")
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: chosen)
        window.actions_.save.trigger()
        qtbot.waitUntil(lambda: "saved to" in messages.text(), timeout=WAIT)
        earlier, names = file.read_bytes(), sorted(tmp_path.iterdir())

        def fills_up(path: Path, content: bytes) -> int:
            with path.open("wb") as half:
                half.write(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(Path, "write_bytes", fills_up)
        window.actions_.save.trigger()
        button(messages, "Replace").click()
        qtbot.waitUntil(lambda: "could not be saved" in messages.text(), timeout=WAIT)
        assert f"to {file}: No space left on device." in messages.text()
        assert (file.read_bytes(), sorted(tmp_path.iterdir())) == (earlier, names)
        window.close()
