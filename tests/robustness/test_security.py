"""What docs/SECURITY.md promises: no network unasked, no code from files, pinned libraries."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from florapp.core.paths import ASSETS
from tests.robustness import guard
from tests.robustness.forbidden import forbidden
from tests.robustness.reader import ROOT
from tests.robustness.run import at_home
from tests.robustness.strictness import KNOWN

pytestmark = pytest.mark.timeout(300)

SAMPLES = sorted((ASSETS / "samples").iterdir())
ADDRESS = "http://127.0.0.1:9/rose.jpg"  # nobody listens there
QUESTION = "This picture is on the web, at 127.0.0.1. Fetch it from there?"


def guarded(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments, where a socket to a network is the end."""
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        env=at_home(**environment),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        preexec_fn=guard.no_network,
    )


class TestNetwork:
    @pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
    def test_the_guard_catches_a_socket_and_nothing_else(self, family: str) -> None:
        code = "import socket; socket.socket(socket.AF_UNIX); print('up', flush=True)"
        caught = guarded("-c", f"{code}; socket.socket(socket.{family})")
        assert (caught.returncode, caught.stdout) == (guard.CAUGHT, "up\n")

    @pytest.mark.parametrize(
        "command",
        [
            ("-m", "florapp", "classify", *SAMPLES[:2]),
            ("-m", "florapp", "models", "show"),
            ("-m", "florapp", "self-test"),
            ("-c", f"from florapp import Classifier; Classifier().classify({str(SAMPLES[0])!r})"),
        ],
        ids=["classify", "models", "self-test", "Python"],
    )
    def test_the_terminal_opens_no_socket(self, command: tuple[object, ...]) -> None:
        ended = guarded(*command)
        assert ended.returncode == 0, ended

    def test_the_window_opens_none_though_a_web_address_is_dropped(
        self, tiny_model: Path, tmp_path: Path
    ) -> None:
        window = ("-m", "tests.robustness.window", tiny_model, *SAMPLES[:2])
        ended = guarded(*window, HOME=str(tmp_path), FLORAPP_WEB=ADDRESS)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout.splitlines()[2:] == [QUESTION]

    def test_the_window_opens_none_however_it_is_used(
        self, tiny_model: Path, tmp_path: Path
    ) -> None:
        """Pictures are pasted, dropped as a page and as a folder, and opened elsewhere; saved."""
        folder = tmp_path / "pictures"
        folder.mkdir()
        for colour in ("blue", "red"):
            Image.new("RGB", (40, 30), colour).save(folder / f"{colour}.png")
        using = ("-m", "tests.robustness.using", tiny_model, folder, ADDRESS)
        ended = guarded(*using, HOME=str(tmp_path), XDG_RUNTIME_DIR=str(tmp_path))
        complaints = [line for line in ended.stderr.splitlines() if not line.startswith(KNOWN)]
        assert (ended.returncode, complaints) == (0, [])
        question, pasted, *dropped = ended.stdout.splitlines()
        assert question == QUESTION
        assert pasted.endswith(" red")
        assert dropped == ["blue.png blue", "red.png red", "blue.png blue"]
        with (tmp_path / "answers.csv").open(encoding="utf-8", newline="") as file:
            best = [row["id"] for row in csv.DictReader(file) if row["rank"] == "1"]
        assert best == ["red", "blue", "red", "blue"]

    @pytest.mark.parametrize(
        ("display", "ending"), [(":7778", 0), ("unix:7778", 0), ("127.0.0.1:7778", guard.CAUGHT)]
    )
    def test_looking_for_a_display_opens_one_only_where_it_is_on_another_machine(
        self, display: str, ending: int
    ) -> None:
        code = "from florapp.__main__ import no_display; assert no_display()"
        asked = guarded("-c", code, DISPLAY=display, WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
        assert (asked.returncode, asked.stderr) == (ending, "")

    def test_it_opens_one_when_the_user_agrees_to_fetch(
        self, tiny_model: Path, tmp_path: Path
    ) -> None:
        """Which shows that the guard would have seen it before."""
        window = ("-m", "tests.robustness.window", tiny_model, SAMPLES[0])
        ended = guarded(*window, HOME=str(tmp_path), FLORAPP_WEB=ADDRESS, FLORAPP_FETCH="yes")
        assert ended.returncode == guard.CAUGHT
        assert ended.stdout.splitlines()[1:] == [QUESTION]


#: Where the program may do so, and what.
ALLOWED = {
    "core/allocator.py": {"ctypes", "ctypes.CDLL"},  # two numbers for the C library
    "services/one_window.py": {  # on Windows, to let the other window come to the front
        *("ctypes", "ctypes.windll.user32.AllowSetForegroundWindow"),
    },
    # Loads the camera's panel, by a name that stands there.
    "ui/webcam.py": {"importlib", "importlib.import_module"},
}


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "def f():\n    from pickle import loads",
        "import marshal as m",
        "from shelve import open",
        "import numpy as np\nnp.load('x')",
        "f(x, allow_pickle=True)",
        "eval('1')",
        "do = exec",
        "import builtins as b\nb.compile('', '', '')",
        "__import__('os')",
        "from importlib import import_module",
        "import ctypes\nctypes.pythonapi",
        "from PySide6.QtCore import QObject, QSettings",
        "from PySide6 import QtCore as c\nc.QPluginLoader('x')",
        "from PySide6.QtQml import QQmlEngine",
        "options.register_custom_ops_library('x')",
        "import os\nos.system('x')",
        "import os as o\ndo = o.popen",
        "from os import execve as go",
        "import os\nos.spawnlp(0, 'x')",
        "import os\nos.posix_spawn('x', [], {})",
        "import os\nif os.fork() == 0: pass",
        "from os import *",
        "import subprocess as s",
        "import multiprocessing.pool",
        "from concurrent.futures import ProcessPoolExecutor",
        "async def f():\n    import asyncio\n    await asyncio.create_subprocess_exec('x')",
        "import webbrowser",
        "from PySide6.QtGui import QDesktopServices\nQDesktopServices.openUrl('x')",
        "from PySide6.QtCore import QProcess",
        "anything().startDetached('x')",
        "label.setOpenExternalLinks(True)",
        "from PIL import ImageGrab",
    ],
)
def test_what_is_forbidden_is_seen(code: str) -> None:
    assert forbidden(code)


@pytest.mark.parametrize(
    "code",
    [
        "import json\njson.loads('1')",
        "import re\nre.compile('x')",
        "import os\nos._exit(0)\nos.path.exists('x')",
        "def f(code): code.load()\nmenu.exec()",
    ],
)
def test_what_is_harmless_is_let_alone(code: str) -> None:
    assert not forbidden(code)


def test_no_code_comes_from_data_and_no_program_is_started() -> None:
    package = ROOT / "florapp"
    paths = sorted(package.rglob("*.py"))
    assert len(paths) > 80
    found = {
        path.relative_to(package).as_posix(): names
        for path in paths
        if (names := forbidden(path.read_text(encoding="utf-8")))
    }
    assert found == ALLOWED


@pytest.mark.parametrize("name", ["run", "dev", "package"])
def test_every_library_is_pinned_with_its_hash(name: str) -> None:
    text = (ROOT / f"packaging/requirements/{name}.txt").read_text(encoding="utf-8")
    pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pins) > 10
    for pin in pins:
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.+!]+ .*\\$", pin), pin
    blocks = re.split(r"\n(?=\S)", text)
    assert all("--hash=sha256:" in block for block in blocks if not block.startswith("#"))
    assert "--require-hashes" in (ROOT / "packaging/bootstrap.sh").read_text(encoding="utf-8")
