"""What is dropped on the window and pasted into it: pictures of all kinds, and what is none."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

from florapp.core.drawing import draw
from tests.robustness.bombs import BOMBS, RENAMED
from tests.robustness.fuzz import damaged, seeds
from tests.ui.hands import mime_of

_KINDS = 9


class Offers:
    """Makes one after another, and of each kind one before the next round."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self._folder, self._dice = folder, dice
        self._pictures = list(_pictures(folder / "pictures", dice))
        self._due = [0]  # the web's comes first: a short run has it, too

    def mime(self) -> QMimeData:
        mime, dice = QMimeData(), self._dice
        self._due = self._due or dice.sample(range(_KINDS), _KINDS)
        match self._due.pop():
            case 0:  # nobody listens there
                mime.setUrls([QUrl(f"http://127.0.0.1:9/{n}.jpg") for n in range(3)])
            case 1:
                return mime_of(self._folder / "pictures", self._folder / "nowhere")
            case 2:
                image = QImage(dice.randrange(1, 500), 40, QImage.Format.Format_RGB32)
                image.fill(dice.randrange(1 << 24))
                mime.setImageData(image)
            case 3:
                mime.setData("application/octet-stream", dice.choice(self._pictures).read_bytes())
            case 4:
                mime.setText(str(dice.choice([self._folder / "red.png", "x" * 10_000, "\0", ""])))
            case 5:
                mime.setHtml("<img src='data:image/png;base64,aaaa'>" + "<b>" * 1000)
            case _:
                return mime_of(*dice.sample(self._pictures, dice.randrange(1, 5)))
        return mime


def _pictures(folder: Path, dice: random.Random) -> Iterator[Path]:
    """Pictures of all kinds, good and damaged, and a few bombs."""
    folder.mkdir()
    for colour in ("red", "green", "blue"):
        image = Image.new("RGB", (400, 300), colour)
        image.save(folder.parent / f"{colour}.png")
    contents = [content for kind in seeds().values() for content in kind]
    contents += [damaged(content, content, dice) for content in contents]
    for bomb in ("a GIF of 10,000 frames", "a JPEG whose EXIF leads back"):
        contents.append(BOMBS[bomb][0]())
    contents.append(RENAMED["a PDF"])
    for number, content in enumerate(contents):
        path = folder / f"{number}.jpg"
        path.write_bytes(content)
        yield path
    Image.fromarray(draw("rose", 3000, 2000)).save(folder / "large.jpg")
    yield folder / "large.jpg"
