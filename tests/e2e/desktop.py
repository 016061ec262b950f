"""Hands and eyes to use the program with, from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import pytest
from PIL import Image, ImageGrab, ImageOps

from florapp.services.words import percent
from tests.e2e.manager import State, manage

HERE = Path(__file__).parent
#: The checkout's, unless another is given: packaging/test_installed.py gives the installed one.
FLORAPP = Path(os.environ.get("FLORAPP_PROGRAM", f"{sysconfig.get_path('scripts')}/florapp"))
PATIENCE = 90  # seconds: the machine may be busy

T = TypeVar("T")
Place = tuple[int, int, int, int]  # left, top, right, bottom on the screen
FlorApp = Callable[..., AbstractContextManager["Window"]]
Drag = Callable[[Mapping[str, bytes], "Node"], str]


def eventually(look: Callable[[], T]) -> T:
    """Call ``look`` until its assertions hold, and return what it returns."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return look()
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


class Candidate(NamedTuple):
    """A class that a picture may be of, in the words of the window."""

    name: str
    scientific_name: str
    percent: str


class Node(NamedTuple):
    """Something with a name, as a screen reader finds it."""

    id: str
    role: str
    name: str
    place: Place
    selected: bool

    @property
    def middle(self) -> tuple[int, int]:
        left, top, right, bottom = self.place
        return (left + right) // 2, (top + bottom) // 2


@dataclass(frozen=True)
class Desktop:
    """A screen and a session bus; ``environment`` is what programs on it are started with."""

    environment: dict[str, str]

    def run(self, *command: str | Path) -> str:
        """Run a command to its end, and return what it printed."""
        return subprocess.run(
            command,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            check=True,
        ).stdout

    def classify(self, *paths: Path) -> dict[str, list[Candidate]]:
        """Return what ``florapp classify`` says of each picture, the most probable class first."""
        lines = self.run(FLORAPP, "classify", "--json", *paths).splitlines()
        return {
            answer["path"]: [
                Candidate(label["name"], label["scientific_name"], percent(label["probability"]))
                for label in answer["predictions"]
            ]
            for answer in map(json.loads, lines)
        }

    def verdict(self, path: Path) -> dict[str, str]:
        """Return the ``kind`` and ``text`` of what the terminal says is to be believed.

        ``short`` is what stands of it in the strip.
        """
        line = json.loads(self.run(FLORAPP, "classify", "--json", "--top", "10", path))
        verdict, best = line["verdict"], line["predictions"][0]
        *others, last = [each["name"] for each in line["predictions"]][: len(verdict["ids"])] or [
            ""
        ]
        why = {"strange": "Not one I know", "flaw": "Nothing to name"}
        verdict["short"] = {
            "sure": f"{best['name']}, {percent(best['probability'])}",
            "one_of": f"{', '.join(others)} or {last}?",
            "group": f"A kind of {verdict['group']}",
            "unknown": why.get(verdict["doubt"], "I cannot tell"),
        }[verdict["kind"]]
        return {name: str(value) for name, value in verdict.items()}

    def copy(self, kind: str, file: Path) -> None:
        """Put a file's content on the clipboard, as another program would."""
        # It stays behind to serve the clipboard, and so must not be given a pipe to hold on to.
        command = ["xclip", "-selection", "clipboard", "-t", kind, str(file)]
        subprocess.run(command, env=self.environment, stdout=subprocess.DEVNULL, check=True)


