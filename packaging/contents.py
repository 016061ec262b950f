"""What PyInstaller has put into the bundle, and whose it is."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

BUILD = Path(__file__).resolve().parents[1] / "build"


@dataclass(frozen=True)
class Package:
    """A package of Debian that a library of the bundle is from."""

    name: str
    version: str


def _contents() -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = json.loads((BUILD / "contents.json").read_text("utf-8"))
    return read


def distributions() -> list[metadata.Distribution]:
    """Return the Python packages that something of is in the bundle, by name."""
    contents = _contents()
    owners = metadata.packages_distributions()
    tops = {name.split(".")[0] for name in contents["modules"]}
    tops |= {Path(name).parts[0].split(".")[0] for name in contents["files"]}
    names = {owner for top in tops for owner in owners.get(top, ())} - {"florapp"}
    return sorted(map(metadata.distribution, names), key=lambda found: found.name.lower())


def system_libraries() -> dict[str, str]:
    """Return the libraries that are the system's, by their names in the bundle, on Linux.

    Not Python's own: another release of Debian has another Python.
    """
    return {
        name: source
        for name, source in _contents()["files"].items()
        if source.startswith(("/lib/", "/usr/lib/"))
        and ".so" in name
        and not name.startswith(("python3", "libpython"))
    }


def package_of(library: str) -> Package | None:
    """Find the package that a library of the system is from; None when no package knows it."""
    path = str(Path(library).resolve())
    for known in (path, path.removeprefix("/usr")):  # /lib is a link to /usr/lib
        found = subprocess.run(
            ["dpkg", "-S", known], capture_output=True, text=True, check=False
        ).stdout
        if found:
            name = found.partition(":")[0].split(",")[0]
            version = subprocess.check_output(
                ["dpkg-query", "-W", "-f", "${Version}\n", name], text=True
            )
            return Package(name, version.split("\n")[0])
    return None
