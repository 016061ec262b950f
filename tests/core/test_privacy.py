"""Nothing that FlorApp loads reports home: docs/decisions/010."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from florapp.core.paths import ASSETS

USES = {
    "terminal": "import florapp.cli; florapp.cli.run(['classify', SAMPLE])",
    "Python": "from florapp import Classifier; Classifier().classify(SAMPLE)",
    "self-test": "import florapp.cli; florapp.cli.run(['self-test'])",
    "workshop": "import training.quantize, onnxruntime",
}


@pytest.mark.skipif(sys.platform != "linux", reason="knows where the reports lie on Linux only")
@pytest.mark.parametrize("use", USES)
def test_nothing_is_written_for_a_report(use: str, tmp_path: Path) -> None:
    if use == "workshop":
        pytest.importorskip("onnx")
    sample = next((ASSETS / "samples").iterdir())
    # onnxruntime also keeps still where CI, or a unit test, is said to run.
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in ("CI", "GITHUB_ACTIONS", "TF_BUILD") and not key.startswith(("ORT_", "XDG_"))
    }
    subprocess.run(
        [sys.executable, "-c", f"SAMPLE = {str(sample)!r}\n{USES[use]}"],
        env=environment | {"HOME": str(tmp_path)},
        check=True,
        timeout=120,
        stdout=subprocess.DEVNULL,
    )
    left = [str(file) for file in tmp_path.rglob("*") if "onnxruntime" in file.name.lower()]
    assert not left
