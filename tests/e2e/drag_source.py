"""Another program to drag from: ``drag_source.py FORMAT=FILE...`` offers what is in the files.

Like a file manager it would rather move than copy, and what was moved is gone. It prints which
action it is told of while over a target, and at the end.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget


class Source(QWidget):
    def __init__(self) -> None:
        super().__init__(windowTitle="Drag from here")
        self.setGeometry(1500, 800, 80, 80)  # SOURCE in conftest.py is its middle

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        mime = QMimeData()
        for offer in sys.argv[1:]:
            name, _, data = offer.partition("=")
            mime.setData(name, Path(data).read_bytes())
        files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.actionChanged.connect(lambda action: print("over", action.name, flush=True))
        actions = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction | Qt.DropAction.LinkAction
        action = drag.exec(actions, Qt.DropAction.MoveAction)
        if action is Qt.DropAction.MoveAction:
            for file in files:
                file.rename(file.with_name(f"{file.name} was moved away"))
        print("dropped", action.name, flush=True)


application = QApplication(sys.argv[:1])
source = Source()
source.show()
sys.exit(application.exec())
