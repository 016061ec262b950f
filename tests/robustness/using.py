"""The program's own start, without a screen, and a user who tries all its ways.

    python -m tests.robustness.using MODEL FOLDER ADDRESS

A picture is pasted, a web page's picture at ADDRESS is dropped and not fetched, FOLDER is dropped,
the program is started a second time with the first picture of FOLDER, and the answers are saved
beside FOLDER as answers.csv.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from florapp.ui.main_window import MainWindow
from tests.robustness.window import answered, asked_to_fetch, run, tell, wait
from tests.ui.hands import drop, mime_of


def _use(window: MainWindow) -> None:
    folder = Path(sys.argv[2])
    pictures = sorted(folder.iterdir())
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    window.actions_.paste.trigger()
    wait(lambda: answered(window, 1))

    page = QMimeData()
    page.setHtml(f'<p>A <b>rose</b> <img alt="" src="{sys.argv[3]}"></p>')
    drop(window, page)
    asked_to_fetch(window)

    drop(window, mime_of(folder))
    wait(lambda: answered(window, 1 + len(pictures)))

    with subprocess.Popen([sys.executable, "-m", "florapp", pictures[0]]) as second:
        wait(lambda: second.poll() is not None)
    assert second.returncode == 0, second.returncode
    wait(lambda: answered(window, 2 + len(pictures)))

    file = folder.parent / "answers.csv"
    QTimer.singleShot(0, lambda: _choose(file))
    window.actions_.save.trigger()
    wait(file.exists)
    tell(window)


def _choose(file: Path) -> None:
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QFileDialog)
    line = dialog.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(line, QLineEdit)
    line.setText(str(file))
    dialog.accept()


if __name__ == "__main__":
    run(sys.argv[1], [], _use)
