"""`florapp models show` prints the card, and docs/model-card.md is what it prints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from florapp.cli import run

DOCS = Path(__file__).parents[2] / "docs"


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["models", "show", *arguments]) == 0
    return capsys.readouterr().out


def test_the_card_in_the_docs_is_that_of_the_shipped_model(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """If not: `florapp models show --markdown > docs/model-card.md`."""
    written = (DOCS / "model-card.md").read_text(encoding="utf-8")
    assert written == shown(capsys, "--markdown")
    assert "florapp models show --markdown" in written.splitlines()[0]


def test_any_model_shows_what_it_is_and_what_it_is_not_for(
    capsys: pytest.CaptureFixture[str], tiny_model: Path
) -> None:
    card = shown(capsys, str(tiny_model))
    for words in ("Tiny colours", "tiny.onnx", "Eating", "uncalibrated", "Green", "Grün, Ж, 花"):
        assert words in card


def test_what_a_file_says_of_itself_is_shown_and_never_obeyed(
    capsys: pytest.CaptureFixture[str],
    make_model: Callable[..., Path],
    changed_card: Callable[..., object],
) -> None:
    odd = changed_card(
        title="Red[bold]\x1b[31m",
        licence="a | b\n\n# c <script>",
        provenance="[link=x]y[/link]",
        figures={"[red]": "\x1b]0;z\x07"},
    )
    path = str(make_model(card=odd))
    card = shown(capsys, path)
    assert "\x1b" not in card and "\x07" not in card
    assert "Red[bold]" in card and "[link=x]y[/link]" in card and "[red]" in card
    markdown = shown(capsys, path, "--markdown")
    assert "| Terms | a \\| b # c &lt;script&gt; |" in markdown.splitlines()
