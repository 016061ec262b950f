"""What a Linux desktop reads about the program is sound, and says the same everywhere."""

from __future__ import annotations

import configparser
import mimetypes
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from florapp.__main__ import COMMANDS
from florapp.core.folders import PICTURE_SUFFIXES

LINUX = Path(__file__).parents[2] / "packaging/linux"
DESKTOP = LINUX / "florapp.desktop"
(METAINFO,) = LINUX.glob("*.metainfo.xml")


def validate(*command: str | Path) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"needs {command[0]}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hint" not in done.stdout


def entry() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(DESKTOP, encoding="utf-8")
    return parser["Desktop Entry"]


def types() -> list[str]:
    return entry()["MimeType"].strip(";").split(";")


@pytest.mark.skipif(sys.platform != "linux", reason="a tool of Linux")
def test_the_desktop_entry_is_valid() -> None:
    validate("desktop-file-validate", DESKTOP)


@pytest.mark.skipif(sys.platform != "linux", reason="a tool of Linux")
def test_the_metainfo_is_valid() -> None:
    validate("appstreamcli", "validate", "--no-net", METAINFO)


@pytest.mark.skipif(sys.platform != "linux", reason="a tool of Linux")
def test_the_man_page_has_no_faults() -> None:
    if shutil.which("groff") is None:
        pytest.skip("needs groff")
    page = str(LINUX / "florapp.1")
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", page], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_the_window_is_known_as_the_entrys() -> None:
    assert DESKTOP.stem == "florapp"  # what app.py says with setDesktopFileName
    assert entry()["Exec"] == "florapp %F"
    root = ElementTree.parse(METAINFO).getroot()
    assert root.findtext("launchable") == DESKTOP.name
    assert METAINFO.name == f"{root.findtext('id')}.metainfo.xml"


def test_it_offers_itself_for_every_type_that_it_opens() -> None:
    # Those that Python does not know are other names of these.
    known = {
        mimetypes.guess_type(f"a{suffix}", strict=False)[0] for suffix in sorted(PICTURE_SUFFIXES)
    }
    assert known - {None, "image/jpg", "image/x-ms-bmp"} <= set(types())
    assert {"image/webp", "image/avif", "image/heic", "image/heif", "image/bmp"} <= set(types())
    offered = [node.text for node in ElementTree.parse(METAINFO).iter("mediatype")]
    assert offered == types()


def test_the_man_page_names_every_command() -> None:
    page = (LINUX / "florapp.1").read_text(encoding="utf-8").replace("\\-", "-")
    assert all(re.search(rf"^\.B florapp {command}", page, re.M) for command in COMMANDS)