@dataclass(frozen=True)
class Window:
    """The window of the program, used and looked at from outside."""

    desktop: Desktop
    process: subprocess.Popen[bytes]

    def press(self, key: str) -> None:
        """Press a key, such as ``ctrl+v``."""
        eventually(lambda: self._focus("FlorApp$"))
        self.desktop.run("xdotool", "key", key)

    def answer(self, dialog: str, text: str) -> None:
        """Type ``text`` into the dialog with that title, and close it with Enter."""
        eventually(lambda: self._focus(f"^{dialog}$"))
        self.desktop.run("xdotool", "key", "ctrl+a")
        self.desktop.run("xdotool", "type", text)
        self.desktop.run("xdotool", "key", "Return")

    def _focus(self, title: str) -> None:
        search = ("search", "--sync", "--onlyvisible", "--name", title)
        try:
            self.desktop.run("xdotool", *search, "windowfocus", "--sync")
        except subprocess.CalledProcessError as error:  # a window went while it looked at it
            raise AssertionError(error) from error

    @contextmanager
    def minimised(self) -> Iterator[None]:
        """Minimise the window, and restore it."""
        search = ("search", "--sync", "--onlyvisible", "--name", "FlorApp$")
        window = int(self.desktop.run("xdotool", *search))
        manage(self.desktop.environment["DISPLAY"], window, State.ICONIC)
        yield
        manage(self.desktop.environment["DISPLAY"], window, State.NORMAL)

    def click(self, node: Node) -> None:
        self.desktop.run("xdotool", "mousemove", *map(str, node.middle), "click", "1")

    def nodes(self) -> list[Node]:
        """Return what a screen reader finds, now."""
        script = HERE / "accessible.py"
        found = self.desktop.run("/usr/bin/python3", script, str(self.process.pid))
        return [Node(**fields) for fields in json.loads(found)]

    def find(self, name: str) -> Node:
        """Return the one node of that name, once it is there."""

        def look() -> Node:
            found = [node for node in self.nodes() if node.name == name]
            assert len(found) == 1, f"{name!r}: {found}"
            return found[0]

        return eventually(look)

    def expect_strip(self, *pictures: Path) -> list[Node]:
        """Wait until the strip holds these pictures, each with its answer; return its items."""
        found = map(Path, self.desktop.classify(*pictures))
        wanted = [f"{path.name}: {self.desktop.verdict(path)['short']}" for path in found]

        def look() -> list[Node]:
            items = [node for node in self.nodes() if node.role == "list item"]
            assert [item.name for item in items] == wanted
            return items

        return eventually(look)

    def expect_selected(self, *items: bool) -> None:
        """Wait until the strip holds so many items, of which these are selected."""

        def look() -> None:
            strip = [node for node in self.nodes() if node.role == "list item"]
            assert [item.selected for item in strip] == list(items)

        eventually(look)

    def expect(self, picture: Path, name: str = "") -> list[Node]:
        """Wait for the picture and its answer; return all that a screen reader finds then.

        ``name`` is the picture's name in the window, where it is not the file's.
        """
        (answer,) = self.desktop.classify(picture).values()
        verdict = self.desktop.verdict(picture)
        words = [", ".join(dict.fromkeys(candidate)) for candidate in answer]

        def look() -> list[Node]:
            nodes = self.nodes()
            names = {node.id: node.name for node in nodes}
            assert names.get("PictureView") == f"Picture: {name or picture.name}"
            if verdict["kind"] == "sure":
                assert names.get("AnswerPanel") == f"Answer: {words[0]}"
                assert names.get("answerName") == words[0]
                assert names.get("answerPercent") == answer[0].percent
            else:
                assert names.get("AnswerPanel") == f"Answer: {verdict['text']}"
                assert names.get("answerTitle")
                assert "answerPercent" not in names
            assert [node.name for node in nodes if node.id == "answerRow"] == words
            area = picture_area(nodes)
            with Image.open(picture) as file:
                self.assert_seen(area, ImageOps.exif_transpose(file).convert("RGB"))
            return nodes

        return eventually(look)

    def assert_seen(self, area: Place, wanted: Image.Image) -> None:
        """Compare what is on the screen with a picture."""
        screen = ImageGrab.grab(area, xdisplay=self.desktop.environment["DISPLAY"]).convert("RGB")
        seen = without_ground(screen)
        assert seen.width > 0.8 * screen.width or seen.height > 0.8 * screen.height
        assert seen.width / seen.height == pytest.approx(wanted.width / wanted.height, rel=0.02)
        small = [np.asarray(image.resize((48, 48)), float) for image in (seen, wanted)]
        assert np.abs(small[0] - small[1]).mean() < 3  # of 255; two flowers differ by 20 and more


def picture_area(nodes: Iterable[Node]) -> Place:
    """Return where the picture is, without the bar below it."""
    places = {node.id: node.place for node in nodes}
    left, top, right, bottom = places["PictureView"]
    bar = places.get("whySlider")
    return left, top, right, bar[1] - 6 if bar else bottom


def without_ground(screen: Image.Image) -> Image.Image:
    """Cut out the picture: the rows and columns filled well; those of its caption are not."""
    pixels = np.asarray(screen, int)
    drawn = np.abs(pixels - pixels[0, 0]).max(axis=2) > 12
    rows, columns = (np.flatnonzero(drawn.mean(axis=axis) > 0.3) for axis in (1, 0))
    assert rows.size and columns.size, "there is no picture"
    return screen.crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
