"""The wheel works alone: built from the sdist, installed by itself, it names a flower."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # As nothing is asked for: the sdist, and from it the wheel.
    _run(sys.executable, "-m", "build", "--no-isolation", "-o", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a fresh virtual environment with the wheel and its pinned needs alone."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env/bin/python"
    pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    pins = ROOT / "packaging/requirements/run.txt"
    _run(*pip, "--require-hashes", "-r", pins, cwd=folder)
    _run(*pip, "--no-deps", "--no-index", wheel, cwd=folder)
    _run(python, "-m", "pip", "--disable-pip-version-check", "check", cwd=folder)
    return folder / "env/bin"


def test_the_wheel_holds_program_model_and_assets_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "florapp/py.typed" in names  # type checkers of other projects look for it
    assert "florapp/assets/models/flowers103.onnx" in names
    assert "florapp/assets/models/LICENSE.md" in names
    assert any(name.startswith("florapp/assets/samples/") for name in names)
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"florapp"}


def test_the_wheel_starts_with_a_console_and_without(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        (name,) = [name for name in file.namelist() if name.endswith("entry_points.txt")]
        starts = file.read(name).decode()
    assert "[console_scripts]\nflorapp = florapp.__main__:main" in starts
    assert "[gui_scripts]\nflorapp-window = florapp.__main__:main" in starts


@pytest.mark.timeout(600)  # it downloads what the program needs where pip has not done so before
def test_installed_alone_it_names_a_flower_and_passes_its_own_test(
    installed: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "schöne Blume 花.jpg"
    picture.write_bytes((ROOT / "assets/samples/sunflower.jpg").read_bytes())

    line = json.loads(
        _run(installed / "florapp", "classify", "--json", picture, cwd=tmp_path).stdout
    )

    assert line["path"] == str(picture)
    assert line["predictions"][0]["id"] == "sunflower"
    assert "all is well" in _run(installed / "florapp", "self-test", cwd=tmp_path).stdout
    where = _run(
        installed / "python", "-c", "import florapp; print(florapp.__file__)", cwd=tmp_path
    )
    assert str(ROOT) not in where.stdout
