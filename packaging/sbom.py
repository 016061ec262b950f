"""The software bill of materials: what the bundle consists of, as CycloneDX."""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path
from typing import Any

from contents import distributions, package_of, system_libraries
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from florapp import __version__
from florapp.core.paths import shipped_model


def write_sbom(file: Path, system: bool) -> None:
    """Write it to ``file``; ``system``: with the libraries that are the system's.

    Raises ValueError when it does not fit the schema.
    """
    components = [_python(), _model(), *map(_distribution, distributions())]
    if system:
        packages = {package_of(source) for source in system_libraries().values()}
        known = sorted((p.name, p.version) for p in packages if p is not None)
        components += [_component("library", *each, f"pkg:deb/debian/{each[0]}") for each in known]
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": _component("application", "FlorApp", __version__, "pkg:generic/florapp")
            | {"licenses": [{"license": {"id": "MIT"}}]}
        },
        "components": components,
    }
    text = json.dumps(bill, indent=2)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise ValueError(f"the bill of materials does not fit its schema: {wrong}")
    file.write_text(f"{text}\n", encoding="utf-8")


def _component(kind: str, name: str, version: str, purl: str) -> dict[str, Any]:
    address = f"{purl}@{version}"
    return {
        "type": kind,
        "bom-ref": address,
        "name": name,
        "version": version,
        "purl": address,
    }


def _distribution(found: Any) -> dict[str, Any]:
    name = found.name.lower().replace("_", "-")
    component = _component("library", found.name, found.version, f"pkg:pypi/{name}")
    words = found.metadata.get("License-Expression") or found.metadata.get("License") or ""
    if words and "\n" not in words:
        component["licenses"] = [{"license": {"name": words}}]
    return component


def _python() -> dict[str, Any]:
    return _component("library", "Python", platform.python_version(), "pkg:generic/cpython")


def _model() -> dict[str, Any]:
    content = hashlib.sha256(shipped_model().read_bytes()).hexdigest()
    component = _component(
        "machine-learning-model", shipped_model().stem, __version__, "pkg:generic/flowers103"
    )
    return component | {"hashes": [{"alg": "SHA-256", "content": content}]}
