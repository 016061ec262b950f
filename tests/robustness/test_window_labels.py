"""What a model calls its classes is shown in the window as text, however odd, and fits in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from florapp.core.drawing import draw
from florapp.core.model_file import Calibration, Card, Label, to_metadata
from florapp.services.settings import Settings
from tests.robustness.test_model_labels import TEXTS
from tests.ui.hands import WAIT, drop, entries, mime_of, open_window, said

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("text", [*TEXTS, "\ud800 alone"], ids=lambda text: repr(text[:12]))
@pytest.mark.parametrize("calibrated", [True, False])
def test_labels_are_text(
    qtbot: QtBot,
    qapp: QApplication,
    make_model: Callable[..., Path],
    changed_card: Callable[..., Card],
    learnt: Calibration,
    tmp_path: Path,
    text: str,
    calibrated: bool,
) -> None:
    labels = tuple(Label(f"{n}", text, text, "species", text, text) for n in range(3))
    card = changed_card(labels=labels, title=text, calibration=learnt if calibrated else None)
    written = {key: json.dumps(json.loads(value)) for key, value in to_metadata(card).items()}
    path = make_model(metadata=written)
    Image.fromarray(draw("rose", 96, 80)).save(tmp_path / "a.png")
    settings = Settings(tmp_path / "settings.json")
    settings.model = str(path)
    window = open_window(qtbot, qapp, settings)
    width = window.width()
    drop(window, mime_of(tmp_path / "a.png"))
    qtbot.waitUntil(lambda: text[1:6] in said(window), timeout=WAIT)
    qtbot.wait(100)
    for widget in window.findChildren(QWidget):
        _assert_text(widget)
    model = window.workspace.strip.model()
    assert isinstance(model, QAbstractItemModel)
    tip = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert not tip or not _is_rich(tip)
    assert window.width() == width
    assert window.minimumSizeHint().width() < 1000
    window.close()


def _is_rich(text: str) -> bool:
    return bool(re.search(r"<(b|img|script)\b", text))


def _assert_text(widget: QWidget) -> None:
    shown = [widget.toolTip(), widget.statusTip(), widget.whatsThis()]
    if isinstance(widget, QLabel) and widget.textFormat() is not Qt.TextFormat.PlainText:
        shown.append(widget.text())
    for each in shown:
        assert not _is_rich(each), (widget, each)
    if isinstance(widget, QAbstractButton) and widget.isVisible():
        assert widget.width() <= widget.window().width()


def test_20_000_classes_in_the_window(
    qtbot: QtBot,
    qapp: QApplication,
    make_model: Callable[..., Path],
    changed_card: Callable[..., Card],
    tmp_path: Path,
) -> None:
    labels = tuple(Label(f"id-{n}", f"Name {n}", genus=f"Genus {n}") for n in range(20_000))
    settings = Settings(tmp_path / "settings.json")
    settings.model = str(make_model(card=changed_card(labels=labels), classes=20_000))
    for number in range(20):
        Image.new("RGB", (40, 30), "blue").save(tmp_path / f"{number}.png")
    window = open_window(qtbot, qapp, settings)
    drop(window, mime_of(*sorted(tmp_path.glob("*.png"))))
    qtbot.waitUntil(
        lambda: len(entries(window)) == 20 and all(entry.result for entry in entries(window)),
        timeout=WAIT,
    )
    assert re.search(r"\bName 2\b", said(window))  # and not Name 20
    window.close()
