"""Why it is called so: what in the picture speaks for a name, laid over it by a slider or a key."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import (
    QAction,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QPalette,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QSlider, QWidget

from florapp.core.prediction import MAPPED, Answer, Failure
from florapp.ui.answer_panel import AnswerPanel
from florapp.ui.candidate_widgets import Elided
from florapp.ui.messages import announce
from florapp.ui.picture_view import PictureView

_HELD = Qt.Key.Key_W
_HARDLY = 0.2  # a map that is nowhere stronger than this is hardly seen


class WhyBar(QWidget):
    """Stands below ``picture`` while its answer has maps; ``panel`` shows whose map is seen."""

    def __init__(
        self, window: QMainWindow, picture: PictureView, panel: AnswerPanel, action: QAction
    ) -> None:
        super().__init__()
        self._picture, self._panel, self._action = picture, panel, action
        self._answer: Answer | None = None
        self._chosen = 0  # its place among the candidates
        self._drawn: int | None = None  # whose map the picture has
        self._hardly = False
        self._held = False
        self._pressed = self._holding = 0  # the last key's place on the keyboard; that of W
        self._strength = 100  # per cent, when the action turns it on
        heading = QLabel(self.tr("Why?"))
        heading.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setMaximum(100)
        self._slider.setObjectName("whySlider")
        self._slider.setPageStep(25)
        self._slider.setMaximumWidth(180)
        self._slider.setAccessibleName(self.tr("Why: how strongly to show what speaks for it"))
        self._name = Elided()
        self._name.setObjectName("whyName")
        tip = self.tr(
            "What in the picture speaks for this name rather than the next ones: blue some, "
            "yellow much. Hold W to see it at once; Ctrl+1 to Ctrl+5 choose the name."
        )
        self.setToolTip(tip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 6, 0, 0)
        row.setSpacing(10)
        row.addWidget(heading)
        row.addWidget(self._slider, 2)
        row.addWidget(self._name, 3)
        picture.put_below(self)
        self.hide()
        action.setEnabled(False)

        self._slider.valueChanged.connect(self._slid)
        action.triggered.connect(lambda on: self._slider.setValue(self._strength if on else 0))
        panel.candidate_chosen.connect(self.choose)
        QShortcut(QKeySequence(_HELD), self, self._hold, autoRepeat=False)  # while it is seen
        for place in range(MAPPED):
            QShortcut(QKeySequence(f"Ctrl+{place + 1}"), self, partial(self.choose, place))
        window.installEventFilter(self)

    def show_answer(self, result: Answer | Failure | None) -> None:
        """Be there for an answer that has maps; another one begins with its best class."""
        answer = result if isinstance(result, Answer) and not result.flaw else None
        if answer is not None and answer.class_maps is None:
            answer = None
        if answer is not self._answer:
            self._answer, self._chosen, self._drawn = answer, 0, None
        self.setVisible(answer is not None)
        self._update()

    def choose(self, place: int) -> None:
        """Show what speaks for the candidate at ``place``; for that the map is turned on."""
        if place < self._maps():
            self._chosen = place
            if self._slider.value() == 0:
                self._slider.setValue(self._strength)
            self._update()
            announce(self._slider, self._slider.accessibleDescription())

    def _maps(self) -> int:
        maps = self._answer.class_maps if self._answer else None
        return 0 if maps is None else maps.shape[-1]

    def _slid(self, value: int) -> None:
        self._strength = value or self._strength
        self._action.setChecked(value > 0)
        self._update()

    def _hold(self) -> None:
        self._held, self._holding = True, self._pressed
        self._update()

    def _let_go(self) -> None:
        if self._held:
            self._held = False
            self._update()

    def _update(self) -> None:
        answer, strength = self._answer, 1.0 if self._held else self._slider.value() / 100
        seen = answer is not None and strength > 0
        self._panel.let_choose(self._maps(), self._chosen if seen else None)
        self._picture.blend(strength if seen else 0)
        if answer is None:
            return
        if seen and self._drawn != self._chosen:
            self._draw(answer)
        name = answer.candidates[self._chosen].label.name
        words = self.tr("{0}: hardly anything speaks for it") if self._hardly and seen else "{0}"
        self._name.setText(words.format(name))
        hardly = words.format(name) if self._hardly and seen else ""
        self._slider.setAccessibleDescription(
            hardly or self.tr("What in the picture speaks for {0}").format(name)
        )

    def _draw(self, answer: Answer) -> None:
        # Not before there is an answer: the window is painted before numpy and Pillow are there.
        from florapp.core.heatmap import colours, strengths
        from florapp.services.qimages import to_overlay

        assert answer.class_maps is not None
        strength = strengths(answer.class_maps, self._chosen)
        self._picture.show_map(to_overlay(colours(strength)), answer.placement.box)
        self._hardly = bool(strength.max() < _HARDLY)
        self._drawn = self._chosen

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802
        """See the key released wherever the keyboard is."""
        if isinstance(event, QKeyEvent) and not event.isAutoRepeat():
            # By its place: of two layouts the second one's W counts, and is released as another's.
            place = event.nativeScanCode()
            if event.type() == QEvent.Type.ShortcutOverride:
                self._pressed = place
            elif event.type() == QEvent.Type.KeyRelease and (
                event.key() == _HELD or (place and place == self._holding)
            ):
                self._let_go()
        elif event.type() == QEvent.Type.WindowDeactivate:  # it may be released elsewhere
            self._let_go()
        return False

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._action.setEnabled(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._action.setEnabled(False)
        self._let_go()
