"""The installer for Windows, as far as it can be made where there is no Windows."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from florapp import __version__
from florapp.core.folders import PICTURE_SUFFIXES

SCRIPT = Path(__file__).parents[2] / "packaging/windows/florapp.nsi"


@pytest.mark.skipif(shutil.which("makensis") is None, reason="needs makensis")
@pytest.mark.parametrize("script", ["installer"], indirect=True)
def test_it_is_made_without_a_warning(script: ModuleType, tmp_path: Path) -> None:
    payload = tmp_path / "payload"
    (payload / "_internal").mkdir(parents=True)
    for name in ("florapp.exe", "florapp-window.exe", "_internal/base_library.zip"):
        (payload / name).write_bytes(os.urandom(100_000))  # stand-ins, which no packing makes small
    Image.new("RGBA", (64, 64)).save(tmp_path / "florapp.ico")

    made = script.make_installer(payload, tmp_path / "florapp.ico", tmp_path)

    assert made.name == f"FlorApp-{__version__}-setup.exe"
    content = made.read_bytes()
    assert content.startswith(b"MZ")
    assert len(content) > 300_000
    assert __version__.encode("utf-16-le") in content  # in what Windows shows of the file


def test_open_with_offers_it_for_all_that_it_opens() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    types = re.findall(r'insertmacro \$\{DO\} "(.*)"', text)
    assert set(types) == PICTURE_SUFFIXES
    assert len(types) == len(PICTURE_SUFFIXES)


def test_whatever_is_written_is_removed() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    install, uninstall = text.split('Section "Uninstall"')
    defined = dict(re.findall(r'!define (\w+) "(.*)"', text))

    def keys(words: str, part: str) -> set[str]:
        found = set(re.findall(rf'{words} HKCU "([^"]*)"', part))
        for _ in defined:
            found = {re.sub(r"\$\{(\w+)\}", lambda m: defined.get(m[1], m[0]), k) for k in found}
        return found

    written = keys("WriteReg(?:Str|DWORD)", install)
    removed = keys("DeleteRegKey", uninstall)
    left = {key for key in written if not any(f"{key}\\".startswith(f"{r}\\") for r in removed)}
    assert left == {r"Software\Classes\${TYPE}\OpenWithProgids"}  # of other programs as well
    assert "insertmacro EachType Withdraw" in uninstall
    assert "Delete" in uninstall
    assert "FlorApp.lnk" in uninstall
