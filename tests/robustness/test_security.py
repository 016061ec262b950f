"""What docs/SECURITY.md promises: no network unasked, no code from files, pinned libraries."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from florapp.core.paths import ASSETS
from tests.robustness import guard
from tests.robustness.reader import ROOT

pytestmark = pytest.mark.timeout(300)

SAMPLES = sorted((ASSETS / "samples").iterdir())
ADDRESS = "http://127.0.0.1:9/rose.jpg"  # nobody listens there


def guarded(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments, where a socket to a network is the end."""
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        env=os.environ | environment,
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
        assert len(ended.stdout.splitlines()) == 2

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


#: What makes code of data, or starts other programs.
FORBIDDEN_IMPORTS = {
    *("pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "code", "runpy", "ctypes"),
    *(
        "subprocess",
        "pty",
        "multiprocessing",
        "PySide6.QtCore.QProcess",
        "PySide6.QtCore.QSettings",
    ),
    *("os.system", "os.popen", "importlib", "xmlrpc", "socketserver", "http.server"),
}
ALLOWED = {
    ("allocator.py", "ctypes"),  # tells the C library with two numbers what it may keep
    ("one_window.py", "ctypes"),  # on Windows, to let the other window come to the front
    ("webcam.py", "importlib"),  # loads QtMultimedia, by a name that stands there
}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "system", "popen", "startfile", "loads"}


def _named(code: str) -> Iterator[str]:
    """Yield what a module imports, dotted, and what it calls."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield str(node.module)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield f"{node.func.id}()"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            yield f"{owner}.{node.func.attr}()"


def _forbidden(path: Path, code: str) -> list[str]:
    found = []
    for name in _named(code):
        if name.endswith("()"):
            owner, _, call = name[:-2].rpartition(".")
            plain = owner in ("", "os", "builtins", "pickle", "marshal")
            if call in FORBIDDEN_CALLS and plain:
                found.append(name)
        elif {name, name.split(".")[0]} & FORBIDDEN_IMPORTS and (path.name, name) not in ALLOWED:
            found.append(name)
    return found


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "def f():\n    from pickle import loads",
        "import os\nos.system('x')",
        "eval('1')",
        "import subprocess as s",
        "from PySide6.QtCore import QObject, QSettings",
    ],
)
def test_what_is_forbidden_is_seen(code: str) -> None:
    assert _forbidden(Path("x.py"), code)


def test_no_code_comes_from_data_and_no_program_is_started() -> None:
    paths = sorted((ROOT / "florapp").rglob("*.py"))
    assert len(paths) > 80
    found = {
        str(path.relative_to(ROOT)): names
        for path in paths
        if (names := _forbidden(path, path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_library_is_pinned_with_its_hash(name: str) -> None:
    text = (ROOT / f"packaging/requirements/{name}.txt").read_text(encoding="utf-8")
    pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pins) > 10
    for pin in pins:
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.+!]+ .*\\$", pin), pin
    blocks = re.split(r"\n(?=\S)", text)
    assert all("--hash=sha256:" in block for block in blocks if not block.startswith("#"))
    assert "--require-hashes" in (ROOT / "packaging/bootstrap.sh").read_text(encoding="utf-8")
