"""Every sentence can be translated: lupdate finds what the code says, and the user reads it."""

from __future__ import annotations

import ast
import string
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import PySide6
import pytest
from PySide6.QtCore import QCoreApplication, Qt, QUrl
from pytestqt.qtbot import QtBot

from florapp.core import errors
from florapp.core.errors import ModelFileError, Sentence
from florapp.core.network import Network
from florapp.core.prediction import Failure
from florapp.core.source import Source
from florapp.services.answers import save_answers
from florapp.services.fetch import Fetch
from florapp.services.pictures import PictureList
from florapp.services.session import Session
from florapp.services.words import told
from tests.services.loud import loud
from tests.services.sessions import WAIT

PROGRAM = Path(__file__).parents[2] / "florapp"
LUPDATE = Path(PySide6.__path__[0], "lupdate").with_suffix(
    ".exe" if sys.platform == "win32" else ""
)
ROOMS = {room: sorted((PROGRAM / room).glob("*.py")) for room in ("core", "services", "ui")}
#: What is made of a template and its values.
SENTENCES = [name for name in vars(errors) if name.endswith(("Error", "Sentence"))]


def marked(code: str) -> set[str]:
    """Return the texts that ``code`` has translated; a call without a literal one is an error."""
    texts = set()
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Call(args=[_, ast.Attribute(ast.Name("reason"), "text")]):
                continue  # told(): of a sentence that was marked where it was said
            case ast.Call(func=ast.Attribute(attr="tr"), args=[text, *_]):
                pass
            case ast.Call(
                func=ast.Name("translate" | "QT_TRANSLATE_NOOP")
                | ast.Attribute(ast.Name("QCoreApplication"), "translate"),
                args=[_, text, *_],
            ):
                pass
            case _:
                continue
        assert isinstance(text, ast.Constant), ast.unparse(node)
        texts.add(str(text.value))
    return texts


def unmarked(code: str) -> Iterator[str]:
    """Yield the calls in ``code`` that make an error or a failure nobody could translate.

    Its sentence is to be made where it is said, of a marked template with as many values as it has
    places for, or to be handed on.
    """
    module = ast.parse(code)

    def good(node: ast.expr, values: list[ast.expr]) -> bool:
        match node:
            case ast.Call(
                func=ast.Name("QT_TRANSLATE_NOOP"),
                args=[ast.Constant("core"), ast.Constant(str(text))],
            ):
                places = {place for _, place, _, _ in string.Formatter().parse(text)} - {None}
                return places == {str(i) for i in range(len(values))}
            case ast.Call(func=ast.Name("Sentence" | "str")) | ast.Attribute(attr="reason"):
                return not values
            case ast.Name(name):
                given = [
                    assignment.value
                    for assignment in ast.walk(module)
                    if isinstance(assignment, ast.Assign)
                    and name in [getattr(target, "id", "") for target in assignment.targets]
                ]
                return bool(given) and not values and all(good(value, []) for value in given)
        return False

    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Name("Failure"), args=[_, text]):
                right = good(text, [])
            case ast.Call(func=ast.Name(name), args=[text, *values]) if name in SENTENCES:
                right = good(text, values)
            case _:
                continue
        if not right:
            yield ast.unparse(node)


@pytest.mark.skipif(not LUPDATE.exists(), reason="this PySide6 comes without lupdate")
@pytest.mark.parametrize("room", ROOMS)
def test_lupdate_finds_every_sentence(tmp_path: Path, room: str) -> None:
    found = tmp_path / "found.ts"
    subprocess.run(
        [LUPDATE, *ROOMS[room], "-ts", found], check=True, capture_output=True, timeout=60
    )
    contexts = ElementTree.parse(found).iter("context")
    messages = [
        (c.findtext("name"), m.findtext("source")) for c in contexts for m in c.iter("message")
    ]
    assert all(context for context, _ in messages)
    expected = set().union(*(marked(file.read_text(encoding="utf-8")) for file in ROOMS[room]))
    assert {text for _, text in messages} == expected


@pytest.mark.parametrize(
    "path",
    [path for path in ROOMS["core"] + ROOMS["services"] if path.name != "errors.py"],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_every_error_can_be_translated(path: Path) -> None:
    assert list(unmarked(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    [
        "raise PictureError('It is empty.')",
        "raise PictureError(f'{path} is empty.')",
        "raise PictureError(QT_TRANSLATE_NOOP('core', '{0} is empty.'))",
        "raise PictureError(QT_TRANSLATE_NOOP('core', 'It is empty.'), path)",
        "raise PictureError(QT_TRANSLATE_NOOP('hall', 'It is empty.'))",
        "reason = f'{path} is empty.'\nyield Failure(source, reason)",
        "yield Failure(source, Sentence(f'{path} is empty.'))",
    ],
)
def test_one_that_cannot_be_is_seen(code: str) -> None:
    assert len(list(unmarked(code))) == 1


@pytest.fixture
def capitals(qapp: QCoreApplication) -> Iterator[None]:
    with loud():
        yield


def test_a_sentence_is_told_in_the_users_language(capitals: None) -> None:
    inner = Sentence("no room on {0}", "disk c")
    assert (
        told(Sentence("It broke off: {0} ({1}).", inner, 3))
        == "IT BROKE OFF: NO ROOM ON disk c (3)."
    )
    assert told(Sentence("It {broke} off.")) == "IT {BROKE} OFF."
    assert told("It is no sentence of ours {0}.") == "It is no sentence of ours {0}."


def test_the_strip_tells_what_failed_and_a_file_says_it_in_english(
    capitals: None, tmp_path: Path
) -> None:
    pictures = PictureList()
    source = Source("a.jpg", b"")
    entries = pictures.add([Failure(source, Sentence("It is cut short ({0}).", "byte 7"))])
    said = pictures.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "a.jpg: IT IS CUT SHORT (byte 7)."
    save_answers(entries, tmp_path / "answers.csv")
    assert "It is cut short (byte 7)." in (tmp_path / "answers.csv").read_text(encoding="utf-8")


def test_so_are_a_model_that_does_not_open_or_fails_and_a_fetch(
    qtbot: QtBot,
    session: Session,
    capitals: None,
    plain: Callable[..., np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = Path("gone.onnx")
    with qtbot.waitSignal(session.model_refused, timeout=WAIT) as refused:
        session.open_model(gone)
    assert refused.args == [gone, "THERE IS NO MODEL FILE gone.onnx."]

    def run(network: Network, images: np.ndarray) -> None:
        raise ModelFileError("It fails: {0}", "odd shape")

    monkeypatch.setattr(Network, "run", run)
    with qtbot.waitSignal(session.model_refused, timeout=WAIT) as refused:
        session.add_sources([Source("a", plain("red"))])
    assert refused.args == [session.model_path, "IT FAILS: odd shape"]

    fetch = Fetch(QUrl("ftp://example.org/a.jpg"))
    with qtbot.waitSignal(fetch.failed, timeout=WAIT) as failed:
        fetch.start()
    assert failed.args[0].startswith("FLORAPP FETCHES PICTURES FROM HTTP")
