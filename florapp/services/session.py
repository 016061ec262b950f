"""The user's work: the strip, the picture looked at, the model that answers. No widgets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from florapp.core.prediction import Answer, Failure
from florapp.core.source import Source, Stamp
from florapp.services.display import Display
from florapp.services.gather import Gather
from florapp.services.inference import Inference
from florapp.services.live import Live
from florapp.services.models import Models
from florapp.services.pictures import Entry, PictureList
from florapp.services.words import told

if TYPE_CHECKING:  # the window is painted before they are there
    from florapp.core.model_file import Card
    from florapp.core.network import Network

#: Milliseconds that the first picture of a drop has to itself. What reads the rest leaves little of
#: the machine to the window, which has the first answer to show just then.
_HEAD_START = 300


class Session(QObject):
    """What happens when pictures are added, looked at and removed, and when the model changes."""

    searched = Signal()  # for pictures, at paths that the user has just given
    added = Signal(int)  # the row of the first picture of a drop, to be looked at
    picture_ready = Signal(QImage)  # the picture looked at, for the screen
    picture_gone = Signal()  # the picture looked at cannot be read for the screen
    looked_at_changed = Signal()  # its answer or its plant's came, or another picture is looked at
    progress_changed = Signal()
    model_opened = Signal()
    model_refused = Signal(object, str)  # path, sentence

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pictures = PictureList(self)
        self.looked_at: Entry | None = None
        self.card: Card | None = None
        self.model_path: Path | None = None
        self.remark = ""  # why the model does not run on what else there is
        self.broken = False  # the model: it cannot be run
        self._network: Network | None = None
        self.opening = False  # a model, from open_model() until it is opened, refused or cancelled
        self.live = Live(self)  # names what the camera sees, by the same model
        self._inference = Inference(self)
        self._display = Display(self)
        self._gather = Gather(self)
        self._models = Models(self)
        self._seen: tuple[int, Stamp] = 0, ()  # key of the picture on the screen, and of which file
        self._again = False  # it is answered anew: once, where a file changes at every look
        self._longest = 0  # device pixels of the area that it is for
        self._held: list[Entry] = []  # what is asked after the moment of the first
        self._moment = QTimer(self, singleShot=True, interval=_HEAD_START)
        self._moment.timeout.connect(self._ask_held)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._look)
        self._gather.found.connect(self._add)
        self._gather.finished.connect(self._moved_on)
        self._inference.answered.connect(self._answered)
        self._inference.decoded.connect(self._decoded)
        self._inference.broken.connect(self._broken)
        self.live.broken.connect(self._refuse)
        self._display.ready.connect(self._displayed)
        self._display.failed.connect(self._not_displayed)
        self._models.opened.connect(self._use)
        self._models.refused.connect(self._refused)

    # ---------------------------------------------------------------- pictures

    def add_paths(self, paths: Iterable[Path]) -> None:
        """Add files, and the pictures in folders, as they are found; a model file is opened."""
        paths = list(paths)
        models = [path for path in paths if path.suffix.lower() == ".onnx"]
        if models:
            self.open_model(models[-1])
        if pictures := [path for path in paths if path not in models]:
            self.searched.emit()
            self._gather.start(pictures)
            self.progress_changed.emit()

    def add_sources(self, sources: Iterable[Source], first: bool = True) -> None:
        """Add pictures that came as data; ``first``: nothing of their drop came before them."""
        self._add(list(sources), first)

    def remove(self, rows: Iterable[int]) -> None:
        """Take pictures off the strip."""
        plant = self.looked_at.plant if self.looked_at is not None else ()
        self._inference.forget(entry.key for entry in self.pictures.remove(rows))
        if self.looked_at is not None and self.looked_at.plant != plant:
            self.looked_at_changed.emit()
        self._moved_on()

    def join(self, rows: Iterable[int]) -> None:
        """Answer pictures together from now on: they are of one plant."""
        self.pictures.join(rows)
        self.looked_at_changed.emit()

    def separate(self, rows: Iterable[int]) -> None:
        """Answer each of these pictures by itself again."""
        self.pictures.separate(rows)
        self.looked_at_changed.emit()

    def look_at(self, row: int, longest: int) -> None:
        """Look at the picture of ``row`` in an area of ``longest`` device pixels.

        Its answer comes before all others. A row that does not exist looks at nothing.
        """
        self.looked_at = self.pictures.entry(row)
        self._longest, self._again = longest, False
        self._soon.start()  # when the window is painted: those who read would leave it little time
        self.looked_at_changed.emit()

    def _look(self) -> None:
        entry = self.looked_at
        if entry is not None and entry.result is None:
            self._inference.prefer(entry.key, entry.source)
        self._read()

    def look_closer(self, longest: int) -> None:
        """Decode the picture looked at for an area of another size."""
        self._longest, self._again = longest, False
        self._read()

    def _read(self) -> None:
        if self.looked_at is not None:
            self._display.show(self.looked_at.key, self.looked_at.source, self._longest)

    def _add(self, items: list[Source | Failure], first: bool) -> None:
        row = len(self.pictures)
        entries = self.pictures.add(items)
        if entries and (first or self.looked_at is None):
            self.added.emit(row)
        self._ask(entries)
        self._moved_on()

    def _ask(self, entries: list[Entry]) -> None:
        """Let pictures be answered; in a moment, where the one looked at is among them."""
        self._held += entries
        if self._moment.isActive():
            return
        first = self.looked_at
        if first is not None and first.result is None and first in entries:
            self._moment.start()
        else:
            self._ask_held()

    def _ask_held(self) -> None:
        held, self._held = self._held, []
        there = (e for e in held if e.result is None and self.pictures.row_of(e.key) is not None)
        self._inference.ask((e.key, e.source) for e in there)

    # ----------------------------------------------------------------- answers

    @property
    def searching(self) -> bool:
        """Whether folders are still being searched."""
        return self._gather.busy

    @property
    def stopped(self) -> bool:
        """Whether pictures are left waiting: the user has stopped, or the model fails."""
        return self._inference.stopped

    def stop(self) -> None:
        """Stop searching folders and answering, until it goes on or nothing waits any more.

        The picture looked at is answered all the same.
        """
        self._gather.stop()
        self._inference.stop()
        self.progress_changed.emit()

    def go_on(self) -> None:
        """Answer the rest again."""
        self.broken = False
        self._inference.go_on()
        self.progress_changed.emit()

    def _answered(self, key: int, result: Answer | Failure) -> None:
        self.broken = self.broken and not isinstance(result, Answer)
        self.pictures.set_result(key, result)
        entry = self.looked_at
        if entry is not None and any(other.key == key for other in entry.plant or (entry,)):
            self.looked_at_changed.emit()
        self._moved_on()

    def _moved_on(self) -> None:
        if not self.searching and self.pictures.waiting == 0:  # what was stopped has ended
            self._inference.go_on()
        self.progress_changed.emit()

    def _decoded(self, key: int, thumbnail: bytes, written: Stamp) -> None:
        self.pictures.set_thumbnail(key, thumbnail, written)
        if self._seen[0] == key and self._seen[1] != written:
            self._read()  # its file has changed since

    def _displayed(self, key: int, image: QImage, written: Stamp) -> None:
        entry = self.looked_at
        if entry is None or entry.key != key:
            return
        self._seen = key, written
        self.picture_ready.emit(image)
        failed = isinstance(entry.result, Failure)
        if entry.result is not None and (failed or entry.written != written) and not self._again:
            self._again = True
            self.pictures.forget_answers([entry])  # it was about what the file held before
            self._inference.ask([(key, entry.source)])  # should it be left before it is read
            self._inference.prefer(key, entry.source)
            self.looked_at_changed.emit()
            self.progress_changed.emit()

    def _not_displayed(self, key: int) -> None:
        if self.looked_at is not None and self.looked_at.key == key:
            self.picture_gone.emit()

    # ------------------------------------------------------------------- model

    def open_model(self, path: Path | None) -> None:
        """Answer with another model file, once it has been opened and tried; None: the shipped."""
        self.opening = True
        self.progress_changed.emit()
        self._models.open(path)

    def cancel_opening(self) -> None:
        """Open no other model after all: the one in use, if there is one, stays."""
        self._models.cancel()
        self.opening = False
        self.progress_changed.emit()

    def _refused(self, path: Path | None, sentence: str) -> None:
        self.opening = False
        self.model_refused.emit(path, sentence)
        self.progress_changed.emit()

    def _use(self, network: Network, path: Path | None) -> None:
        self.opening = False
        if network is self._network:  # else all would be answered again, alike
            self.progress_changed.emit()
            return
        self._network, self.broken = network, False
        self.card, self.model_path = network.card, path
        self.remark = told(network.remark)
        self.pictures.forget_answers()
        self._inference.use(network)
        self.live.use(network)
        if self.looked_at is not None and self.looked_at.result is None:
            self._inference.prefer(self.looked_at.key, self.looked_at.source)
        self._held = []  # they are among these:
        self._ask([e for e in self.pictures if e.result is None])
        self.model_opened.emit()
        self.looked_at_changed.emit()
        self.progress_changed.emit()

    def _broken(self, sentence: str) -> None:
        self.broken = True
        self._models.forget()  # opened again, it is tried again
        self._refuse(sentence)

    def _refuse(self, sentence: str) -> None:
        self.model_refused.emit(self.model_path, sentence)
        self.progress_changed.emit()

    def close(self) -> None:
        """End everything that runs; nothing is waited for."""
        self._moment.stop()
        self._soon.stop()
        self._gather.close()
        self._inference.close()
        self.live.close()
        self._display.close()
