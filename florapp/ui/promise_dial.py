"""How careful the answers are to be: the promise that the flowers named together keep."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from florapp.core.conformal import PROMISE
from florapp.core.model_file import Calibration
from florapp.core.verdict import kept, promises
from florapp.ui.messages import announce


class PromiseDial(QWidget):
    """A slider over the promises that a model can keep."""

    changed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.promise = PROMISE
        self._promises: tuple[float, ...] = ()
        self._calibration: Calibration | None = None
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("promiseDial")
        self._slider.setPageStep(1)
        self._value = QLabel()
        title = QLabel(self.tr("Right in"))
        title.setBuddy(self._slider)
        for label in (title, self._value):
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        across = QHBoxLayout(self)
        across.setContentsMargins(18, 8, 18, 10)
        across.addWidget(title)
        across.addWidget(self._slider, 1)
        across.addWidget(self._value)
        self._slider.valueChanged.connect(self._turned)

    def set_promise(self, promise: float) -> None:
        """Start with ``promise``, as it was left the last time."""
        self.promise = promise
        self._show()

    def use(self, calibration: Calibration | None) -> None:
        """Offer what a model of this ``calibration`` can promise; hide where that is nothing."""
        self.setVisible(calibration is not None)
        if calibration != self._calibration:
            self._calibration = calibration
            self._promises = promises(calibration)
            self._show()

    def _show(self) -> None:
        if not self._promises or self._calibration is None:
            return
        promise, reach = kept(self._calibration, self.promise)
        self._slider.blockSignals(True)
        self._slider.setRange(0, len(self._promises) - 1)
        self._slider.setValue(self._promises.index(promise))
        self._slider.blockSignals(False)
        said = self.tr("{0} of 100").format(f"{promise * 100:g}")
        self._value.setText(said)
        words = (
            self.tr("Where it gives a name, the most probable alone is right for {0} pictures.")
            if reach == 0
            else self.tr("Where it gives names, the right one is among them for {0} pictures.")
        ).format(said)
        self.setToolTip(words)
        # With its value, which a screen reader would tell as its place.
        self._slider.setAccessibleName(self.tr("How careful the answers are: {0}").format(said))
        self._slider.setAccessibleDescription(words)

    def _turned(self, position: int) -> None:
        self.promise = self._promises[position]
        self._show()
        announce(self._slider, self._value.text())
        self.changed.emit(self.promise)
